#include <banyan/pub_sub/subscription.hpp>

#include <banyan/observability/log.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

namespace {

constexpr auto port_limit = std::chrono::seconds{30};
constexpr std::size_t read_at_once = 500;

template <class T>
T value_or_throw(result<T> r) {
  if (!r) throw result_error{r.error()};
  return std::move(*r);
}

void create_tables(view_writer& v) {
  v.execute(
      "CREATE TABLE IF NOT EXISTS dead_letters (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, type TEXT NOT NULL, payload TEXT NOT NULL, "
      "attempts INTEGER NOT NULL, reason TEXT NOT NULL)",
      {});
}

}  // namespace

behavior subscription::make_behavior() {
  return behavior{}.on<journal_moved>([this](const journal_moved&) {
    hinted_->store(false);
    if (following_)
      again_ = true;
    else
      self().run(follow());
  });
}

void subscription::started() {
  watch_ = journal_.on_commit([to = self().me(), hinted = hinted_](position) {
    if (!hinted->exchange(true)) deliver(to, make_letter<journal_moved>());
  });
  self().run(follow());
}

task<void> subscription::follow() {
  following_ = true;
  if (!window_) {
    auto info = value_or_throw(co_await self().wait_for<journal_info>(port_limit, [&](completion<journal_info> done) { journal_.info(std::move(done)); }));
    auto state = value_or_throw(co_await self().wait_for<view_store::state>(
        port_limit, [&](completion<view_store::state> done) { store_.open(info.incarnation, create_tables, std::move(done)); }));
    window_.emplace(state.checkpoint, static_cast<std::size_t>(spec_.max_in_flight) * 4);
    saved_ = state.checkpoint;
    progress_->checkpoint = state.checkpoint;
    progress_->head = info.head;
  }
  while (window_->room() > 0) {
    again_ = false;
    auto limit = std::min(read_at_once, window_->room());
    auto batch = value_or_throw(co_await self().wait_for<std::vector<recorded_event>>(
        port_limit, [&](completion<std::vector<recorded_event>> done) { journal_.read_all({window_->last_read(), limit}, std::move(done)); }));
    if (batch.empty()) {
      if (again_) continue;
      break;
    }
    auto last = batch.back().position;
    progress_->head = std::max(progress_->head.load(), last);
    for (auto& e : batch) {
      if (e.type != spec_.event_type) continue;
      auto at = e.position;
      auto ready = window_->add(at, e.stream);
      events_.emplace(at, std::move(e));
      if (ready) self().run(deliver_one(at));
    }
    window_->read_to(last);
    if (!saving_) self().run(save());
  }
  following_ = false;
}

task<void> subscription::deliver_one(position at) {
  const auto& e = events_.at(at);
  backoff wait{spec_.retry};
  for (int attempt = 1;; ++attempt) {
    auto context = std::make_shared<message_context>();
    context->trace = e.metadata.trace;
    context->correlation = e.metadata.correlation;
    context->causation = e.id;
    context->caller = e.metadata.actor;
    context->command = derive(e.id, 0, spec_.group);  // the same at every delivery of this event to this group
    self().set_context(std::move(context));
    result<done> handled = error{};
    try {
      handled = co_await spec_.handle(self(), scope_, e);
    } catch (const std::exception& x) {
      handled = error{code::internal, x.what(), outcome::unknown};
    }
    if (handled) break;
    if (attempt >= spec_.max_attempts || handled.error().code == code::corrupt) {
      progress_->dead.fetch_add(1);
      dead_.push_back({e, attempt, std::move(handled.error())});
      break;
    }
    progress_->retried.fetch_add(1);
    co_await self().sleep(wait.next(self().steady(), self().random()));
  }
  progress_->delivered.fetch_add(1);
  acknowledge(at);
}

void subscription::acknowledge(position at) {
  events_.erase(at);
  if (auto next = window_->acknowledge(at)) self().run(deliver_one(*next));
  if (!saving_) self().run(save());
  if (!following_ && window_->room() >= read_at_once / 4) self().run(follow());
}

// One write at a time; whatever was acknowledged meanwhile goes into the next.
task<void> subscription::save() {
  saving_ = true;
  while (window_->checkpoint() > saved_ || !dead_.empty()) {
    auto checkpoint = window_->checkpoint();
    auto dead = std::make_shared<std::vector<dead_letter>>(std::exchange(dead_, {}));
    saved_ = value_or_throw(co_await self().wait_for<position>(port_limit, [&](completion<position> done) {
      store_.write(
          [dead](view_writer& v) {
            for (auto& d : *dead)
              v.execute("INSERT OR REPLACE INTO dead_letters VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                        {d.event.position, d.event.stream, d.event.type, d.event.payload, std::int64_t{d.attempts}, to_string(d.reason)});
          },
          checkpoint, std::move(done));
    }));
    progress_->checkpoint = saved_;
    for (auto& d : *dead)
      logger{spec_.group}
          .of(d.event.metadata.trace)
          .error("dead letter: the event is given up", {{"topic", spec_.topic},
                                                        {"stream", d.event.stream},
                                                        {"position", d.event.position},
                                                        {"attempts", d.attempts},
                                                        {"cause", d.reason}});
  }
  saving_ = false;
}

}  // namespace banyan
