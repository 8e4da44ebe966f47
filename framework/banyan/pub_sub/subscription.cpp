#include <banyan/pub_sub/subscription.hpp>

#include <banyan/observability/log.hpp>
#include <banyan/pub_sub/topics.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

namespace {

constexpr std::size_t read_at_once = 500;

}  // namespace

behavior subscription::make_behavior() {
  return behavior{}
      .on<journal_moved>([this](const journal_moved&) {
        hinted_->store(false);
        if (following_)
          again_ = true;
        else
          self().run(follow());
      })
      .on<save_checkpoint>([this](const save_checkpoint&) {
        save_planned_ = false;
        if (window_) save_now_or_later();
      })
      .on<replay_dead_letter>([this](const replay_dead_letter& r) { return replay(r.at, r.event); })
      .on_message<reset_subscription>([this](message_ptr& m) { self().run(reset(std::move(m))); });
}

void subscription::started() {
  progress_->tell_trouble(port::handlers, {});  // set by an earlier incarnation
  watch_ = journal_.on_commit([to = self().me(), hinted = hinted_](position) {
    if (!hinted->exchange(true)) deliver(to, make_message<journal_moved>());
  });
  self().run(follow());
}

subscription::~subscription() {
  if (counts_) progress_->leave(ticket_, std::move(*counts_));
}

// Attempts in progress at an ordered end do not count against their events.
void subscription::asked_to_end(ending) {
  leaving_ = true;
  if (!resetting_ && counts_ && (counts_->is_any_under_way() || !replayed_.empty()))
    self().run(leave());
  else
    self().end();
}

task<void> subscription::leave() {
  for (auto at : counts_->spare()) to_store_.emplace_back(at, completion<done>{});
  auto last = self().wait_for<done>(port_limit, [&](completion<done> done) { to_store_.emplace_back(0, std::move(done)); });
  if (!saving_) self().run(save());
  co_await last;
  self().end();
}

task<void> subscription::follow() {
  if (refuses_) co_return;
  following_ = true;
  waits_for_capacity_ = true;
  if (!window_) co_await open();
  while (!refuses_ && window_->free_capacity() > 0 && counts_->free_capacity() > 0 && !leaving_) {
    again_ = false;
    auto limit = std::min({read_at_once, window_->free_capacity(), counts_->free_capacity()});
    const auto after = window_->last_read();
    auto ask_batch = [this, after, limit](completion<read_page> done) {
      read_all_request request{.after = after, .limit = limit};
      request.categories = categories_;
      journal_.read_all(std::move(request), std::move(done));
    };
    auto page = co_await retry_until_available<read_page>(port::journal, ask_batch);
    const auto last = std::max(page.looked_to, page.events.empty() ? after : page.events.back().position);
    if (last <= after) {
      if (again_) continue;
      waits_for_capacity_ = false;
      break;
    }
    progress_->head = std::max(progress_->head.load(), last);
    for (auto& e : page.events) {
      look_for_holes(e);
      if (!is_for(spec_, e)) continue;
      auto at = e.position;
      counts_->taken_up(at);
      auto ready = window_->add(at, e.stream);
      events_.emplace(at, std::move(e));
      if (ready) self().run(deliver_one(at));
    }
    window_->read_to(last);
    save_now_or_later();
  }
  following_ = false;
}

// Logs a gap in the journal once and goes on: whether the lost event was one to be delivered is unknown.
void subscription::look_for_holes(const recorded_event& e) {
  const auto hole = versions_->see(e);
  if (!hole) return;
  logger{spec_.group}.error("the journal has lost an event, which is not delivered", {{"topic", spec_.topic}, {"cause", hole->message}});
  versions_->accept(e);
}

void subscription::go_on() {
  const auto enough = std::min(read_at_once, max_taken_up()) / 4;
  if (waits_for_capacity_ && !following_ && std::min(window_->free_capacity(), counts_->free_capacity()) >= enough) self().run(follow());
}

answer_awaiter<done> subscription::stored(position at) {
  return self().wait_for<done>(as_long_as_it_takes, [&](completion<done> done) {
    to_store_.emplace_back(at, std::move(done));
    if (!saving_) self().run(save());
  });
}

