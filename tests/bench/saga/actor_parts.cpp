// Actors of sagas on a journal, without a node.
#include <banyan/engines/memory/memory_journal.hpp>
#include <banyan/engines/sqlite/journal.hpp>
#include <banyan/journal/journal_decorator.hpp>

#include <tests/bench/saga/bare_world.hpp>
#include <tests/bench/saga/live_turns.hpp>
#include <tests/bench/saga/parts.hpp>
#include <tests/bench/saga/scratch_folder.hpp>

#include <array>
#include <future>

namespace saga_bench {
namespace {

class counting_journal final : public journal_decorator {
 public:
  using journal_decorator::journal_decorator;
  void append(append_request r, completion<append_result> done) override {
    ++appends;
    journal_decorator::append(std::move(r), std::move(done));
  }
  std::atomic<int> appends{0};
};

constexpr int subjects = 64;

std::string numbered(const char* prefix, int n) { return prefix + std::to_string(n); }

saga_order event_for(const std::string& id) {
  return {.what = saga_command::receive, .id = id, .name = "more", .payload = nested(item_reserved{sku, 1234})};
}

void append_and_wait(journal& j, append_request r) {
  std::promise<result<append_result>> promise;
  auto answer = promise.get_future();
  j.append(std::move(r), [&](result<append_result> a) { promise.set_value(std::move(a)); });
  must(answer.get().has_value());
}

append_request stored_events(const std::string& stream, const stored_as& type,
                             const std::vector<std::string>& payloads) {
  append_request r;
  auto& w = r.writes.emplace_back(stream_write{stream, expected::exact(0), {}});
  for (const auto& p : payloads)
    w.events.push_back({uuid_v7(system_clock().now(), system_random()), std::string{type.type}, type.schema, p, {}});
  return r;
}

// An event of about so many bytes, as the aggregate stores it.
std::string line_of_bytes(int line, std::size_t bytes) {
  line_answered e{"o17", line, {sku, 1234}, reserve_item{"o17", line + 1, sku, pieces}};
  const auto least = to_json(e).size();
  if (least < bytes) e.next->sku += std::string(bytes - least, 'x');
  return to_json(e);
}

}  // namespace

void count_appends(const settings& s, figures& all) {
  for (const int steps : {1, 4, 16}) {
    auto& f = all.add({"appends", "appends of a saga of " + std::to_string(steps) + " steps", "appends",
                       goal_kind::exactly, static_cast<double>(steps + 1)});
    for (int round = 0; round < s.rounds; ++round) {
      memory_journal stored;
      counting_journal j{stored};
      bare_world w{j, bare_world::spec_of<flow>()};
      send_one(w.system, w.saga_shard("o17"), as_command(make_message<run_flow>(run_flow{"o17", steps})));
      f.add(j.appends);
    }
  }
}

// Of one command: an event for a saga, which leads to one turn; and a command of an aggregate with one event.
void measure_turns(const settings& s, figures& all) {
  auto& turns = all.add(
      {"turns", "processor time of a turn, memory journal", "us", goal_kind::at_most, 15, "a command of an aggregate"});
  auto& steps = all.add({"turns", "of a turn with its step, the service asked included", "us"});
  constexpr int each = 400;
  constexpr int count = subjects * each;
  const auto turn_cost = [&] {
    memory_journal j;
    auto spec = bare_world::spec_of<listener>();
    spec.limits.unread = count;
    bare_world w{j, std::move(spec)};
    send_all(w.system, subjects, subjects, [&](int i) {
      const auto id = numbered("o", i);
      saga_order start{.what = saga_command::start, .id = id, .payload = nested(listen{id, each + 1})};
      return sent_request{w.saga_shard(id), as_command(make_message<saga_order>(std::move(start)))};
    });
    const auto before = processor_seconds();
    send_all(w.system, count, subjects, [&](int i) {
      const auto id = numbered("o", i % subjects);
      return sent_request{w.saga_shard(id), as_command(make_message<saga_order>(event_for(id)))};
    });
    return (processor_seconds() - before) * 1e6 / count;
  };
  const auto command_cost = [&] {
    memory_journal j;
    bare_world w{j, bare_world::spec_of<listener>()};
    send_all(w.system, subjects, subjects, [&](int i) {
      const auto id = numbered("o", i);
      return sent_request{w.process_shard(id), as_command(make_message<begin_process>(begin_process{id, each + 1}))};
    });
    const auto before = processor_seconds();
    send_all(w.system, count, subjects, [&](int i) {
      const auto id = numbered("o", i % subjects);
      note_answer a{id, i / subjects + 1, {sku, 1234}};
      return sent_request{w.process_shard(id), as_command(make_message<note_answer>(std::move(a)))};
    });
    return (processor_seconds() - before) * 1e6 / count;
  };
  const auto step_cost = [&] {
    memory_journal j;
    bare_world w{j, bare_world::spec_of<flow>()};
    const auto before = processor_seconds();
    send_all(w.system, subjects, subjects, [&](int i) {
      const auto id = numbered("o", i);
      return sent_request{w.saga_shard(id), as_command(make_message<run_flow>(run_flow{id, each}))};
    });
    return (processor_seconds() - before) * 1e6 / (subjects * (each + 1));
  };
  for (int round = -1; round < s.rounds; ++round) {
    s.progress("turns", round);
    const auto a = turn_cost(), b = command_cost(), c = step_cost();
    if (round < 0) continue;
    turns.add(a, b);
    steps.add(c);
  }
}

void measure_waking(const settings& s, figures& all) {
  constexpr int sagas = 200, turns = 100;
  auto& f = all.add({"waking", "a saga of 100 turns, SQLite", "us", goal_kind::ratio_at_most, 2,
                     "an aggregate of 100 events as large"});
  const scratch_folder folder{s.folder};
  auto j = open_sqlite_journal({.path = (folder.path() / "journal.db").string()}).value();
  const auto code = saga_code_of<flow_that_waits>("flows");
  for (int i = 0; i < sagas; ++i) {
    const auto id = numbered("o", i);
    const auto log = live_turns(code, turns - 1, id);
    must(log.size() == turns);
    std::vector<std::string> events{to_json(process_begun{id, turns, {id, 1, sku, pieces}})};
    for (int line = 1; line < turns; ++line)
      events.push_back(line_of_bytes(line, log[static_cast<std::size_t>(line)].size()));
    append_and_wait(*j, stored_events("flows-" + id, saga_turned::stored, log));
    auto process_stream = stored_events("processes-" + id, line_answered::stored, events);
    process_stream.writes.front().events.front().type = std::string{process_begun::stored.type};
    // A command whose id is asked with another content is refused without an append.
    process_stream.command = command_record{"processes-" + id, uuid_from_name("bench", id), 1, R"({"ok":{}})"};
    append_and_wait(*j, std::move(process_stream));
  }
  const auto saga_time = [&] {
    bare_world w{*j, bare_world::spec_of<flow_that_waits>()};
    std::vector<double> took;
    for (int i = 0; i < sagas; ++i) {
      const auto id = numbered("o", i);
      const auto from = std::chrono::steady_clock::now();
      send_one(w.system, w.wake_saga_actor(id), make_message<wake_saga>(wake_saga{id}));
      took.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - from).count());
    }
    return bench::median(took);
  };
  const auto process_time = [&] {
    bare_world w{*j, bare_world::spec_of<flow_that_waits>()};
    std::vector<double> took;
    for (int i = 0; i < sagas; ++i) {
      const auto id = numbered("o", i);
      auto m = make_message<note_answer>(note_answer{id, 1, {sku, 1}});
      auto context = std::make_shared<message_context>();
      context->command = uuid_from_name("bench", id);
      m->context = std::move(context);
      const auto from = std::chrono::steady_clock::now();
      send_one(w.system, w.wake_process_actor(id), std::move(m), true);
      took.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - from).count());
    }
    return bench::median(took);
  };
  for (int round = -1; round < s.rounds; ++round) {
    s.progress("waking", round);
    const auto a = saga_time(), b = process_time();
    if (round >= 0) f.add(a, b);
  }
}

