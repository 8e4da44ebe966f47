// The threads and queues of the view store on files: what waits, is due, is refused, is interrupted, and runs side by side.
#include <tests/framework/engines/sqlite/view_store_files.hpp>

#include <banyan/engines/sqlite/quick_reads.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

using namespace view_test;

namespace {

// Time that passes when a test says so.
class hand_clock final : public banyan::clock {
 public:
  instant now() const override { return {}; }
  monotonic steady() const override { return monotonic{nanoseconds{time_.load()}}; }
  void pass(nanoseconds d) { time_ += d.count(); }

 private:
  std::atomic<std::int64_t> time_{3'600'000'000'000};
};

// A door that bodies wait at, so that a test decides when a thread goes on.
class door {
 public:
  void open() { opened_.set_value(); }
  void wait() { future_.wait(); }

 private:
  std::promise<void> opened_;
  std::shared_future<void> future_ = opened_.get_future().share();
};

// A store with one reader, and a clock that moves when the test says so.
struct one_reader {
  one_reader() {
    auto options = in(folder, {.name = "notes", .readers = 1});
    options.clock = &clock;
    store = open_sqlite_view_store(options).value();
    open(*store).value();
  }
  // The reader runs a query that ends when `go_on` opens.
  void occupy() {
    store->read([this](view_reader&) { busy.open(); go_on.wait(); }, running.done());
    busy.wait();
  }

  const temporary_folder folder;
  hand_clock clock;
  door busy, go_on;
  pending<position> running;
  std::unique_ptr<view_store> store;  // goes first: its threads use the others
};

}  // namespace

TEST_CASE("a read that is due or cancelled in the queue is dropped, and answered") {
  one_reader r;
  pending<position> due, cancelled, last;
  int done = 0;
  r.occupy();
  const auto flag = std::make_shared<cancellation>();
  r.store->read([&](view_reader&) { ++done; }, due.done(), {.deadline = r.clock.steady() + std::chrono::milliseconds{300}});
  r.store->read([&](view_reader&) { ++done; }, cancelled.done(), {.cancelled = flag});
  r.store->read([&](view_reader&) { ++done; }, last.done());
  CHECK(r.store->status().waiting == 3);
  r.clock.pass(std::chrono::milliseconds{301});
  flag->cancel();
  CHECK(r.store->status().waiting == 1);
  r.go_on.open();
  CHECK(error_of(due.future.get()).code == code::deadline_exceeded);
  const auto unwanted = error_of(cancelled.future.get());
  CHECK(unwanted.code == code::deadline_exceeded);
  CHECK(unwanted.reason == "cancelled");
  CHECK(last.future.get().has_value());
  CHECK(done == 1);
  CHECK(r.store->status().dropped == 2);
  pending<position> too_late;
  r.store->read([&](view_reader&) { ++done; }, too_late.done(), {.deadline = r.clock.steady()});
  CHECK(error_of(too_late.future.get()).code == code::deadline_exceeded);
  CHECK(done == 1);
}

TEST_CASE("a view whose reads wait for too long refuses new ones, until the old ones are done or nobody waits for them") {
  one_reader r;
  pending<position> waiting, refused, accepted;
  r.occupy();
  const auto flag = std::make_shared<cancellation>();
  r.store->read([](view_reader&) {}, waiting.done(), {.cancelled = flag});
  r.clock.pass(std::chrono::milliseconds{1001});
  CHECK(r.store->status().longest_wait == std::chrono::milliseconds{1001});
  CHECK(r.store->status().silent == std::chrono::milliseconds{1001});
  r.store->read([](view_reader&) {}, refused.done());
  const auto why = error_of(refused.future.get());
  CHECK(why.code == code::exhausted);
  CHECK(why.reason == "overloaded");
  CHECK(why.retry_after);
  CHECK(r.store->status().refused == 1);
  flag->cancel();
  r.store->read([](view_reader&) {}, accepted.done());
  CHECK(error_of(waiting.future.get()).reason == "cancelled");
  r.go_on.open();
  CHECK(accepted.future.get().has_value());
}

TEST_CASE("a statement is interrupted at the deadline of its read, and when nobody waits for it any more") {
  one_reader r;
  door begun;
  pending<position> endless, next;
  const auto run_for_ever = [&](view_reader& v) {
    begun.open();
    v.rows("with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) from n", {});
  };
  const auto flag = std::make_shared<cancellation>();
  const bool is_due = GENERATE(true, false);
  r.store->read(run_for_ever, endless.done(), {.deadline = r.clock.steady() + std::chrono::seconds{2}, .cancelled = flag});
  begun.wait();
  if (is_due) r.clock.pass(std::chrono::seconds{2});
  else flag->cancel();
  const auto why = error_of(endless.future.get());
  CHECK(why.code == code::deadline_exceeded);
  CHECK(why.reason == (is_due ? "" : "cancelled"));
  r.store->read([](view_reader& v) { v.rows("select 1", {}); }, next.done());
  CHECK(next.future.get().has_value());
}

