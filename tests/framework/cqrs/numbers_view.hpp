// A projection of numbers on a journal and a view store in memory, stepped by hand, with faults where a test wants them.
#pragma once

#include <tests/framework/actor/stepped.hpp>
#include <tests/framework/observability/captured_log.hpp>

#include <banyan/cqrs/projection_actor.hpp>
#include <banyan/cqrs/query_actor.hpp>
#include <banyan/engines/sqlite/view_store.hpp>
#include <banyan/engines/memory/memory_journal.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace banyan::test {

// Does nothing until it is stepped, one call at a time, so that a test can come between a commit and its answer.
class stepped_view_store final : public view_store {
 public:
  explicit stepped_view_store(std::unique_ptr<view_store> real) : real_{std::move(real)} {}

  void write(std::function<void(view_writer&)> body, position checkpoint, completion<position> done) override {
    later(std::move(done), [this, body = std::move(body), checkpoint](completion<position> answer) {
      if (!failures_.empty()) {
        auto why = std::move(failures_.front());
        failures_.pop_front();
        return answer(std::move(why));
      }
      ++written_;
      if (lost_answers_ == 0) return real_->write(body, checkpoint, std::move(answer));
      --lost_answers_;
      real_->write(body, checkpoint, [](result<position>) {});
      answer(error{code::unavailable, "the answer got lost", outcome::unknown});
    });
  }
  void read(std::function<void(view_reader&)> body, completion<position> done, read_limits limits) override {
    if (std::exchange(throws_, false)) throw std::runtime_error{"a defect of the store"};
    later(std::move(done), [this, body = std::move(body), limits](auto answer) {
      if (std::exchange(damaged_, false)) {
        reopened_ = false;
        return answer(error{code::unavailable, "the view's file is damaged: it is built anew"}.because("view_damaged"));
      }
      real_->read(body, std::move(answer), limits);
    });
  }
  view_store_status status() const override {
    auto s = real_->status();
    if (!reopened_) s.trouble = error{code::corrupt, "the file is damaged"};
    return s;
  }
  void open(source of, std::function<void(view_writer&)> create, completion<state> done) override {
    later(std::move(done), [this, of = std::move(of), create = std::move(create)](auto answer) {
      if (!refused_openings_.empty()) {
        auto why = std::move(refused_openings_.front());
        refused_openings_.pop_front();
        return answer(std::move(why));
      }
      ++opened_;
      reopened_ = true;
      real_->open(of, create, std::move(answer));
    });
  }

  bool step() {
    if (queue_.empty()) return false;
    auto call = std::move(queue_.front());
    queue_.pop_front();
    call();
    return true;
  }
  void fail_writes(error why, int times = 1) { failures_.insert(failures_.end(), static_cast<std::size_t>(times), why); }
  void fail_opening(error why, int times) { refused_openings_.insert(refused_openings_.end(), static_cast<std::size_t>(times), why); }
  view_store& real() { return *real_; }
  void damage() { damaged_ = true; }       // the next read finds it
  void throw_once() { throws_ = true; }    // as it is asked to read
  int opened() const { return opened_; }
  int written() const { return written_; }  // transactions
  void lose_answers(int times = 1) { lost_answers_ += times; }

 private:
  template <class T, class F>
  void later(completion<T> done, F call) {
    queue_.push_back([call = std::move(call), answer = std::make_shared<completion<T>>(std::move(done))] { call(std::move(*answer)); });
  }

  std::unique_ptr<view_store> real_;
  std::deque<std::function<void()>> queue_;
  std::deque<error> failures_, refused_openings_;
  int lost_answers_ = 0;
  bool damaged_ = false, reopened_ = true, throws_ = false;
  int opened_ = 0, written_ = 0;
};

// The time of a system that is made later.
class later_clock final : public clock {
 public:
  instant now() const override { return of->now(); }
  monotonic steady() const override { return of->steady(); }
  const clock* of = &system_clock();
};

// How many numbers the view has.
struct count_numbers {
  using reply = std::int64_t;
};

