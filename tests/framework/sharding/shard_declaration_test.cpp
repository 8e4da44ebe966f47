// The number of shards is a fact of the journal: what a node does until the journal has agreed to it, and when it does
// not.
#include <tests/framework/event_sourcing/counters.hpp>
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/runtime/edge_client.hpp>
#include <tests/framework/runtime/node_access.hpp>

#include <banyan/http/http_routes.hpp>
#include <banyan/journal/journal_decorator.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/sharding/shard_declaration.hpp>
#include <banyan/sharding/sharded.hpp>
#include <banyan/supervision/supervisor.hpp>

#include <deque>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

std::string counter_of(const test::counter::command& c) {
  return std::visit([](const auto& x) { return x.counter; }, c);
}

struct counters_api {
  static constexpr std::string_view name = "counters";
  using operations = banyan::operations<op<add>, op<need_some>>;
};

struct note {
  static constexpr stored_as stored{"notes.written", 1};
};
BOOST_DESCRIBE_STRUCT(note, (), ())
struct write_note {
  using reply = done;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(write_note, (), (id))
struct notebook {
  using command = std::variant<write_note>;
  using event = std::variant<note>;
  struct state {};
  static decision<notebook> decide(const state&, const command&, const decision_context&) {
    return accept<notebook>({note{}}, done{});
  }
  static void evolve(state&, const event&) {}
};
BOOST_DESCRIBE_STRUCT(notebook::state, (), ())
std::string notebook_of(const notebook::command& c) { return std::get<write_note>(c).id; }
struct notes_api {
  static constexpr std::string_view name = "notes";
  using operations = banyan::operations<op<write_note>>;
};

application counting(int shards) {
  return {
      "counting",
      {service<counters_api>(event_sourced<test::counter>{.journal = "counters"},
                             sharded<test::counter>{.entity = counter_of, .shards = shards},
                             http_routes{.routes = std::vector{command<add>("POST /counters/{counter}/additions")}}),
       service<notes_api>(event_sourced<notebook>{.journal = "notes"},
                          sharded<notebook>{.entity = notebook_of, .shards = 4},
                          http_routes{.routes = std::vector{command<write_note>("POST /notes/{id}")}})}};
}

// Answers declarations of the counters when the test says so.
class slow_to_agree final : public journal_decorator {
 public:
  using journal_decorator::journal_decorator;
  void declare(std::string key, std::string value, completion<bool> done) override {
    if (key != "shards/counters") return journal_decorator::declare(std::move(key), std::move(value), std::move(done));
    waiting_.push_back({std::move(key), std::move(value), std::move(done)});
  }
  std::size_t asked() const { return waiting_.size(); }
  void refuse(error why) { take().done(std::move(why)); }
  void pass_on() {
    auto w = take();
    journal_decorator::declare(std::move(w.key), std::move(w.value), std::move(w.done));
  }

 private:
  struct declaration {
    std::string key, value;
    completion<bool> done;
  };
  declaration take() {
    auto first = std::move(waiting_.at(0));
    waiting_.pop_front();
    return first;
  }
  std::deque<declaration> waiting_;
};

// One node, stepped by hand. It ends before its journal.
class counting_node {
 public:
  counting_node(banyan::journal& j, int shards) : app_{counting(shards)} {
    static std::uint64_t started = 0;  // each draws ids of its own
    s.random = counting_random{++started};
    auto with = standing_on(j, {}, [](const view_options&) -> result<std::unique_ptr<view_store>> {
      return error{code::unavailable, "no views"};
    });
    with.await_children = [this](actor_system&, const address& top) { return *s.ask(top, await_children{}, 30s); };
    node_ = node::start(app_, s.system, std::move(with)).value();
    s.run();
  }

