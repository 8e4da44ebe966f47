#include <banyan/topic/listener.hpp>

#include <banyan/actor/control.hpp>
#include <banyan/actor/system.hpp>
#include <banyan/observability/log.hpp>

#include <string>
#include <utility>

namespace banyan {

namespace {

constexpr int most_at_once = 64;  // then other actors have their turn

metric_labels labels_of(const listener_spec& s) { return {{"topic", s.topic}, {"listener", s.listener}}; }

counter events(metrics_registry& m, const listener_spec& s, const char* result) {
  auto labels = labels_of(s);
  labels.emplace_back("result", result);
  return m.counter("banyan_listener_events_total", "Events of listeners, by what became of them.", std::move(labels));
}

// Counts an event whose handler ends with its actor.
class counted_if_interrupted {
 public:
  explicit counted_if_interrupted(const counter& c) : counter_{c} {}
  ~counted_if_interrupted() {
    if (!has_ended_) counter_.add();
  }
  counted_if_interrupted(const counted_if_interrupted&) = delete;
  counted_if_interrupted& operator=(const counted_if_interrupted&) = delete;
  void end() { has_ended_ = true; }

 private:
  const counter& counter_;
  bool has_ended_ = false;
};

// Of the handler's failure; nothing: the event is handled.
std::optional<error> failure_of(const bounded_attempt::ending& ended) {
  if (ended.is_late) return error{code::deadline_exceeded, "not handled in time", outcome::unknown};
  if (ended.thrown) return error{code::internal, detail::what_was_thrown(ended.thrown), outcome::unknown};
  if (ended.answer && !*ended.answer) return ended.answer->error();
  return std::nullopt;
}

}  // namespace

running_listener::running_listener(const listener_spec& s, metrics_registry& metrics)
    : spec{s},
      queue{static_cast<std::size_t>(s.queue)},
      handled{events(metrics, s, "handled")},
      failed{events(metrics, s, "failed")},
      threw{events(metrics, s, "threw")},
      late{events(metrics, s, "late")},
      interrupted{events(metrics, s, "interrupted")} {}

void add_readiness(const running_listener& l, std::vector<health_line>& out) {
  const auto now = l.queue.count();
  if (now.is_stalled)
    out.push_back({"listener " + l.spec.listener + " to " + l.spec.topic, health_state::degraded,
                   "is behind: " + std::to_string(now.waiting) + " events wait, " + std::to_string(now.dropped) +
                       " were dropped since the node began"});
}

void count(const std::shared_ptr<running_listener>& l, metrics_registry& m) {
  m.before_reading(
      [l, dropped = events(m, l->spec, "dropped"),
       waiting = m.gauge("banyan_listener_waiting", "Events that wait for a listener.", labels_of(l->spec))] {
        const auto now = l->queue.count();
        dropped.raise_to(now.dropped);
        waiting.set(static_cast<double>(now.waiting));
      });
}

behavior listener::make_behavior() {
  return behavior{}.on<events_wait>([this](const events_wait&) { take_up(); });
}

void listener::started() {
  turn_ = of_->queue.take_over();
  of_->reader.set(self().me());
  take_up();
}

void listener::take_up() {
  if (!is_busy_) self().run(handle_waiting());
}

task<void> listener::handle_waiting() {
  is_busy_ = true;
  int handled = 0;
  const auto& spec = of_->spec;
  for (shared_event next; (next = of_->queue.take(turn_));) {
    auto entered = self().system().tracer().enter({}, span_kind::consumer, "process " + spec.topic);
    auto& span = entered.span;
    span.set("messaging.system", "banyan").set("messaging.operation.type", "process");
    span.set("messaging.destination.name", spec.topic).set("messaging.consumer.group.name", spec.listener);
    auto context = std::make_shared<message_context>();
    context->trace = entered.traceparent;
    counted_if_interrupted watch{of_->interrupted};
    bounded_attempt under_way{self(), std::move(context), spec.handle_within, spec.handle(self(), scope_, next)};
    const auto ended = co_await under_way;
    watch.end();
    if (const auto why = failure_of(ended))
      span.end(*why);
    else
      span.end();
    settle(ended, entered.traceparent);
    if (++handled == most_at_once) {
      self().send(self().me(), events_wait{});
      break;
    }
  }
  is_busy_ = false;
}

void listener::settle(const bounded_attempt::ending& ended, const std::string& trace) {
  const auto why = failure_of(ended);
  if (!why) return of_->handled.add();
  (ended.is_late ? of_->late : ended.thrown ? of_->threw : of_->failed).add();
  const logger log{scope_.service};
  if (const auto held_back = of_->log_lines.admit("failed", self().steady()))
    log.of(trace).warning(
        "a listener's handler failed, and its event is given up",
        {{"topic", of_->spec.topic}, {"listener", of_->spec.listener}, {"cause", *why}, {"held_back", *held_back}});
}

}  // namespace banyan
