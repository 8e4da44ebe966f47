#include <banyan/cqrs/projection_actor.hpp>

#include <banyan/cqrs/applied_spans.hpp>
#include <banyan/cqrs/blocked_events.hpp>
#include <banyan/journal/category.hpp>
#include <banyan/journal/journal_rules.hpp>

#include <algorithm>
#include <span>

namespace banyan {

namespace {

constexpr auto port_limit = std::chrono::seconds{30};
constexpr std::size_t read_at_most = 10'000;  // events per read
constexpr std::size_t max_replays = 100;      // pending at once
// At most so often is a checkpoint stored that only passed events which do not concern the view: they would be passed
// again.
constexpr auto between_passings = std::chrono::milliseconds{100};
constexpr backoff_policy between_attempts{.first = std::chrono::milliseconds{50}};

}  // namespace

behavior projection_actor::make_behavior() {
  return behavior{}
      .on<journal_moved>([this](const journal_moved&) {
        hinted_->store(false);
        wake();
      })
      .on<time_is_up>([this](const time_is_up& t) {
        if (t.at != alarm_) return;  // an earlier alarm replaced it
        alarm_ = monotonic::max();
        answer_all(state_->expire(self().steady()));
        set_alarm();
      })
      .on<store_checkpoint>([this](const store_checkpoint&) {
        store_planned_ = false;
        wake();
      })
      .on<view_damaged>([this](const view_damaged&) {
        // A new actor begins by opening the view. While the view is not open the error has been handled before.
        if (auto trouble = store_.status().trouble; state_ && trouble) throw result_error{std::move(*trouble)};
      })
      .on_message<await_position>([this](message_ptr& l) { wait(std::move(l)); })
      .on_message<replay_parked>([this](message_ptr& l) {
        if (replays_.size() >= max_replays) return l->fail(error{code::exhausted, "too many replays of view " + spec_.view + " wait"});
        replays_.push_back(std::move(l));
        wake();
      });
}

void projection_actor::started() {
  // Nothing is known before the view is open: values of an earlier incarnation may be of another history or of a
  // deleted file.
  progress_->applied = -1;
  progress_->head = 0;
  // At most one hint is in flight: it is a wake-up, not a count. The head is stored here, because this does not wait
  // for the view's store.
  watch_ = journal_.on_commit([to = self().me(), hinted = hinted_, progress = progress_](position head) {
    progress->head_is_at_least(head);
    if (!hinted->exchange(true)) deliver(to, make_message<journal_moved>());
  });
  wake();
}

void projection_actor::wake() {
  again_ = true;
  if (!following_) self().run(follow());
}

task<void> projection_actor::follow() {
  following_ = true;
  if (!state_) co_await open();
  while (again_) {
    again_ = false;
    while (!replays_.empty()) {
      auto request = std::move(replays_.front());
      replays_.pop_front();
      co_await replay(std::move(request));
    }
    auto more = co_await advance();
    again_ = again_ || more;
  }
  following_ = false;
}

// Retries while a port is busy, full or closed; any other error is a crash, which reopens the view. That repairs a
// damaged view but not a damaged journal: at an event that the journal can not read, the view stops and retries from
// time to time.
template <class T, class Start>
task<T> projection_actor::retry_until_available(Start start, on_corrupt then) {
  backoff pauses{between_attempts};
  for (;;) {
    auto answer = co_await self().wait_for<T>(port_limit, start);
    if (answer) {
      progress_->tell_trouble({});
      co_return std::move(*answer);
    }
    const auto why = std::move(answer).error();
    const bool stands_still = then == on_corrupt::stand_still && why.code == code::corrupt;
    const bool reopens = why.reason == "view_damaged";
    if (!stands_still && (!is_transient(why) || reopens)) throw result_error{why};
    co_await pause_before_retry(why, pauses);
  }
}

task<void> projection_actor::open() {
  auto ask_info = [this](completion<journal_info> done) { journal_.info(std::move(done)); };
  auto info = co_await retry_until_available<journal_info>(ask_info, on_corrupt::stand_still);
  progress_->head_is_at_least(info.head);
  history_ends_ = info.head;
  auto ask_open = [this, &info](completion<view_store::state> done) {
    store_.open({info.history, info.head}, spec_.create, std::move(done));
  };
  auto stored = co_await retry_until_available<view_store::state>(ask_open, on_corrupt::crash);
  // Read first: a full disk must not prevent queries to an existing view.
  auto held = std::make_shared<std::optional<std::vector<blocked_event>>>();
  auto ask_held = [this, held](completion<position> done) {
    store_.read([held](view_reader& v) { *held = read_blocked_events(v); }, std::move(done));
  };
  co_await retry_until_available<position>(ask_held, on_corrupt::crash);
  if (!*held) {
    auto make_held = [this, at = stored.checkpoint, held](completion<position> done) {
      store_.write([held](view_writer& v) { *held = load_blocked_events(v); }, at, std::move(done));
    };
    co_await retry_until_available<position>(make_held, on_corrupt::crash);
  }

  if (stored.dropped)
    log_.warning("the view is built anew: it was of another history of the journal, of which an older copy was restored, or another one",
                 {{"position", stored.dropped->at}, {"head", info.head}});
  if (stored.checkpoint == 0) progress_->anew_to = info.head;
  state_.emplace(
      projection_progress::start{.history = info.history, .checkpoint = stored.checkpoint, .held = std::move(**held)},
      [this](const recorded_event& e) { return concerns(e); }, limits_);
  progress_->stalled = false;
  tell_parked();
  passed_ = stored.checkpoint;
  progress_->applied = stored.checkpoint;
  for (auto& l : std::exchange(early_, {})) wait(std::move(l));
}

task<bool> projection_actor::advance() {
  if (progress_->stalled.load()) co_return false;  // until a replay frees held events
  const auto limit = std::min(static_cast<std::size_t>(spec_.batch), read_at_most);
  auto ask_batch = [this, limit](completion<read_page> done) {
    read_all_request request{.after = passed_, .limit = limit};
    request.categories = categories_;
    journal_.read_all(std::move(request), std::move(done));
  };
  auto read = co_await retry_until_available<read_page>(ask_batch, on_corrupt::stand_still);
  const auto looked_to = std::max({passed_, read.looked_to, read.events.empty() ? 0 : read.events.back().position});
  const bool is_full = read.events.size() == limit;
  if (looked_to == passed_) {
    co_await store_passed();
    co_return false;
  }
  progress_->head_is_at_least(looked_to);
  const auto more = [&] { return is_full || looked_to < progress_->head.load(); };
  const auto after = state_->checkpoint();
  auto batch = std::make_shared<const events>(std::move(read.events));
  applied_spans spans{self().system().tracer(), spec_.view};
  for (;;) {
    auto plan = state_->plan(after, *batch).value();
    if (!plan.stalled) plan.checkpoint = looked_to;
    if (!plan.stalled && plan.apply.empty() && plan.hold.empty()) {
      passed_ = looked_to;
      co_await store_passed();
      co_return more();
    }
    if (plan.stalled && plan.checkpoint == after) {
      progress_->stalled = true;
      log_.error("no more events may be held: the view stands still until parked streams are replayed", {{"position", after}});
      co_return false;
    }
    spans.begin(*batch, plan, history_ends_);
    auto culprits = co_await store(batch, plan);
    if (culprits.empty()) {
      spans.stored(plan);
      committed(plan);
      co_return plan.stalled || more();
    }
    for (const auto& c : culprits) {
      const auto& e = (*batch)[c.at];
      if (!c.decodes)
        state_->park(e, c.why);
      else if (state_->failed(e, c.why) == projection_progress::next::retry)
        continue;
      spans.failed(c.at, c.why);
    }
  }
}

// Stores how far the journal was read without an event for the view: at once for a query that waits for it, and for a
// view that is not ready before.
task<void> projection_actor::store_passed() {
  const auto stored = state_->checkpoint();
  if (passed_ <= stored) co_return;
  const auto anew_to = progress_->anew_to.load();
  const bool makes_ready = stored < anew_to && passed_ >= anew_to;
  if (!makes_ready && state_->waiting() == 0 && self().steady() < add_saturating(last_store_, between_passings)) {
    if (!std::exchange(store_planned_, true)) self().after(between_passings, store_checkpoint{});
    co_return;
  }
  batch_plan plan;
  plan.checkpoint = passed_;
  const auto nothing = std::make_shared<const events>();
  const auto culprits = co_await store(nothing, plan);
  if (culprits.empty()) committed(plan);
}

// Batch by batch from the first held event on: a crash in between loses nothing that was applied.
task<void> projection_actor::replay(message_ptr request) {
  const auto& stream = request->as<replay_parked>().stream;
  replayed sum;
  while (auto first = state_->first_held(stream)) {
    const auto limit = std::min(static_cast<std::size_t>(spec_.batch), read_at_most);
    auto ask_batch = [this, &stream, from = first->version, limit](completion<events> done) {
      journal_.read_stream({stream, from, limit}, std::move(done));
    };
    events read;
    try {
      read = co_await retry_until_available<events>(ask_batch, on_corrupt::crash);
    } catch (const result_error& e) {
      if (e.get().code != code::corrupt) throw;
      progress_->tell_trouble({});  // the journal answers; only this stream is affected
      request->fail(e.get());
      co_return;
    }
    auto batch = std::make_shared<const events>(std::move(read));
    applied_spans spans{self().system().tracer(), spec_.view};
    auto end = batch->size();
    std::optional<error> refusal;  // error of the event at `end`
    for (;;) {
      auto plan = state_->plan_replay(stream, std::span{*batch}.first(end));
      if (!plan || (plan->apply.empty() && !refusal)) {
        request->fail(plan ? error{code::corrupt, "the journal has lost events of stream " + stream} : std::move(plan.error()));
        co_return;
      }
      if (refusal) plan->hold.push_back(held_because((*batch)[end], *refusal));
      spans.begin(*batch, *plan, 0);
      auto culprits = co_await store(batch, *plan);
      if (culprits.empty()) {
        spans.stored(*plan);
        committed(*plan);
        sum.events += static_cast<std::int64_t>(plan->apply.size());
        break;
      }
      end = culprits.front().at;
      spans.failed(end, culprits.front().why);
      refusal = std::move(culprits.front().why);
    }
    if (refusal) {
      refusal->message = "the event at position " + std::to_string((*batch)[end].position) + " of stream " + stream +
                         " can still not be applied (" + std::to_string(sum.events) + " before it were): " + refusal->message;
      refusal->reason = "parked";
      request->fail(std::move(*refusal));
      co_return;
    }
  }
  if (sum.events == 0) {
    request->fail({code::not_found, "stream " + stream + " is not parked in view " + spec_.view});
    co_return;
  }
  log_.info("parked stream replayed: it is free again", {{"stream", stream}, {"events", sum.events}});
  answer<replayed>(*request, sum);
}

// Empty result: it is stored.
task<std::vector<view_transaction::culprit>> projection_actor::store(std::shared_ptr<const events> batch, const batch_plan& plan) {
  backoff pauses{between_attempts};
  for (;;) {
    auto tried = std::make_shared<view_transaction>(spec_, batch, plan);
    auto ask_write = [this, &plan, tried](completion<position> done) {
      store_.write([tried](view_writer& v) { tried->run(v); }, plan.checkpoint, std::move(done));
    };
    auto stored = co_await self().wait_for<position>(port_limit, ask_write);
    if (stored || !is_transient(stored.error())) progress_->tell_trouble({});
    if (stored) co_return std::vector<view_transaction::culprit>{};
    const auto why = std::move(stored).error();
    if (why.outcome == outcome::unknown) throw result_error{why};  // perhaps stored: reopening the store tells
    if (is_transient(why)) {
      co_await pause_before_retry(why, pauses);
      continue;
    }
    auto culprits = tried->to_blame(why);
    if (culprits.empty()) throw result_error{why};
    co_return culprits;
  }
}

task<void> projection_actor::pause_before_retry(const error& why, backoff& pauses) {
  progress_->tell_trouble(to_string(why));
  if (pauses.failures() == 0) log_.warning("the view waits for its surroundings and tries again", {{"cause", why}});
  co_await self().sleep(pauses.next(self().steady(), self().random()));
}

void projection_actor::committed(const batch_plan& plan) {
  auto released = state_->committed(plan);
  for (const auto& e : plan.hold) {
    if (!e.reason.empty())
      log_.error("stream parked: the view goes on without its events",
                 {{"stream", e.stream}, {"position", e.position}, {"cause", e.reason}});
  }
  if (!plan.unhold.empty()) progress_->stalled = false;
  if (!plan.hold.empty() || !plan.unhold.empty()) tell_parked();
  last_store_ = self().steady();
  passed_ = std::max(passed_, state_->checkpoint());
  progress_->applied = state_->checkpoint();
  progress_->head_is_at_least(state_->checkpoint());
  answer_all(released);
}

void projection_actor::tell_parked() { progress_->tell_parked(state_->parked(), state_->held()); }

std::vector<std::string> projection_actor::categories_of(const projection_spec& spec) {
  if (spec.of.size() > journal_limits::filter) return {};
  return spec.of;
}

bool projection_actor::concerns(const recorded_event& e) const {
  return std::ranges::find(spec_.event_types, e.type) != spec_.event_types.end() &&
         std::ranges::find(spec_.of, category_of(e.stream)) != spec_.of.end();
}

void projection_actor::wait(message_ptr query) {
  if (!state_) {
    if (early_.size() < limits_.waiting)
      early_.push_back(std::move(query));
    else
      query->fail(error{code::exhausted, "too many queries wait for view " + spec_.view}.after(std::chrono::milliseconds{100}));
    return;
  }
  auto told = state_->wait_for(++last_ticket_, query->as<await_position>().at, self().steady(), query->deadline);
  if (!told) return query->fail(std::move(told.error()));
  if (*told) return answer<freshness>(*query, **told);
  waiting_.emplace(last_ticket_, std::move(query));
  set_alarm();
  if (passed_ > state_->checkpoint()) wake();
}

void projection_actor::answer_all(const std::vector<fresh_queries::released>& released) {
  for (const auto& r : released) {
    const auto query = waiting_.find(r.query);
    answer<freshness>(*query->second, r.answer);
    waiting_.erase(query);
  }
}

void projection_actor::set_alarm() {
  const auto next = state_->next_deadline();
  if (!next || *next >= alarm_) return;
  alarm_ = *next;
  self().after(std::max(nanoseconds{}, *next - self().steady()), time_is_up{alarm_});
}

}  // namespace banyan
