#include <banyan/cqrs/projection_actor.hpp>

#include <banyan/observability/log.hpp>

#include <algorithm>

namespace banyan {

namespace {

constexpr std::size_t max_waiting = 10'000;
constexpr auto port_limit = std::chrono::seconds{30};

// A stream whose event does not decode is held back from there on; the rest of the view goes on.
constexpr auto parked_table =
    "CREATE TABLE IF NOT EXISTS banyan_parked (stream TEXT PRIMARY KEY, position INTEGER NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID";

struct parked_event {
  std::string stream;
  position at = 0;
  std::string cause;
};

std::int64_t count_parked(view_reader& v) { return std::get<std::int64_t>(v.rows("SELECT count(*) FROM banyan_parked", {}).at(0).at(0)); }

template <class T>
T value_or_throw(result<T> r) {
  if (!r) throw result_error{r.error()};
  return std::move(*r);
}

}  // namespace

behavior projection_actor::make_behavior() {
  return behavior{}
      .on<journal_moved>([this](const journal_moved&) {
        hinted_->store(false);
        if (following_)
          again_ = true;
        else
          self().run(follow());
      })
      .on_letter<await_position>([this](letter_ptr& l) {
        auto at = l->as<await_position>().at;
        if (progress_->applied.load() >= at)
          answer<done>(*l);
        else if (waiting_.size() >= max_waiting)
          l->fail(error{code::exhausted, "too many queries wait for view " + spec_.view}.after(std::chrono::milliseconds{100}));
        else
          waiting_.emplace(at, std::move(l));
      });
}

void projection_actor::started() {
  // One hint under way is enough: it is a wake-up, not a count.
  watch_ = journal_.on_commit([to = self().me(), hinted = hinted_](position) {
    if (!hinted->exchange(true)) deliver(to, make_letter<journal_moved>());
  });
  self().run(follow());
}

bool projection_actor::concerns(const recorded_event& e) const {
  return std::ranges::find(spec_.event_types, e.type) != spec_.event_types.end() &&
         std::ranges::any_of(spec_.of, [&](const std::string& j) { return e.stream.size() > j.size() && e.stream.starts_with(j) && e.stream[j.size()] == '-'; });
}

task<position> projection_actor::open() {
  auto info = value_or_throw(co_await self().wait_for<journal_info>(port_limit, [&](completion<journal_info> done) { journal_.info(std::move(done)); }));
  auto state = value_or_throw(co_await self().wait_for<view_store::state>(port_limit, [&](completion<view_store::state> done) {
    store_.open(
        info.incarnation,
        [&spec = spec_](view_writer& v) {
          v.execute(parked_table, {});
          spec.create(v);
        },
        std::move(done));
  }));
  progress_->head = info.head;
  co_return state.checkpoint;
}

task<void> projection_actor::follow() {
  following_ = true;
  if (!opened_) {
    progress_->applied = co_await open();
    opened_ = true;
    release();
  }
  auto applied = progress_->applied.load();
  for (;;) {
    again_ = false;
    auto limit = static_cast<std::size_t>(spec_.batch);
    auto batch = value_or_throw(co_await self().wait_for<std::vector<recorded_event>>(
        port_limit, [&](completion<std::vector<recorded_event>> done) { journal_.read_all({applied, limit}, std::move(done)); }));
    if (batch.empty()) {
      if (again_) continue;
      break;
    }
    auto last = batch.back().position;
    auto full = batch.size() == limit;
    std::erase_if(batch, [this](const auto& e) { return !concerns(e); });
    auto events = std::make_shared<std::vector<recorded_event>>(std::move(batch));
    auto newly_parked = std::make_shared<std::vector<parked_event>>();
    applied = value_or_throw(co_await self().wait_for<position>(port_limit, [&](completion<position> done) {
      store_.write(
          [events, newly_parked, &spec = spec_, progress = progress_](view_writer& v) {
            newly_parked->clear();  // of an attempt that was rolled back
            auto parked = count_parked(v);
            for (auto& e : *events) {
              if (parked > 0 && !v.rows("SELECT 1 FROM banyan_parked WHERE stream = ?1", {e.stream}).empty()) continue;
              if (auto ok = spec.apply(v, e); !ok) {
                v.execute("INSERT INTO banyan_parked VALUES (?1, ?2, ?3)", {e.stream, e.position, ok.error().message});
                ++parked;
                newly_parked->push_back({e.stream, e.position, ok.error().message});
              }
            }
            progress->parked = parked;
          },
          last, std::move(done));
    }));
    for (auto& p : *newly_parked)
      logger{spec_.view}.error("stream parked: the view goes on without its events",
                               {{"stream", p.stream}, {"position", p.at}, {"cause", p.cause}});
    progress_->applied = applied;
    if (progress_->head < applied) progress_->head = applied;
    release();
    if (!full && !again_) break;
  }
  following_ = false;
}

void projection_actor::release() {
  auto end = waiting_.upper_bound(progress_->applied.load());
  for (auto i = waiting_.begin(); i != end; ++i) answer<done>(*i->second);
  waiting_.erase(waiting_.begin(), end);
  auto now = self().steady();
  std::erase_if(waiting_, [&](const auto& w) { return w.second->deadline <= now; });
}

behavior query_actor::make_behavior() {
  behavior b;
  for (auto& q : spec_.queries)
    b.add_letter_handler(q.request, [this, &q](letter_ptr& l) { self().run(answer(q, std::move(l))); });
  return b;
}

task<void> query_actor::answer(const query_spec::query& q, letter_ptr request) {
  auto begun = self().steady();
  auto limit = std::min(request->deadline, begun + std::chrono::seconds{30}) - begun;
  if (request->position > progress_->applied.load()) {
    auto fresh = co_await self().ask<projection_actor::await_position>(projection_, std::min<nanoseconds>(limit, spec_.fresh_within),
                                                                      request->position);
    if (!fresh && progress_->applied.load() < 0) {
      fail(*request, error{code::unavailable, "the view " + spec_.view + " is not open yet"}.after(std::chrono::milliseconds{200}));
      co_return;
    }
    if (!fresh) {
      fail(*request, error{code::deadline_exceeded, "the view " + spec_.view + " has not caught up with your last write yet"}
                         .because("stale_view")
                         .after(std::chrono::milliseconds{200}));
      co_return;
    }
  }
  auto slot = std::make_shared<letter_ptr>();
  auto read = co_await self().wait_for<position>(limit, [&](completion<position> done) {
    store_.read([slot, request, &q](view_reader& v) { *slot = q.answer(v, *request); }, std::move(done));
  });
  if (!read) {
    fail(*request, std::move(read.error()));
    co_return;
  }
  meters_.seconds.observe(self().steady() - begun);
  request->answer(std::move(*slot));
}

void query_actor::fail(letter& request, error why) {
  meters_.failed.add();
  request.fail(std::move(why));
}

}  // namespace banyan