// A step late in a saga beside an early one: on a journal in memory, so that no disk hides what grows.
void measure_growth(const settings& s, figures& all) {
  constexpr int sagas = 20, early = 10, late = 1'000, around = 5;
  auto& f = all.add({"growth", "step 1,000 of a saga, memory journal", "us", goal_kind::ratio_at_most, 1.1, "step 10"});
  for (int round = -1; round < s.rounds; ++round) {
    s.progress("growth", round);
    memory_journal j;
    auto spec = bare_world::spec_of<flow>();
    spec.limits.undo = 2 * late;
    bare_world w{j, std::move(spec)};
    std::vector<double> first, last;
    for (int i = 0; i < sagas; ++i) {
      const auto id = numbered("o", i);
      came.watch(id);
      send_one(w.system, w.saga_shard(id), as_command(make_message<run_flow>(run_flow{id, late + around + 1})));
      const auto at = came.take();
      const auto mean = [&](int step) {
        const auto from = static_cast<std::size_t>(step - around), to = static_cast<std::size_t>(step + around);
        return std::chrono::duration<double, std::micro>(at.at(to).at - at.at(from).at).count() / (2 * around);
      };
      first.push_back(mean(early));
      last.push_back(mean(late));
    }
    came.watch({});
    if (round >= 0) f.add(bench::median(last), bench::median(first));
  }
}

}  // namespace saga_bench
