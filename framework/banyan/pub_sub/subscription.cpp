#include <banyan/pub_sub/subscription.hpp>

#include <banyan/actor/control.hpp>
#include <banyan/observability/log.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

namespace {

constexpr auto port_limit = std::chrono::seconds{30};
constexpr auto lane_look = std::chrono::milliseconds{20};
constexpr std::size_t read_at_once = 500;

std::size_t in_window(const subscription_spec& spec) { return static_cast<std::size_t>(spec.max_in_flight) * 4; }

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
  v.execute(
      "CREATE TABLE IF NOT EXISTS deliveries (position INTEGER PRIMARY KEY, refusals INTEGER NOT NULL, crashes INTEGER NOT NULL, "
      "under_way INTEGER NOT NULL, cause TEXT NOT NULL)",
      {});
}

std::vector<delivery_counts::row> read_counts(view_reader& v, position after) {
  std::vector<delivery_counts::row> all;
  for (auto& r : v.rows("SELECT position, refusals, crashes, under_way, cause FROM deliveries WHERE position > ?1", {after}))
    all.push_back({.at = std::get<std::int64_t>(r[0]),
                   .refusals = static_cast<int>(std::get<std::int64_t>(r[1])),
                   .crashes = static_cast<int>(std::get<std::int64_t>(r[2])),
                   .under_way = std::get<std::int64_t>(r[3]) != 0,
                   .cause = std::get<std::string>(r[4])});
  return all;
}