  stepped::answer_slot<message_ptr> send(add a, timespan limit = 10s) {
    auto m = make_message<add>(std::move(a));
    const auto to = node_->directory().find(type_of<add>())->for_message(*m);
    stepped::answer_slot<message_ptr> answer;
    s.system.ask_message(to, std::move(m), limit, answer.slot());
    s.run();
    return answer;
  }
  result<std::int64_t> ask(add a) {
    const auto answer = send(std::move(a));
    REQUIRE(answer.is_there());
    return counters::value_of(answer);
  }
  // "" when it is ready.
  std::string waits_for() const {
    std::string all;
    for (const auto& line : node_->installed().readiness())
      if (line.state == health_state::waiting) all += line.name + ": " + line.sentence;
    return all;
  }
  std::string metrics() { return node_->metrics().text(); }

 private:
  const application app_;

 public:
  stepped s;

 private:
  std::unique_ptr<node> node_;
};

std::map<std::string, std::string> facts_of(journal& j) {
  std::map<std::string, std::string> all;
  j.info([&](result<journal_info> i) { all = i.value().facts; });
  return all;
}
std::size_t lines_with(const captured_log& log, std::string_view part) {
  const auto text = log.text();
  std::size_t n = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

constexpr auto both_numbers =
    "shards/counters is 4 in this journal since it was first declared, now it is said to be 8";

}  // namespace

TEST_CASE("the first node declares the number of shards of each aggregate, another one with the same number agrees") {
  memory_journal journal;
  {
    counting_node first{journal, 4};
    CHECK(first.ask({"a", 1}).value() == 1);
  }
  CHECK(facts_of(journal) == std::map<std::string, std::string>{{"shards/counters", "4"}, {"shards/notes", "4"}});
  counting_node again{journal, 4};
  CHECK(again.waits_for().empty());
  CHECK(again.ask({"a", 1}).value() == 2);
  CHECK(facts_of(journal).size() == 2);
}

TEST_CASE("a journal from before numbers of shards were declared gets it at the next start") {
  memory_journal journal;
  append_request r;
  r.writes.push_back(
      {"counters-a", expected::any(), {{uuid_v7({}, system_random()), "counters.added", 1, R"({"n":5})", {}}}});
  journal.append(std::move(r), [](auto appended) { (void)appended.value(); });
  counting_node n{journal, 4};
  CHECK(facts_of(journal).at("shards/counters") == "4");
  CHECK(n.ask({"a", 1}).value() == 6);
}

TEST_CASE("another number is refused with both numbers, no entity is activated, and the node is not ready") {
  captured_log log{log_level::warning};
  memory_journal journal;
  { counting_node first{journal, 4}; }
  {
    counting_node other{journal, 8};
    for (int i = 0; i < 3; ++i) {
      const auto refused = other.ask({"a", 1}).error();
      CHECK(refused.code == code::conflict);
      CHECK(refused.outcome == outcome::not_applied);
      CHECK(refused.reason == "declared_otherwise");
      CHECK(refused.message ==
            std::string{"the number of shards of counter can not be changed: "} + both_numbers +
                "; set counters.sharded.counter.shards to the number in the journal, or begin with an empty one");
    }
    CHECK(other.waits_for().starts_with("sharded counter: the number of shards of counter can not be changed: "));
    CHECK(other.metrics().find("banyan_entities_active{aggregate=\"counter\"} 0\n") != std::string::npos);
    CHECK(other.metrics().find("banyan_commands_total{aggregate=\"counter\",outcome=\"failed\"} 3\n") !=
          std::string::npos);
    other.s.advance(1h);
    CHECK(lines_with(log, both_numbers) == 1);
    CHECK(facts_of(journal).at("shards/counters") == "4");
  }
  counting_node first_again{journal, 4};
  CHECK(first_again.ask({"a", 1}).value() == 1);
}

TEST_CASE("commands wait for the journal's first answer, in order, and then go to their shards") {
  memory_journal journal;
  slow_to_agree slow{journal};
  counting_node n{slow, 4};
  CHECK(n.waits_for() == "sharded counter: declares its number of shards to the journal");
  const auto first = n.send({"a", 1}), second = n.send({"a", 10}), third = n.send({"b", 7});
  n.s.advance(5s);
  CHECK_FALSE(first.is_there());
  slow.pass_on();
  n.s.run();
  CHECK(counters::value_of(first).value() == 1);
  CHECK(counters::value_of(second).value() == 11);
  CHECK(counters::value_of(third).value() == 7);
  CHECK(n.waits_for().empty());
  CHECK(n.ask({"a", 1}).value() == 12);
}

TEST_CASE(
    "a command that waits no longer than its deadline is not carried out after it, and those that wait are bounded") {
  memory_journal journal;
  slow_to_agree slow{journal};
  counting_node n{slow, 4};
  const auto late = n.send({"late", 1}, 1s);
  n.s.advance(2s);
  CHECK(counters::value_of(late).error().code == code::deadline_exceeded);
  for (std::size_t i = 1; i < shard_declarer::max_waiting; ++i) CHECK_FALSE(n.send({"many", 1}).is_there());
  const auto beyond = n.ask({"many", 1}).error();
  CHECK(beyond.code == code::unavailable);
  CHECK(beyond.reason == "shards_not_declared");
  slow.pass_on();
  n.s.run();
  CHECK(n.ask({"late", 3}).value() == 3);
  CHECK(n.ask({"many", 1}).value() == static_cast<std::int64_t>(shard_declarer::max_waiting));
}

TEST_CASE("while the journal is unavailable commands are answered so, and it is asked again until it is back") {
  captured_log log{log_level::warning};
  memory_journal journal;
  slow_to_agree slow{journal};
  counting_node n{slow, 4};
  const auto waited = n.send({"a", 1});
  for (int i = 0; i < 5; ++i) {
    REQUIRE(slow.asked() == 1);
    slow.refuse({code::unavailable, "the disk of /var/lib is away"});
    n.s.run();
    const auto refused = n.ask({"a", 1}).error();
    CHECK(refused.code == code::unavailable);
    CHECK(refused.outcome == outcome::not_applied);
    CHECK(refused.reason == "shards_not_declared");
    CHECK(refused.retry_after);
    CHECK(refused.message.find("/var/lib") == std::string::npos);
    CHECK(n.waits_for().find("/var/lib") != std::string::npos);
    n.s.advance(1500ms);
  }
  CHECK(counters::value_of(waited).error().reason == "shards_not_declared");
  CHECK(lines_with(log, "/var/lib") == 1);
  REQUIRE(slow.asked() == 1);
  slow.pass_on();
  n.s.run();
  CHECK(n.waits_for().empty());
  CHECK(n.ask({"a", 1}).value() == 1);
}

TEST_CASE("of two nodes on one journal, the one with another number of shards serves what it agrees to, and no more") {
  const auto four = counting(4), eight = counting(8);
  simulation world{{.seed = 7, .shared_journal = true}};
  world.add("first", four);
  const auto status_of = [&](const std::string& node, const std::string& target, const std::string& body) {
    http_request r;
    r.method = "POST";
    r.target = target;
    r.body = body;
    r.headers.add("Content-Type", "application/json");
    std::optional<http_response> answer;
    world.request_to(node, std::move(r), [&](result<http_response> a) { answer = std::move(a).value(); });
    while (!answer && world.step()) {
    }
    return *answer;
  };
  CHECK(status_of("first", "/counters/a/additions", R"({"n":1})").status == 200);
  world.add("second", eight);
  const auto refused = status_of("second", "/counters/a/additions", R"({"n":1})");
  CHECK(refused.status == 409);
  CHECK(refused.body.find(both_numbers) != std::string::npos);
  CHECK(status_of("second", "/notes/n", "{}").status == 200);
  CHECK(status_of("first", "/counters/a/additions", R"({"n":1})").body.find('2') != std::string::npos);
}

TEST_CASE("a node whose disk fails while it starts takes commands once it is back, and after every crash") {
  const auto app = counting(4);
  edge_client client{app, 3};
  client.world.fail_syncs(3);
  client.world.crash();
  int refused = 0;
  while (client.send("POST", "/counters/a/additions", R"({"n":1})").status != 200) {
    ++refused;
    client.world.run_for(100ms);
  }
  CHECK(refused > 0);
  for (int i = 2; i < 5; ++i) {
    client.world.crash();
    CHECK(client.send("POST", "/counters/a/additions", R"({"n":1})").body.find(std::to_string(i)) != std::string::npos);
  }
}
