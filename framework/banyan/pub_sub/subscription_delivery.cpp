// The delivery of one event by a subscription, until it is acknowledged or given up.
#include <banyan/pub_sub/subscription.hpp>

#include <banyan/actor/control.hpp>
#include <banyan/actor/system.hpp>
#include <banyan/journal/journal_rules.hpp>
#include <banyan/observability/log.hpp>

#include <utility>

namespace banyan {

namespace {

std::string times(int n) { return std::to_string(n) + (n == 1 ? " time: " : " times: "); }

// The handler's error, answered or thrown (an error that it had received); none for any other ending.
std::optional<error> error_of(const bounded_attempt::ending& ended) {
  if (ended.answer && !*ended.answer) return ended.answer->error();
  if (!ended.thrown) return std::nullopt;
  try {
    std::rethrow_exception(ended.thrown);
  } catch (const result_error& e) {
    return e.get();
  } catch (...) {
    return std::nullopt;
  }
}

}  // namespace

task<void> subscription::deliver_one(position at) {
  const auto& e = events_.at(at);
  backoff wait{spec_.retry};
  for (;;) {
    if (leaving_) co_return;
    const auto mode = counts_->mode_for(at);
    if (mode == delivery_mode::given_up) {
      give_up(e);
      break;
    }
    stay in;
    if (mode == delivery_mode::quarantined) co_await quarantine(at, in);
    co_await take_slot();
    if (leaving_) co_return;
    counts_->begins(at, in.alone ? self().steady() - in.since + 2 * last_write_ : nanoseconds{});
    if (in.alone) self().run(mark_life(at, in.since, ++lane_turn_));
    if (mode != delivery_mode::direct) (co_await stored(at)).value();
    const bool is_handled = co_await attempt(e);
    if (in.alone) ++lane_turn_;
    leave_slot();
    if (is_handled) break;
    if (counts_->is_given_up(at)) continue;
    if (counts_->is_known(at)) (co_await stored(at)).value();
    in = {};
    progress_->retried.fetch_add(1);
    co_await self().sleep(wait.next(self().steady(), self().random()));
  }
  progress_->delivered.fetch_add(1);
  acknowledge(at);
}

// Acquires the lane for a quarantined event; on trial, at its drawn instant.
task<void> subscription::quarantine(position at, stay& in) {
  in.since = self().steady();
  if (counts_->is_on_trial(at)) {
    co_await self().sleep(trial_order(self().random()));
    while (!(in.turn = quarantine_lane::try_begin_trial(lane_))) co_await self().sleep(poll_interval);
    const auto wait = counts_->draws(at, self().random()).value_or(nanoseconds{});
    (co_await stored(at)).value();
    in.since = self().steady() + wait;
    co_await self().sleep(wait);
  }
  while (!(in.alone = quarantine_lane::try_acquire(lane_))) co_await self().sleep(poll_interval);
}

// A random delay, so that an event whose attempt outlasts processes is not always the first.
nanoseconds subscription::trial_order(random_source& random) const {
  const auto longest = static_cast<std::uint64_t>(trial_.first_wait.count()) / 20;
  return nanoseconds{static_cast<std::int64_t>(random.next() % (longest + 1))};
}

// Stores the lifetime of a quarantined attempt at marks, so that the next process knows when this one died.
task<void> subscription::mark_life(position at, monotonic since, std::uint64_t turn) {
  for (;;) {
    const auto lived = self().steady() - since;
    const auto next = death_evidence::next_mark(lived);
    co_await self().sleep(next - lived);
    if (turn != lane_turn_ || leaving_ || !counts_->is_under_way(at)) co_return;
    counts_->lives(at, self().steady() - since);
    (co_await stored(at)).value();
  }
}

task<bool> subscription::attempt(const recorded_event& e) {
  auto span = begin_span(e);
  bounded_attempt under_way{self(), context_of(e, span), spec_.handle_within, spec_.handle(self(), scope_, e)};
  const auto ended = co_await under_way;
  end_span(span, ended);
  const auto excuse = excuse_for(ended);
  if (excuse) {
    hold_up(e.position, *excuse);
    co_return false;
  }
  no_longer_held_up(e.position);
  if (ended.is_late) {
    counts_->refused(e.position, "not handled within " + to_string(spec_.handle_within));
  } else if (ended.thrown) {
    counts_->crashed(e.position, detail::what_was_thrown(ended.thrown));
  } else if (!*ended.answer) {
    const auto& refusal = ended.answer->error();
    if (refusal.reason == undecodable)
      counts_->refused_for_good(e.position, to_string(error{refusal.code, refusal.message, refusal.outcome}));
    else
      counts_->refused(e.position, to_string(refusal));
  } else {
    co_return true;
  }
  co_return false;
}

// The journal's error, when an attempt failed because the journal could not store what the handler asked for, or
// reports that it can store nothing now: such a failure is not counted. None: the event was handled, or the failure is
// the handler's own.
std::optional<error> subscription::excuse_for(const bounded_attempt::ending& ended) const {
  if (ended.answer && *ended.answer) return std::nullopt;
  if (auto trouble = journal_.status().trouble) return trouble;
  auto failure = error_of(ended);
  return failure && is_about_journal(*failure) ? failure : std::nullopt;
}

void subscription::hold_up(position at, const error& why) {
  counts_->excused(at);
  const bool is_first = held_up_.empty();
  held_up_.insert(at);
  progress_->tell_trouble(port::handlers, "what its handlers ask for can not be stored: " + to_string(why));
  if (is_first && held_up_log_.admit({}, self().steady()))
    logger{spec_.group}.warning("events are tried again, uncounted, until the journal stores what their handlers ask for",
                                {{"topic", spec_.topic}, {"cause", why}});
}

void subscription::no_longer_held_up(position at) {
  if (held_up_.erase(at) > 0 && held_up_.empty()) progress_->tell_trouble(port::handlers, {});
}

// A child of the span that stored the event.
span_scope subscription::begin_span(const recorded_event& e) const {
  auto& tracer = self().system().tracer();
  if (!tracer.is_recording()) return {};
  auto span = tracer.begin(e.metadata.trace, span_kind::consumer, "process " + spec_.topic);
  span.set("messaging.system", "banyan").set("messaging.operation.type", "process");
  span.set("messaging.destination.name", spec_.topic).set("messaging.consumer.group.name", spec_.group);
  span.set("messaging.message.id", to_string(e.id)).set("banyan.stream", e.stream).set("banyan.position", e.position);
  return span;
}

void subscription::end_span(span_scope& span, const bounded_attempt::ending& ended) {
  if (ended.is_late) return span.end(error{code::deadline_exceeded, "not handled in time", outcome::unknown});
  if (ended.thrown) return span.end(error{code::internal, "an exception", outcome::unknown});
  if (ended.answer && !*ended.answer) return span.end(ended.answer->error());
  span.end();
}

context_ptr subscription::context_of(const recorded_event& e, const span_scope& span) const {
  auto context = std::make_shared<message_context>();
  context->trace = span.is_recorded() ? span.traceparent() : e.metadata.trace;
  context->correlation = e.metadata.correlation;
  context->causation = e.id;
  context->caller = e.metadata.actor;
  context->command = derive(e.id, 0, spec_.group);  // the same for every delivery of this event to this group
  return context;
}

// Limits running handlers to max_in_flight; the others start in the order of arrival.
task<void> subscription::take_slot() {
  if (running_ < spec_.max_in_flight)
    ++running_;
  else
    co_await self().wait_for<done>(as_long_as_it_takes, [&](completion<done> next) { slots_.push_back(std::move(next)); });
}

void subscription::leave_slot() {
  if (slots_.empty()) {
    --running_;
    return;
  }
  auto next = std::move(slots_.front());
  slots_.pop_front();
  next(done{});
}

void subscription::give_up(const recorded_event& e) {
  const auto counts = counts_->row_of(e.position);
  progress_->dead.fetch_add(1);
  auto reason = counts.cause;
  if (counts_->is_poison(e.position)) {
    progress_->poison.fetch_add(1);
    reason = counts.crashes >= spec_.max_crashes ? "poison: crashed its handler " + times(counts.crashes) + reason
                                                 : "poison: ended its process " + times(counts.deaths) + reason;
  }
  // Remains given up if the process ends before the checkpoint has passed it.
  to_store_.emplace_back(e.position, completion<done>{});
  const auto attempts = counts.refusals + counts.crashes + counts.deaths;
  dead_letter letter{e.position, to_string(e.id), e.stream, e.type, e.payload, attempts, std::move(reason)};
  dead_.push_back({std::move(letter), e.metadata.trace});
}

void subscription::acknowledge(position at) {
  if (counts_->is_known(at) && !counts_->is_given_up(at)) {
    counts_->forget(at);
    cleared_.push_back(at);
  }
  events_.erase(at);
  handled_ = true;
  if (auto next = window_->acknowledge(at)) self().run(deliver_one(*next));
  save_now_or_later();
  go_on();
}

}  // namespace banyan
