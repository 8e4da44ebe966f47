#include <banyan/observability/tracer.hpp>

#include <boost/lockfree/queue.hpp>

#include <algorithm>
#include <mutex>

namespace banyan {

namespace {

constexpr std::size_t most_waiting = 65'000;  // below the limit of a queue that allocates nothing

// At a boundary of UTF-8 characters.
std::string cut(std::string_view text) {
  auto size = std::min(text.size(), span_limits::text);
  if (size < text.size())
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return std::string{text.substr(0, size)};
}

}  // namespace

bool trace_sampling::samples(const trace_context& trace, bool has_parent) const noexcept {
  if (has_parent && follows_parent) return trace.sampled;
  if (ratio >= 1) return true;
  return ratio > 0 && static_cast<double>(trace.low >> 1) < ratio * 0x1p63;
}

namespace detail {

struct tracer_state {
  tracer_state(const banyan::clock& c, random_source* r) : clock{c}, random{r} {}
  ~tracer_state() {
    if (queue) queue->consume_all([](span* s) { delete s; });
  }

  random_source& numbers() const { return random ? *random : system_random(); }

  void push(std::unique_ptr<span> s) noexcept {
    // Counted first, so that `waiting` never falls below zero.
    const auto before = waiting.fetch_add(1, std::memory_order_relaxed);
    if (before >= options.capacity || !queue->bounded_push(s.get())) {
      waiting.fetch_sub(1, std::memory_order_relaxed);
      dropped.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    (void)s.release();
    recorded.fetch_add(1, std::memory_order_relaxed);
    if (options.batch_ready && (before + 1) % options.batch == 0) options.batch_ready();
  }

  const banyan::clock& clock;
  random_source* const random;
  std::once_flag begun;
  tracer_options options;                                 // like `queue`, written before `is_recording`
  std::unique_ptr<boost::lockfree::queue<span*>> queue;
  std::atomic<bool> is_recording{false};
  std::atomic<std::size_t> waiting{0};
  std::atomic<std::uint64_t> recorded{0}, dropped{0};
};

struct recorded_span {
  std::shared_ptr<tracer_state> owner;
  std::unique_ptr<span> what;
  monotonic begun;
  std::string traceparent;
};

void recorded_span_deleter::operator()(recorded_span* s) const noexcept {
  s->what->ended = s->what->begun + std::max(nanoseconds{}, s->owner->clock.steady() - s->begun);
  s->owner->push(std::move(s->what));
  delete s;
}

namespace {

span_scope make_scope(const std::shared_ptr<tracer_state>& owner, const trace_context& self, std::uint64_t parent,
                      span_kind kind, std::string_view name) {
  auto what = std::make_unique<span>();
  what->self = self;
  what->parent = parent;
  what->kind = kind;
  // Others' spans begin outside, or in what a journal has kept.
  what->parent_is_remote = parent != 0 && (kind == span_kind::server || kind == span_kind::consumer);
  what->name = cut(name);
  what->begun = owner->clock.now();
  return span_scope{new recorded_span{owner, std::move(what), owner->clock.steady(), to_string(self)}};
}

}  // namespace
}  // namespace detail

const std::string& span_scope::traceparent() const noexcept {
  static const std::string none;
  return record_ ? record_->traceparent : none;
}

span_scope& span_scope::event(std::string_view name) {
  if (!record_) return *this;
  auto& s = *record_->what;
  if (s.events.size() < span_limits::events)
    s.events.push_back({record_->owner->clock.now(), cut(name)});
  else
    ++s.dropped_events;
  return *this;
}

span_scope& span_scope::link(std::string_view traceparent) {
  const auto to = record_ ? parse_traceparent(traceparent) : std::nullopt;
  if (!to) return *this;
  auto& s = *record_->what;
  if (s.links.size() < span_limits::links)
    s.links.push_back(*to);
  else
    ++s.dropped_links;
  return *this;
}

span_scope& span_scope::rename(std::string_view name) {
  if (record_) record_->what->name = cut(name);
  return *this;
}

span_scope& span_scope::with_state(std::shared_ptr<const std::string> trace_state) {
  if (record_) record_->what->trace_state = std::move(trace_state);
  return *this;
}

void span_scope::end(span_status status, std::string_view message) {
  if (!record_) return;
  record_->what->status = status;
  if (status == span_status::error) record_->what->message = cut(message);
  record_.reset();
}

void span_scope::end(const error& why) {
  if (!record_) return;
  set("error.type", to_string(why.code));
  set("banyan.outcome", to_string(why.outcome));
  end(span_status::error, why.message);
}

void span_scope::add(std::string_view key, attribute_value value) {
  auto& s = *record_->what;
  if (s.attributes.size() < span_limits::attributes)
    s.attributes.push_back({cut(key), std::move(value)});
  else
    ++s.dropped_attributes;
}

attribute_value span_scope::text(std::string_view value) { return cut(value); }

tracer::tracer(const banyan::clock& clock, random_source* random)
    : state_{std::make_shared<detail::tracer_state>(clock, random)}, is_recording_{&state_->is_recording} {}

tracer::~tracer() { stop(); }

void tracer::record(tracer_options options) {
  std::call_once(state_->begun, [&] {
    options.batch = std::max<std::size_t>(1, options.batch);
    options.capacity = std::clamp<std::size_t>(options.capacity, 1, most_waiting);
    state_->queue = std::make_unique<boost::lockfree::queue<span*>>(options.capacity);
    state_->options = std::move(options);
    state_->is_recording.store(true, std::memory_order_release);
  });
}

void tracer::stop() noexcept { state_->is_recording.store(false, std::memory_order_relaxed); }

span_scope tracer::begin_recorded(std::string_view parent, span_kind kind, std::string_view name) {
  if (!state_->is_recording.load(std::memory_order_acquire)) return {};
  const auto above = parse_traceparent(parent);
  const auto& sampling = state_->options.sampling;
  if (above && !sampling.samples(*above, true)) return {};
  auto& own = state_->options.random;
  auto self = continue_trace(parent, own ? *own : state_->numbers());
  if (!above && !sampling.samples(self, false)) return {};
  self.sampled = true;
  return detail::make_scope(state_, self, above ? above->step : 0, kind, name);
}

tracer::entry tracer::enter(std::string_view parent, span_kind kind, std::string_view name) {
  auto self = continue_trace(parent, state_->numbers());
  if (!state_->is_recording.load(std::memory_order_acquire)) return {to_string(self), {}};
  const auto above = parse_traceparent(parent);
  self.sampled = state_->options.sampling.samples(self, above.has_value());
  if (!self.sampled) return {to_string(self), {}};
  return {to_string(self), detail::make_scope(state_, self, above ? above->step : 0, kind, name)};
}

std::vector<span> tracer::take(std::size_t most) {
  std::vector<span> taken;
  if (!state_->queue) return taken;
  span* next = nullptr;
  while (taken.size() < most && state_->queue->pop(next)) {
    state_->waiting.fetch_sub(1, std::memory_order_relaxed);
    const std::unique_ptr<span> owned{next};
    taken.push_back(std::move(*owned));
  }
  return taken;
}

std::size_t tracer::waiting() const noexcept { return state_->waiting.load(std::memory_order_relaxed); }

tracer_counters tracer::counters() const noexcept {
  return {state_->recorded.load(std::memory_order_relaxed), state_->dropped.load(std::memory_order_relaxed)};
}

}  // namespace banyan