void store_counts(view_writer& v, const delivery_counts::row& r) {
  v.execute("INSERT OR REPLACE INTO deliveries VALUES (?1, ?2, ?3, ?4, ?5)",
            {r.at, std::int64_t{r.refusals}, std::int64_t{r.crashes}, std::int64_t{r.under_way}, r.cause});
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

subscription::~subscription() {
  if (counts_) progress_->leave(ticket_, std::move(*counts_));
}

// Nobody is to be blamed for an ordered end.
void subscription::asked_to_end(ending) {
  leaving_ = true;
  if (counts_ && counts_->is_any_under_way())
    self().run(leave());
  else
    self().end();
}

task<void> subscription::leave() {
  for (auto at : counts_->spare()) to_store_.emplace_back(at, completion<done>{});
  auto last = self().wait_for<done>(port_limit, [&](completion<done> done) { to_store_.back().second = std::move(done); });
  if (!saving_) self().run(save());
  co_await last;
  self().end();
}

task<void> subscription::follow() {
  following_ = true;
  waits_for_room_ = true;
  if (!window_) co_await open();
  while (window_->room() > 0 && counts_->room() > 0 && !leaving_) {
    again_ = false;
    auto limit = std::min({read_at_once, window_->room(), counts_->room()});
    auto batch = value_or_throw(co_await self().wait_for<std::vector<recorded_event>>(
        port_limit, [&](completion<std::vector<recorded_event>> done) { journal_.read_all({window_->last_read(), limit}, std::move(done)); }));
    if (batch.empty()) {
      if (again_) continue;
      waits_for_room_ = false;
      break;
    }
    auto last = batch.back().position;
    progress_->head = std::max(progress_->head.load(), last);
    for (auto& e : batch) {
      look_for_holes(e);
      if (e.type != spec_.event_type) continue;
      auto at = e.position;
      counts_->taken_up(at);
      auto ready = window_->add(at, e.stream);
      events_.emplace(at, std::move(e));
      if (ready) self().run(deliver_one(at));
    }
    window_->read_to(last);
    if (!saving_) self().run(save());
  }
  following_ = false;
}

task<void> subscription::open() {
  auto info = value_or_throw(co_await self().wait_for<journal_info>(port_limit, [&](completion<journal_info> done) { journal_.info(std::move(done)); }));
  auto state = value_or_throw(co_await self().wait_for<view_store::state>(
      port_limit, [&](completion<view_store::state> done) { store_.open(info.incarnation, create_tables, std::move(done)); }));
  const delivery_counts::limits limits{spec_.max_attempts, spec_.max_crashes, in_window(spec_) * 4};
  counts_ = progress_->take_over(ticket_);
  if (counts_) {
    counts_->begin_again(state.checkpoint);
  } else {
    auto rows = std::make_shared<std::vector<delivery_counts::row>>();
    value_or_throw(co_await self().wait_for<position>(port_limit, [&](completion<position> done) {
      store_.write(
          [rows, after = state.checkpoint](view_writer& v) {
            create_tables(v);  // the store may be from before there were counts
            *rows = read_counts(v, after);
          },
          state.checkpoint, std::move(done));
    }));
    counts_.emplace(limits, state.checkpoint);
    counts_->begin(*rows);
  }
  window_.emplace(state.checkpoint, in_window(spec_));
  versions_.emplace(state.checkpoint == 0);
  saved_ = state.checkpoint;
  progress_->checkpoint = state.checkpoint;
  progress_->head = info.head;
}

task<void> subscription::deliver_one(position at) {
  const auto& e = events_.at(at);
  backoff wait{spec_.retry};
  for (;;) {
    const auto care = counts_->care_for(at);
    if (care == delivery_care::not_at_all) {
      give_up(e);
      break;
    }
    suspect_lane::place alone;
    while (care == delivery_care::alone && !(alone = suspect_lane::try_enter(lane_))) co_await self().sleep(lane_look);
    if (leaving_) co_return;
    counts_->begins(at);
    if (care != delivery_care::none) value_or_throw(co_await stored(at));
    if (co_await attempt(e)) break;
    if (counts_->is_given_up(at)) continue;
    value_or_throw(co_await stored(at));
    alone = {};
    progress_->retried.fetch_add(1);
    co_await self().sleep(wait.next(self().steady(), self().random()));
  }
  progress_->delivered.fetch_add(1);
  acknowledge(at);
}

task<bool> subscription::attempt(const recorded_event& e) {
  auto context = std::make_shared<message_context>();
  context->trace = e.metadata.trace;
  context->correlation = e.metadata.correlation;
  context->causation = e.id;
  context->caller = e.metadata.actor;
  context->command = derive(e.id, 0, spec_.group);  // the same at every delivery of this event to this group
  self().set_context(std::move(context));
  try {
    auto handled = co_await spec_.handle(self(), scope_, e);
    if (handled) co_return true;
    if (handled.error().code == code::corrupt)
      counts_->refused_for_good(e.position, to_string(handled.error()));
    else
      counts_->refused(e.position, to_string(handled.error()));
  } catch (...) {
    counts_->crashed(e.position, detail::what_was_thrown());
  }
  co_return false;
}

answer_awaiter<done> subscription::stored(position at) {
  return self().wait_for<done>(port_limit, [&](completion<done> done) {
    to_store_.emplace_back(at, std::move(done));
    if (!saving_) self().run(save());
  });
}

void subscription::give_up(const recorded_event& e) {
  const auto counts = counts_->row_of(e.position);
  progress_->dead.fetch_add(1);
  auto reason = counts.cause;
  if (counts_->is_poison(e.position)) {
    progress_->poison.fetch_add(1);
    reason = "poison: crashed its handler " + std::to_string(counts.crashes) + (counts.crashes == 1 ? " time: " : " times: ") + reason;
  }
  to_store_.emplace_back(e.position, completion<done>{});  // it stays given up, should the process end before the checkpoint is beyond it
  dead_.push_back({e, counts.refusals + counts.crashes, std::move(reason)});
}

// Nobody knows whether a lost event was one to be delivered. It is told once; the others are delivered all the same.
void subscription::look_for_holes(const recorded_event& e) {
  const auto hole = versions_->see(e);
  if (!hole) return;
  logger{spec_.group}.error("the journal has lost an event, which is not delivered", {{"topic", spec_.topic}, {"cause", hole->message}});
  versions_->accept(e);
}

void subscription::acknowledge(position at) {
  if (counts_->is_known(at) && !counts_->is_given_up(at)) {
    counts_->forget(at);
    cleared_.push_back(at);
  }
  events_.erase(at);
  if (auto next = window_->acknowledge(at)) self().run(deliver_one(*next));
  if (!saving_) self().run(save());
  go_on();
}

void subscription::go_on() {
  const auto enough = std::min(read_at_once, in_window(spec_)) / 4;
  if (waits_for_room_ && !following_ && std::min(window_->room(), counts_->room()) >= enough) self().run(follow());
}

// One write at a time; whatever was acknowledged or counted meanwhile goes into the next.
task<void> subscription::save() {
  saving_ = true;
  while (window_->checkpoint() > saved_ || !dead_.empty() || !to_store_.empty() || !cleared_.empty()) {
    auto checkpoint = window_->checkpoint();
    auto dead = std::make_shared<std::vector<dead_letter>>(std::exchange(dead_, {}));
    auto counted = std::exchange(to_store_, {});
    auto rows = std::make_shared<std::vector<delivery_counts::row>>();
    for (auto& [at, waits] : counted) rows->push_back(counts_->row_of(at));
    const bool sweeps = counts_->knows_any_to(checkpoint);
    auto cleared = std::make_shared<std::vector<position>>(std::exchange(cleared_, {}));
    saved_ = value_or_throw(co_await self().wait_for<position>(port_limit, [&](completion<position> done) {
      store_.write(
          [dead, rows, cleared, checkpoint, sweeps](view_writer& v) {
            for (auto& d : *dead)
              v.execute("INSERT OR REPLACE INTO dead_letters VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                        {d.event.position, d.event.stream, d.event.type, d.event.payload, std::int64_t{d.attempts}, d.reason});
            for (auto& r : *rows) store_counts(v, r);
            for (auto at : *cleared) v.execute("DELETE FROM deliveries WHERE position = ?1", {at});
            if (sweeps) v.execute("DELETE FROM deliveries WHERE position <= ?1", {checkpoint});
          },
          checkpoint, std::move(done));
    }));
    counts_->saved(saved_);
    progress_->checkpoint = saved_;
    for (auto& d : *dead)
      logger{spec_.group}
          .of(d.event.metadata.trace)
          .error("dead letter: the event is given up", {{"topic", spec_.topic},
                                                        {"stream", d.event.stream},
                                                        {"position", d.event.position},
                                                        {"attempts", d.attempts},
                                                        {"cause", d.reason}});
    for (auto& [at, waits] : counted) waits(done{});
  }
  saving_ = false;
  go_on();
}

}  // namespace banyan
