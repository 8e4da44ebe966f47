// Appends per second of the SQLite journal, beside a hand-written SQLite loop in the same run: the same tables, the same durability (one
// fsync per transaction), the same number of events per transaction, one 256-byte event per append, checked versions. The loop has one
// thread, no queue and no answers: what the journal costs is the distance between the two.
//
//   bench_journal [--rounds 5] [--seconds 1.5] [--writers 1,8,64] [--folder .] [--json FILE]
//
// A second table shows replay: reading all events page by page, beside a bare `select` that copies the same bytes.
//
// Every run starts from an empty file; the two alternate, so that a slow moment of the machine meets both. Medians are compared.
#include <banyan/core/ids.hpp>
#include <banyan/engines/sqlite/journal.hpp>
#include <banyan/process_supervision/process_setup.hpp>

#include <tests/bench/command_line.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <semaphore>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace banyan;

namespace {

constexpr int outstanding = 8;
const std::string payload(256, 'x');

struct settings {
  double seconds = 1.5;
  std::vector<int> writers = {1, 8, 64};
  std::filesystem::path folder = ".";
};

uuid fresh_id() { return uuid_v7(system_clock().now(), system_random()); }

using stopwatch = std::chrono::steady_clock;
double since(stopwatch::time_point t) { return std::chrono::duration<double>(stopwatch::now() - t).count(); }

void remove_database(const std::filesystem::path& file) {
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(file.string() + suffix);
}

// One client: eight streams, one append under way on each.
void write_until(journal& j, int writer, stopwatch::time_point end, std::atomic<std::int64_t>& appended) {
  std::counting_semaphore<outstanding> free{outstanding};
  std::vector<std::string> streams;
  for (int k = 0; k < outstanding; ++k) streams.push_back("stream-" + std::to_string(writer) + "-" + std::to_string(k));
  std::int64_t sent = 0;
  for (; stopwatch::now() < end; ++sent) {
    free.acquire();
    append_request r;
    auto& w = r.writes.emplace_back();
    w.stream = streams[static_cast<std::size_t>(sent % outstanding)];
    w.condition = expected::exact(sent / outstanding);
    w.events.push_back({fresh_id(), "bench.happened", 1, payload, {}});
    j.append(std::move(r), [&free](result<append_result> answer) {
      if (!answer) std::abort();
      free.release();
    });
  }
  for (int k = 0; k < outstanding; ++k) free.acquire();
  appended += sent;
}

double journal_rate(const settings& s, int writers) {
  const auto file = s.folder / "bench_journal.db";
  remove_database(file);
  auto j = open_sqlite_journal({.path = file.string()}).value();
  std::atomic<std::int64_t> appended{0};
  const auto start = stopwatch::now();
  const auto end = start + std::chrono::duration_cast<stopwatch::duration>(std::chrono::duration<double>(s.seconds));
  std::vector<std::thread> threads;
  for (int w = 0; w < writers; ++w) threads.emplace_back([&, w] { write_until(*j, w, end, appended); });
  for (auto& t : threads) t.join();
  const auto rate = static_cast<double>(appended) / since(start);
  j.reset();
  remove_database(file);
  return rate;
}

void must(int rc, sqlite3* db) {
  if (rc != SQLITE_OK && rc != SQLITE_DONE) throw std::runtime_error{sqlite3_errmsg(db)};
}

double hand_written_rate(const settings& s, int writers) {
  const auto file = s.folder / "bench_hand_written.db";
  remove_database(file);
  sqlite3* db = nullptr;
  must(sqlite3_open(file.c_str(), &db), db);
  must(sqlite3_exec(db,
                    "pragma page_size = 4096; pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 8000;"
                    "pragma cache_size = -65536;"
                    "create table events(position integer primary key, stream integer not null, version integer not null, id blob not null,"
                    " type integer not null, schema integer not null, recorded_at integer not null, correlation blob, causation blob,"
                    " actor text, trace text, payload text not null);"
                    "create unique index by_stream on events(stream, version); create unique index by_id on events(id);",
                    nullptr, nullptr, nullptr),
       db);
  sqlite3_stmt *begin, *commit, *insert;
  must(sqlite3_prepare_v2(db, "begin immediate", -1, &begin, nullptr), db);
  must(sqlite3_prepare_v2(db, "commit", -1, &commit, nullptr), db);
  must(sqlite3_prepare_v2(db,
                          "insert into events(position, stream, version, id, type, schema, recorded_at, payload)"
                          " values(?1, ?2, ?3, ?4, 1, 1, ?5, ?6)",
                          -1, &insert, nullptr),
       db);
  const auto run = [&](sqlite3_stmt* statement) {
    must(sqlite3_step(statement), db);
    sqlite3_reset(statement);
  };
  std::int64_t position = 0;
  const auto streams = writers * outstanding;
  const auto start = stopwatch::now();
  for (std::int64_t version = 1; since(start) < s.seconds; ++version) {
    run(begin);
    const auto now = system_clock().now().time_since_epoch().count();
    for (int stream = 0; stream < streams; ++stream) {
      const auto id = fresh_id();
      sqlite3_bind_int64(insert, 1, ++position);
      sqlite3_bind_int64(insert, 2, stream);
      sqlite3_bind_int64(insert, 3, version);
      sqlite3_bind_blob(insert, 4, id.bytes.data(), 16, SQLITE_STATIC);
      sqlite3_bind_int64(insert, 5, now);
      sqlite3_bind_text(insert, 6, payload.data(), static_cast<int>(payload.size()), SQLITE_STATIC);
      run(insert);
    }
    run(commit);
  }
  const auto rate = static_cast<double>(position) / since(start);
  for (auto* statement : {begin, commit, insert}) sqlite3_finalize(statement);
  sqlite3_close(db);
  remove_database(file);
  return rate;
}

template <class T, class F>
T answer_of(F ask) {
  std::promise<result<T>> promise;
  ask(completion<T>{[&](result<T> r) { promise.set_value(std::move(r)); }});
  return promise.get_future().get().value();
}

struct replay_rates {
  double journal, hand_written;
};

replay_rates replay(const settings& s) {
  constexpr std::int64_t events = 200'000;
  const auto file = s.folder / "bench_replay.db";
  remove_database(file);
  replay_rates rates{};
  {
    auto j = open_sqlite_journal({.path = file.string()}).value();
    for (std::int64_t n = 0; n < events; n += 1000) {
      append_request r;
      for (int k = 0; k < 100; ++k) {
        auto& w = r.writes.emplace_back(stream_write{"stream-" + std::to_string((n / 10 + k) % 5000), expected::any(), {}});
        for (int i = 0; i < 10; ++i) w.events.push_back({fresh_id(), "bench.happened", 1, payload, {}});
      }
      answer_of<append_result>([&](auto done) { j->append(std::move(r), std::move(done)); });
    }
    const auto start = stopwatch::now();
    for (position last = 0; last < events;) {
      last = answer_of<read_page>([&](auto done) { j->read_all({.after = last}, std::move(done)); }).looked_to;
    }
    rates.journal = static_cast<double>(events) / since(start);
  }
  sqlite3* db = nullptr;
  must(sqlite3_open(file.c_str(), &db), db);
  sqlite3_stmt* all;
  must(sqlite3_prepare_v2(db, "select position, version, stream, type, schema, recorded_at, id, payload from events order by position", -1,
                          &all, nullptr),
       db);
  const auto start = stopwatch::now();
  std::size_t bytes = 0;
  for (std::string text; sqlite3_step(all) == SQLITE_ROW; bytes += text.size()) {
    recorded_event e;
    e.position = sqlite3_column_int64(all, 0);
    e.version = sqlite3_column_int64(all, 1);
    e.schema = sqlite3_column_int(all, 4);
    e.recorded_at = instant{nanoseconds{sqlite3_column_int64(all, 5)}};
    std::memcpy(e.id.bytes.data(), sqlite3_column_blob(all, 6), 16);
    text.assign(reinterpret_cast<const char*>(sqlite3_column_text(all, 7)), static_cast<std::size_t>(sqlite3_column_bytes(all, 7)));
  }
  rates.hand_written = static_cast<double>(events) / since(start);
  if (bytes != events * payload.size()) throw std::runtime_error{"the replay lost something"};
  sqlite3_finalize(all);
  sqlite3_close(db);
  remove_database(file);
  return rates;
}

struct figures {
  std::vector<double> runs;
  double median() {
    std::sort(runs.begin(), runs.end());
    return runs[runs.size() / 2];
  }
};

int run(int argc, char** argv) {
  bench::command_line line{"bench_journal", "Appends per second of the SQLite journal, beside a hand-written SQLite loop", 5};
  settings s;
  std::string folder = ".";
  line.seconds("--seconds", s.seconds, "Length of one turn");
  line.numbers("--writers", s.writers, "Clients at once, of eight streams each");
  line.folder("--folder", folder, "Where the files lie");
  if (auto code = line.parse(argc, argv)) return *code;
  process_is_up();
  s.folder = folder;
  std::printf("%-10s %-16s %-18s %s\n", "writers", "journal ev/s", "hand-written ev/s", "ratio");
  std::string json = "{\"name\":\"journal_append\",\"unit\":\"events/s\",\"payload\":256,\"outstanding\":8,\"results\":[";
  for (const int writers : s.writers) {
    figures ours, theirs;
    for (int run = 0; run < line.rounds(); ++run) {
      ours.runs.push_back(journal_rate(s, writers));
      theirs.runs.push_back(hand_written_rate(s, writers));
    }
    const double a = ours.median(), b = theirs.median();
    std::printf("%-10d %-16.0f %-18.0f %.2f\n", writers, a, b, a / b);
    std::fflush(stdout);
    char row[200];
    std::snprintf(row, sizeof row, "%s{\"writers\":%d,\"journal\":%.0f,\"hand_written\":%.0f,\"ratio\":%.3f}",
                  json.back() == '[' ? "" : ",", writers, a, b, a / b);
    json += row;
  }
  figures ours, theirs;
  for (int run = 0; run < line.rounds(); ++run) {
    const auto rates = replay(s);
    ours.runs.push_back(rates.journal);
    theirs.runs.push_back(rates.hand_written);
  }
  std::printf("%-10s %-16.0f %-18.0f %.2f\n", "replay", ours.median(), theirs.median(), ours.median() / theirs.median());
  char last[200];
  std::snprintf(last, sizeof last, "],\"replay\":{\"journal\":%.0f,\"hand_written\":%.0f,\"ratio\":%.3f}}\n", ours.median(),
                theirs.median(), ours.median() / theirs.median());
  json += last;
  return line.write_json([&](std::ostream& out) { out << json; }) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  return run_process("bench_journal", [&] { return run(argc, argv); });
}