TEST_CASE("a query stands on one snapshot while the view moves on") {
  const temporary_folder folder;
  const auto store = open_sqlite_view_store(in(folder)).value();
  open(*store).value();
  add_note(*store, 1, "before").value();
  door reading, written;
  pending<position> answer;
  std::vector<std::string> seen;
  store->read(
      [&](view_reader& v) {
        reading.open();
        written.wait();
        seen = v.query<std::string>("select text from notes");
      },
      answer.done());
  reading.wait();
  add_note(*store, 2, "after").value();
  written.open();
  CHECK(answer.future.get().value() == 1);
  CHECK(seen == std::vector<std::string>{"before"});
  CHECK(notes(*store).size() == 2);
}

TEST_CASE("replicas answer side by side, and a slow query does not stop the writer") {
  const temporary_folder folder;
  const auto store = open_sqlite_view_store(in(folder, {.name = "notes", .readers = 2})).value();
  open(*store).value();
  door slow;
  pending<position> answer;
  store->read([&](view_reader&) { slow.wait(); }, answer.done());
  CHECK(add_note(*store, 1, "meanwhile").value() == 1);
  CHECK(notes(*store).size() == 1);
  CHECK_FALSE(answer.answered());
  slow.open();
  CHECK(answer.future.get().has_value());
}

TEST_CASE("full queues refuse at once, and what was accepted is done") {
  const temporary_folder folder;
  auto options = in(folder, {.name = "notes", .readers = 1});
  options.write_queue = 2;
  options.read_queue = 3;
  const auto store = open_sqlite_view_store(options).value();
  open(*store).value();
  door busy_writing, busy_reading, go_on;
  pending<position> writes[4], reads[5];
  store->write([&](view_writer&) { busy_writing.open(); go_on.wait(); }, 1, writes[0].done());
  store->read([&](view_reader&) { busy_reading.open(); go_on.wait(); }, reads[0].done());
  busy_writing.wait();
  busy_reading.wait();
  for (int i = 1; i < 4; ++i) store->write(no_tables, i + 1, writes[i].done());
  for (int i = 1; i < 5; ++i) store->read([](view_reader&) {}, reads[i].done());
  REQUIRE(writes[3].answered());
  REQUIRE(reads[4].answered());
  for (auto* last : {&writes[3], &reads[4]}) {
    const auto refused = last->future.get();
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == code::exhausted);
    CHECK(refused.error().retry_after == std::chrono::milliseconds{100});
  }
  go_on.open();
  for (int i = 0; i < 3; ++i) CHECK(writes[i].future.get().value() == i + 1);
  for (int i = 0; i < 4; ++i) CHECK(reads[i].future.get().has_value());
}

TEST_CASE("a store that is destroyed finishes what is under way and refuses what waits") {
  const temporary_folder folder;
  auto store = open_sqlite_view_store(in(folder, {.name = "notes", .readers = 1})).value();
  open(*store).value();
  door busy_writing, busy_reading, go_on, refused;
  pending<position> under_way, waiting, reading;
  store->write(
      [&](view_writer& v) {
        v.run("insert into notes(text) values ('kept')");
        busy_writing.open();
        go_on.wait();
      },
      1, under_way.done());
  store->read([&](view_reader&) { busy_reading.open(); refused.wait(); }, reading.done());
  busy_writing.wait();
  busy_reading.wait();
  store->write([](view_writer& v) { v.run("insert into notes(text) values ('lost')"); }, 2, waiting.done());
  // Destruction begins in a thread; it can not end before both doors are open.
  std::thread destroyer{[&] { store.reset(); }};
  refused.open();
  CHECK(reading.future.get().has_value());
  go_on.open();
  destroyer.join();
  CHECK(under_way.future.get().has_value());
  const auto last = waiting.future.get();
  // The writer may have come to it before the destroyer did; it never half did it.
  store = open_sqlite_view_store(in(folder)).value();
  CHECK(notes(*store).size() == (last ? 2u : 1u));
  if (!last) CHECK(last.error().code == code::unavailable);
}