// Its rows are the events as they were applied. A payload "?" does not decode and "!" makes `apply` throw, both until `mended`.
class numbers_view {
 public:
  using row = std::pair<std::string, position>;  // stream, position
  explicit numbers_view(int batch = 1000, projection_progress::limits l = {}) : limits{l} {
    spec.view = "numbers";
    spec.of = {"numbers"};
    spec.event_types = {"numbers.added"};
    spec.batch = batch;
    spec.create = [](view_writer& v) {
      v.run("create table numbers(n integer primary key, stream text not null, position integer not null)");
    };
    spec.apply = [this](view_writer& v, const recorded_event& e) -> result<done> {
      if (e.payload == "?" && !mended) return error{code::corrupt, "not a number"};
      ++tried[e.position];
      v.run("insert into numbers(stream, position) values (?1, ?2)", e.stream, e.position);
      if (e.payload == "!" && !mended) throw std::runtime_error{"a defect"};
      if (memory_fails > 0 && memory_fails-- > 0) throw std::bad_alloc{};
      if (surroundings_fail > 0 && surroundings_fail-- > 0) throw view_error{error{code::exhausted, "the disk is full"}};
      return done{};
    };
    time.of = &s.clock;
    queries.view = "numbers";
    queries.fresh_within = std::chrono::seconds{2};
    queries.queries.push_back({type_of<count_numbers>(), "count_numbers", [](view_reader& v, message&) {
                                 result<std::int64_t> n = v.first<std::int64_t>("select count(*) from numbers").value();
                                 return detail::make_answer(0, std::move(n));
                               }});
    start();
    front = s.system.spawn([this] { return std::make_unique<query_actor>(queries, *store, where, progress); });
    settle();
  }
  ~numbers_view() { settle(); }

  position append(const std::string& stream, std::string payload = "1", std::string type = "numbers.added") {
    append_request r;
    r.writes.push_back({stream, expected::any(), {{uuid_v7(s.clock.now(), s.random), std::move(type), 1, std::move(payload), {}}}});
    r.writes.front().events.front().metadata.trace = trace;
    position at = 0;
    journal.append(std::move(r), [&](auto appended) { at = appended.value().last; });
    while (at == 0 && journal.step()) {
    }
    return at;
  }
  void settle() {
    do s.run();
    while (journal.step() || store->step());
  }
  // With everything that waits for time.
  void settle(timespan d) {
    for (nanoseconds passed{}; passed < d.count(); passed += std::chrono::milliseconds{10}) {
      settle();
      s.advance(std::chrono::milliseconds{10});
    }
    settle();
  }
  // A fresh incarnation behind the same address, whatever the old one was doing.
  void restart() {
    suspend_actor(projection);
    restart_actor(projection);
  }

  std::vector<row> rows() {
    std::vector<row> found;
    read([&](view_reader& v) {
      for (auto& r : v.rows("select stream, position from numbers order by n", {}))
        found.emplace_back(std::get<std::string>(r[0]), std::get<std::int64_t>(r[1]));
    });
    return found;
  }
  std::vector<blocked_event> held() {
    std::vector<blocked_event> found;
    read([&](view_reader& v) {
      found = v.query<blocked_event>("select position, version, stream, reason from banyan_held order by position");
    });
    return found;
  }
  bool has(position at) {
    bool found = false;
    read([&](view_reader& v) { found = v.first<int>("select 1 from numbers where position = ?1", at).has_value(); });
    return found;
  }
  // What is stored now, whatever is on its way.
  template <class F>
  void read(F body) {
    store->real().read(body, [](result<position> r) { (void)r.value(); });
  }

  result<replayed> replay(const std::string& stream) {
    auto a = s.ask(projection, replay_parked{stream}, std::chrono::minutes{1});
    settle();
    return *a;
  }
  auto ask_count(position at) {
    auto l = make_message<count_numbers>();
    l->position = at;
    stepped::answer_slot<message_ptr> a;
    s.system.ask_message(front, std::move(l), std::chrono::seconds{10}, a.slot());
    settle();
    return a;
  }
  static result<std::int64_t> value_of(const stepped::answer_slot<message_ptr>& a) {
    if (!*a) return a->error();
    auto held = **a;
    if (held->kind == message_kind::failure) return held->as<error>();
    return held->as<std::int64_t>();
  }

  captured_log log{log_level::error};
  projection_spec spec;
  query_spec queries;
  projection_progress::limits limits;
  std::string trace;  // of what is appended
  bool mended = false;
  int surroundings_fail = 0;      // so many applications meet a full disk
  int memory_fails = 0;           // so many find no memory
  std::map<position, int> tried;  // applications of each event, also those rolled back
  memory_journal journal{{.executor = memory_journal::by_hand}};
  later_clock time;
  memory_view_disk disk{time};
  std::unique_ptr<stepped_view_store> store = std::make_unique<stepped_view_store>(open_memory_view_store(disk, {.name = "numbers"}).value());
  std::shared_ptr<view_progress> progress = std::make_shared<view_progress>();
  address projection, front;
  actor_ref where;  // of the projection
  stepped s;  // its actors end before what they refer to

 private:
  void start() {
    projection = s.system.spawn([this] { return std::make_unique<projection_actor>(spec, journal, *store, progress, limits); },
                                {.name = "projection"});
    where.set(projection);
  }
};

}  // namespace banyan::test