bool subscription::has_to_save() const {
  if (!dead_.empty() || !to_store_.empty() || !cleared_.empty() || !replayed_.empty()) return true;
  const bool is_due = handled_ || self().steady() >= add_saturating(last_save_, between_passings);
  return is_due && window_->checkpoint() > saved_;
}

void subscription::save_now_or_later() {
  if (saving_) return;
  if (has_to_save()) return self().run(save());
  if (window_->checkpoint() <= saved_ || std::exchange(save_planned_, true)) return;
  self().after(between_passings, save_checkpoint{});
}

// One write at a time, so that checkpoints are written in order. What is acknowledged, counted or replayed meanwhile
// is collected for the next write.
task<void> subscription::save() {
  saving_ = true;
  while (!resetting_ && has_to_save()) {
    handled_ = false;
    delivery_change change{.checkpoint = window_->checkpoint(), .forgotten = std::exchange(cleared_, {})};
    const auto dead = std::exchange(dead_, {});
    for (const auto& d : dead) change.given_up.push_back(d.letter);
    auto counted = std::exchange(to_store_, {});
    for (const auto& [at, waits] : counted)
      if (counts_->is_known(at)) change.counted.push_back(counts_->row_of(at));
    auto replayed = std::exchange(replayed_, {});
    for (const auto& [r, waits] : replayed) {
      if (r.stays) {
        change.kept.push_back({r.which, r.attempts, *r.stays});
      } else {
        change.handled.push_back(r.which);
        // Otherwise the next start gives it up again, if the checkpoint is before it.
        change.forgotten.push_back(r.which.at);
      }
    }
    const auto began = self().steady();
    const auto stored = co_await commit_until_available(change);
    saved_ = stored.checkpoint;
    last_save_ = self().steady();
    last_write_ = last_save_ - began;
    counts_->saved(saved_);
    progress_->checkpoint = saved_;
    progress_->checkpoint.notify_all();
    if (stored.letters) progress_->update_dead_letters(*stored.letters);
    for (auto& d : dead)
      logger{spec_.group}
          .of(d.trace)
          .error("dead letter: the event is given up", {{"topic", spec_.topic},
                                                        {"stream", d.letter.stream},
                                                        {"position", d.letter.position},
                                                        {"attempts", d.letter.attempts},
                                                        {"cause", d.letter.reason}});
    for (auto& [r, waits] : replayed) {
      if (!r.stays) counts_->forget(r.which.at);
      waits(done{});
    }
    for (auto& [at, waits] : counted) waits(done{});
  }
  saving_ = false;
  if (!resetting_) save_now_or_later();
  go_on();
}

task<void> subscription::pause_before_retry(port which, const error& why, backoff& pauses) {
  // An ordered end and a reset wait for the write in progress, but not until a full disk has space.
  const bool is_awaited = leaving_ && saving_ && which == port::store;
  if (is_awaited || (!is_transient(why) && why.code != code::corrupt)) throw result_error{why};
  progress_->tell_trouble(which, to_string(why));
  if (pauses.failures() == 0)
    logger{spec_.group}.warning("the subscription waits for its surroundings and tries again", {{"topic", spec_.topic}, {"cause", why}});
  co_await self().sleep(pauses.next(self().steady(), self().random()));
}

task<delivery_store::committed> subscription::commit_until_available(const delivery_change& change) {
  auto ask_commit = [this, &change](completion<delivery_store::committed> done) {
    store_.commit(change, std::move(done));
  };
  co_return co_await retry_until_available<delivery_store::committed>(port::store, ask_commit);
}

answer_awaiter<journal_info> subscription::journal_state() {
  return self().wait_for<journal_info>(port_limit, [&](completion<journal_info> done) { journal_.info(std::move(done)); });
}

answer_awaiter<read_page> subscription::read_journal(position after, std::size_t limit) {
  return self().wait_for<read_page>(port_limit, [&](completion<read_page> done) {
    journal_.read_all({after, limit}, std::move(done));
  });
}

}  // namespace banyan