namespace {

const int look_up = 0, report = 0;  // kinds of reads

// Reads one number, and says on which thread.
struct read_number {
  static constexpr auto count = "select count(*) from notes";
  std::int64_t number = -1;
  std::thread::id on;
  int runs = 0;

  result<position> of(view_store& store, const void* kind, const std::function<void()>& first = [] {}) {
    pending<position> read;
    store.read(
        [&](view_reader& v) {
          ++runs;
          on = std::this_thread::get_id();
          first();
          number = *v.first<std::int64_t>(count);
        },
        read.done(), {.kind = kind});
    return read.future.get();
  }
  bool was_at_once() const { return on == std::this_thread::get_id(); }
};

void prove(view_store& store, const void* kind) {
  for (int i = 0; i < sqlite::quick_reads::proof; ++i) {
    read_number n;
    n.of(store, kind).value();
    CHECK_FALSE(n.was_at_once());
  }
}

}  // namespace

TEST_CASE("a kind of reads that has proved to be quick is read at once, on the caller's thread, until one is slow") {
  one_reader r;
  prove(*r.store, &look_up);
  read_number quick, other, slow, next;
  quick.of(*r.store, &look_up).value();
  CHECK(quick.was_at_once());
  other.of(*r.store, &report).value();
  CHECK_FALSE(other.was_at_once());
  slow.of(*r.store, &look_up, [&] { r.clock.pass(sqlite::quick_reads::slow); }).value();
  CHECK(slow.was_at_once());
  CHECK(slow.runs == 1);
  next.of(*r.store, &look_up).value();
  CHECK_FALSE(next.was_at_once());
  const auto all = static_cast<std::uint64_t>(sqlite::quick_reads::proof + 4);
  while (r.store->status().reads < all) std::this_thread::yield();  // a reader thread counts when it has answered
  CHECK(r.store->status().reads == all);
}

TEST_CASE("a read that is not quick after all is ended, and done by a reader thread") {
  one_reader r;
  prove(*r.store, &look_up);
  const auto caller = std::this_thread::get_id();
  read_number n;
  const auto at = n.of(*r.store, &look_up, [&] {
    if (std::this_thread::get_id() == caller) r.clock.pass(std::chrono::milliseconds{1});
  });
  CHECK(at.value() == 0);
  CHECK(n.number == 0);
  CHECK(n.runs == 2);
  CHECK_FALSE(n.was_at_once());
}

TEST_CASE("a quick read is done at once also when the reader threads are busy") {
  one_reader r;
  prove(*r.store, &look_up);
  r.occupy();
  read_number n;
  n.of(*r.store, &look_up).value();
  CHECK(n.was_at_once());
  r.go_on.open();
  r.running.future.get().value();
}

TEST_CASE("each read sees every write that was acknowledged before, on whichever thread it is done") {
  const temporary_folder folder;
  const auto store = open_sqlite_view_store(in(folder)).value();
  open(*store).value();
  for (position at = 1; at <= 300; ++at) {
    add_note(*store, at, "a note").value();
    for (const void* kind : {static_cast<const void*>(&look_up), static_cast<const void*>(nullptr)}) {
      read_number n;
      CHECK(n.of(*store, kind).value() == at);
      CHECK(n.number == at);
    }
  }
}

TEST_CASE("a store is closed while others read at once") {
  one_reader r;
  prove(*r.store, &look_up);
  door begun, go_on;
  bool was_at_once = false;
  std::thread reader{[&] {
    read_number n;
    const auto read = n.of(*r.store, &look_up, [&] {
      begun.open();
      go_on.wait();
    });
    was_at_once = read.has_value() && n.was_at_once();
  }};
  begun.wait();
  std::thread closer{[&] { r.store.reset(); }};
  go_on.open();
  closer.join();
  reader.join();
  CHECK(was_at_once);
  CHECK_FALSE(std::filesystem::exists(r.folder.file("notes.v1.db-wal")));
}

TEST_CASE("a kind is quick after so many quick reads in a row, and no longer after a slow one") {
  using namespace std::chrono_literals;
  sqlite::quick_reads quick;
  const int kind = 0;
  for (int i = 0; i < sqlite::quick_reads::proof; ++i) {
    bool on_this_thread = quick.is_quick(&kind);
    quick.took(&kind, 12us);
    CHECK_FALSE(on_this_thread);
  }
  CHECK(quick.is_quick(&kind));
  quick.took(&kind, sqlite::quick_reads::slow);
  CHECK_FALSE(quick.is_quick(&kind));
  quick.took(nullptr, 1us);
  CHECK_FALSE(quick.is_quick(nullptr));
}
