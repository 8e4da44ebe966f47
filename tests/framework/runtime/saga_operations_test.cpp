// What an operator sees of sagas that do not go on, and what helps: by the words of the command line, at the operations
// port of a node in virtual time.
#include <tests/framework/runtime/operated_sagas.hpp>
#include <tests/framework/runtime/running_node.hpp>

#include <banyan/configuration/assignment.hpp>
#include <banyan/engines/memory/memory_journal.hpp>
#include <banyan/journal/journal_check.hpp>
#include <banyan/runtime/configuration.hpp>
#include <banyan/runtime/operator_commands.hpp>
#include <banyan/saga/saga_index.hpp>

#include <CLI/CLI.hpp>

#include <catch2/catch.hpp>

using namespace saga_operations;

TEST_CASE("a saga at a service that is not available is asked again and again, and goes on when it is back") {
  operated o;
  service_down = true;
  o.place("o1");
  o.w.simulation.run_for(10min);
  const auto shown = o.run("show", {{"id", "o1"}});
  CHECK(says(shown, "orders.fulfil o1, version 1, run 1: running\n"));
  CHECK(says(shown, "status        reserving"));
  CHECK(says(shown, "waits for     stock.reserve_piece"));
  CHECK(says(shown, "attempts, last: unavailable: the store is closed"));
  CHECK(says(shown, "stock.reserve_piece is asked until its outcome is known; `sagas retry` asks at once."));
  CHECK(says(o.run("list", {{"--waiting-for", "stock.reserve_piece"}}), "o1  1        running (reserving)"));
  service_down = false;
  CHECK(o.run("retry", {{"id", "o1"}}) == "orders.fulfil o1: running, waits for event approval, timer 3\n");
  CHECK(o.refused("retry", {{"id", "o1"}}).reason == "nothing_to_retry");
}

TEST_CASE("a saga whose code has changed is blocked: it goes on when the code is back, or is aborted") {
  operated o;
  o.place("o1");
  o.place("o2");
  o.w.simulation.run_for(1s);
  other_code = true;
  o.w.simulation.crash();
  o.w.simulation.run_for(5min);
  const auto shown = o.run("show", {{"id", "o1"}});
  CHECK(says(shown, "run 1: blocked (mismatch)"));
  CHECK(says(shown, "blocked       turn 1, started: recorded was step 1 stock.reserve_piece"));
  CHECK(says(shown, "undo if fails stock.release_piece {\"sku\":\"A1\",\"order\":\"o1\"}"));
  CHECK(says(shown, "Deploy the code with which it began"));
  o.run("show", {{"id", "o2"}});
  CHECK(says(o.run("list", {{"--status", "blocked"}}), "o2  1        blocked"));
  CHECK(o.health("sagas").find("2 sagas are blocked: sagas-o1 (unavailable: turn 1, started") == 0);
  CHECK(o.metric("banyan_sagas_blocked") == 2);
  CHECK(o.refused("cancel", {{"id", "o1"}, {"--because", "no"}}).reason == "saga_blocked");
  CHECK(o.refused_text("retry", {{"id", "o1"}}).find("orders.fulfil o1 is still blocked: turn 1") == 0);

  CHECK(says(o.run("abort", {{"id", "o1"}, {"--because", "the code is gone"}, {"--by", "ann"}}),
             "orders.fulfil o1, turn 3: ended\n"));
  o.w.simulation.run_for(1s);
  CHECK(released == std::vector<std::string>{"o1"});
  const auto ended = o.run("show", {{"id", "o1"}});
  CHECK(says(ended, "run 1: ended, undone"));
  CHECK(says(ended, "aborted: refused (saga_aborted): the saga was aborted: the code is gone, by ann\n"));
  CHECK(o.refused("abort", {{"id", "o1"}, {"--because", "again"}}).reason == "saga_ended");

  other_code = false;
  CHECK(says(o.run("retry", {{"id", "o2"}}), "orders.fulfil o2: running, waits for event approval, timer 3\n"));
  CHECK(o.health("sagas").empty());
}

TEST_CASE("a saga with a refused undo action waits for an operator, who has it asked again or did it by hand") {
  operated o;
  release_refused = true;
  for (const char* id : {"o1", "o2"}) {
    o.place(id);
    o.w.simulation.run_for(1s);
    CHECK(says(o.run("cancel", {{"id", id}, {"--because", "the customer left"}}), ", turn 3: "));
  }
  o.w.simulation.run_for(1min);
  const auto shown = o.run("show", {{"id", "o1"}});
  CHECK(says(shown, "run 1: attention\n"));
  CHECK(says(shown, "refused       undo 4 of step 1 stock.release_piece"));
  CHECK(says(shown, "refused (sold): it is sold"));
  CHECK(says(shown, "to undo       stock.release_piece"));
  CHECK(says(shown, "`sagas retry` has them asked again"));
  CHECK(says(o.run("list", {{"--status", "attention"}}), "an operator  sold"));
  CHECK(o.health("sagas orders.fulfil") == "2 sagas need an operator, as undo actions were refused: o1, o2");
  CHECK(o.is_ready());
  CHECK(o.metric("banyan_sagas_attention") == 2);

  CHECK(o.refused("undone", {{"id", "o1"}, {"step", "3"}, {"--because", "x"}}).reason == "no_such_undo");
  CHECK(says(o.run("undone", {{"id", "o1"}, {"step", "1"}, {"--because", "put back by hand"}, {"--by", "ann"}}),
             "orders.fulfil o1, turn 5: ended\n"));
  CHECK(says(o.run("show", {{"id", "o1"}}), "undone 4 {\"because\":\"put back by hand\"}, by ann\n"));
  CHECK(o.refused("undone", {{"id", "o1"}, {"step", "1"}, {"--because", "x"}}).reason == "saga_ended");

  release_refused = false;
  CHECK(says(o.run("retry", {{"id", "o2"}, {"--because", "it is there again"}}), "orders.fulfil o2, turn 5: "));
  o.w.simulation.run_for(1min);
  CHECK(released == std::vector<std::string>{"o2"});
  CHECK(says(o.run("show", {{"id", "o2"}}), "run 1: ended, undone"));
  CHECK(o.health("sagas orders.fulfil").empty());
}

TEST_CASE("a saga whose function is over needs its code no more: a change of it does not block the undo") {
  operated o;
  release_refused = true;
  o.place("o1");
  o.w.simulation.run_for(1s);
  o.run("cancel", {{"id", "o1"}, {"--because", "the customer left"}});
  o.w.simulation.run_for(1s);
  other_code = true;
  o.w.simulation.crash();
  o.w.simulation.run_for(1s);
  CHECK(says(o.run("show", {{"id", "o1"}}), "run 1: attention\n"));
  CHECK(o.health("sagas").empty());
  release_refused = false;
  o.run("retry", {{"id", "o1"}});
  o.w.simulation.run_for(1min);
  CHECK(released == std::vector<std::string>{"o1"});
  CHECK(says(o.run("show", {{"id", "o1"}}), "run 1: ended, undone"));
}

TEST_CASE("a service that was restored from an older backup refuses the undo of what it does not know any more") {
  operated o;
  o.place("o1");
  o.w.simulation.run_for(1s);
  lost_orders = {"o1"};
  CHECK(says(o.run("cancel", {{"id", "o1"}, {"--because", "the stock lost a day"}}), ", turn 3: "));
  o.w.simulation.run_for(1min);
  const auto shown = o.run("show", {{"id", "o1"}});
  CHECK(says(shown, "run 1: attention\n"));
  CHECK(says(shown, "refused       undo 4 of step 1 stock.release_piece"));
  CHECK(says(shown, "not_found: nothing is reserved for o1"));
  CHECK(says(shown, "when one was done by hand, say so by `sagas undone ID STEP --because ...`"));
  CHECK(says(o.run("undone", {{"id", "o1"}, {"step", "1"}, {"--because", "the restored stock has not got it"}}),
             ": ended\n"));
  CHECK(says(o.run("show", {{"id", "o1"}}), "run 1: ended, undone"));
  CHECK(released.empty());
}

TEST_CASE("an event that the saga can not read becomes a dead letter; the saga gets one from an operator") {
  operated o;
  o.place("o1");
  o.w.simulation.run_for(1s);
  o.w.send("POST", "/orders/o1/approval", "{}");  // without `by`, which the saga wants
  o.w.simulation.run_for(1h);
  CHECK(says(o.run("show", {{"id", "o1"}}), "waits for     event approval, timer 3"));
  CHECK(says(o.ask("GET", "/dead-letters").value(), "\"stream\":\"orders-o1\""));
  const auto unread = o.refused("send", {{"id", "o1"}, {"event", "approval"}, {"payload", "{}"}});
  CHECK(unread.code == code::invalid_argument);
  CHECK(o.refused("send", {{"id", "o1"}, {"event", "approval"}, {"payload", "{"}}).field == "payload");
  CHECK(says(o.run("send", {{"id", "o1"}, {"event", "approval"}, {"payload", R"({"by":"the bank"})"}, {"--by", "ann"}}),
             "turn 3: ended\n"));
  CHECK(says(o.run("show", {{"id", "o1"}}), "received approval {\"by\":\"the bank\"}, by ann\n"));
}

TEST_CASE("a saga with too many turns is blocked, until the limit is raised or it is aborted") {
  auto few = app_of(1);
  auto settings = default_settings("shop");
  configuration_sources sources;
  sources.assignments = {"orders.saga.orders.fulfil.max_turns=2"};
  REQUIRE(apply_configuration(few, settings, sources).empty());
  operated o{few};
  o.place("o1");
  o.w.simulation.run_for(1s);
  const auto refused = o.refused("send", {{"id", "o1"}, {"event", "approval"}, {"payload", R"({"by":"x"})"}});
  CHECK(refused.reason == "saga_blocked");
  const auto shown = o.run("show", {{"id", "o1"}});
  CHECK(says(shown, "blocked (too_long)"));
  CHECK(says(shown, "blocked       the run has 2 turns and "));
  CHECK(says(shown, " bytes, of 2 (max_turns) and 8388608 (max_bytes)\n"));
  CHECK(says(shown, "SERVICE.saga.orders.fulfil.max_turns or max_bytes, and start the node again"));
  CHECK(says(o.run("abort", {{"id", "o1"}, {"--because", "too long"}}), ", turn 3: "));
  o.w.simulation.run_for(1s);
  CHECK(says(o.run("show", {{"id", "o1"}}), "ended, undone"));
}

TEST_CASE("living sagas of a version that is not linked degrade the node, and are found in the journal before") {
  operated o;
  o.place("o1");
  o.place("o2");
  o.w.simulation.run_for(1s);
  const auto newer = app_of(3);
  const auto sentence = "2 sagas of orders.fulfil version 1 are alive, but this program has only 3: link the function "
                        "of version 1 (earlier_saga), or wait for them (oldest since 2";
  std::vector<std::string> found;
  memory_journal copy;
  o.copy_to(copy);
  for (const auto& p : newer.services)
    for (const auto* check : p.offered<journal_check>())
      for (auto& s : check->run(copy).value()) found.push_back(std::move(s));
  REQUIRE(found.size() == 1);
  CHECK(found[0].find(sentence) == 0);

  for (const auto& p : the_app().services)
    for (const auto* check : p.offered<journal_check>()) CHECK(check->run(copy).value().empty());

  test::running_node n{newer, {.journal = &copy}};
  std::string ready;
  const auto limit = std::chrono::steady_clock::now() + 60s;
  while (ready.find("are alive") == ready.npos && std::chrono::steady_clock::now() < limit)
    ready = n.operations("/readyz").body;
  CHECK(says(ready, R"({"name":"sagas orders.fulfil","state":"degraded","sentence":")" + std::string{sentence}));
  CHECK(says(ready, R"({"status":"degraded")"));
  CHECK(says(n.operations("/sagas").body, R"("living":[{"version":1,"sagas":2,"oldest":"2026-01-01T)"));
  const auto shown = n.operations("/sagas/o1").body;
  CHECK(says(shown, R"("blocked_by":"unknown_version")"));
  CHECK(says(shown, R"("to_undo":[{"operation":"stock.release_piece")"));
  CHECK(says(shown, "Link the function of version 1"));
}

TEST_CASE("sagas are found by name, state, version, age and what they wait for, page by page") {
  operated o;
  o.w.simulation.run_for(1s);
  CHECK(o.run("list", {}) == "There are no such sagas.\n");
  for (const char* id : {"o1", "o2", "o3"}) o.place(id);
  o.w.simulation.run_for(1h);
  o.run("send", {{"id", "o2"}, {"event", "approval"}, {"payload", R"({"by":"x"})"}});
  o.w.simulation.run_for(1s);
  const auto ids = [&](std::map<std::string, std::string> with) {
    with["--json"] = "true";
    std::string all;
    const auto text = o.run("list", with);
    for (std::size_t at = 0; (at = text.find(R"("id":")", at)) != text.npos; ++at) all += text.substr(at + 6, 2);
    return all;
  };
  CHECK(ids({}) == "o1o2o3");
  CHECK(ids({{"--status", "running"}}) == "o1o3");
  CHECK(ids({{"--status", "living"}}) == "o1o3");
  CHECK(ids({{"--status", "sleeping"}}) == "o1o3");
  CHECK(ids({{"--status", "ended"}}) == "o2");
  CHECK(ids({{"--status", "done"}}) == "o2");
  CHECK(ids({{"--waiting-for", "approval"}}) == "o1o3");
  CHECK(ids({{"--older-than", "30min"}}) == "o1o3");
  CHECK(ids({{"--older-than", "2h"}}).empty());
  CHECK(ids({{"--version", "2"}}).empty());
  CHECK(ids({{"--name", "orders.fulfil"}, {"--limit", "2"}}).starts_with("o1o2"));
  CHECK(says(o.run("list", {{"--limit", "2"}}), "There are more: --after orders.fulfil/o2, or --limit N\n"));
  CHECK(ids({{"--after", "orders.fulfil/o2"}}) == "o3");
  CHECK(o.refused("list", {{"--name", "nobody"}}).code == code::not_found);
  CHECK(o.refused("list", {{"--limit", "0"}}).field == "limit");
  CHECK(o.refused("list", {{"--status", "finished"}}).field == "status");
  for (const auto status : banyan::saga_statuses) o.run("list", {{"--status", std::string{status}}});
  o.run("list", {{"--status", "blocked"}});
  CHECK(o.refused("list", {{"--older-than", "soon"}}).field == "older-than");
  CHECK(o.refused("list", {{"--after", "o1"}}).field == "after");
}

TEST_CASE("who changes a saga has the token, and says why") {
  operated o;
  o.place("o1");
  o.w.simulation.run_for(1s);
  o.token = "";
  CHECK(o.refused("cancel", {{"id", "o1"}, {"--because", "x"}}).code == code::unauthenticated);
  CHECK(o.refused("export", {{"dir", "nowhere"}}).code == code::unauthenticated);
  CHECK(says(o.run("show", {{"id", "o1"}}), "running"));
  o.token = "s3cret";
  CHECK(o.refused("cancel", {{"id", "o1"}}).field == "because");
  CHECK(o.refused("show", {{"id", "o9"}}).reason == "no_such_saga");
  CHECK(o.refused("retry", {{"id", "o9"}}).reason == "no_such_saga");
  CHECK(o.refused("show", {{"id", "o1"}, {"--name", "nobody"}}).code == code::not_found);
}

TEST_CASE("what operators and metrics count") {
  operated o;
  o.place("o1");
  o.place("o2");
  o.w.simulation.run_for(1s);
  o.run("send", {{"id", "o2"}, {"event", "approval"}, {"payload", R"({"by":"x"})"}});
  o.w.simulation.run_for(1min);
  CHECK(o.metric("banyan_sagas_started_total") == 2);
  CHECK(o.metric("banyan_sagas_ended_total") == 1);
  CHECK(o.metric("banyan_saga_answers_total") == 2);
  CHECK(o.metric("banyan_sagas_living") == 1);
  CHECK(o.metric("banyan_sagas_active") + o.metric("banyan_sagas_passivated") >= 1);
  CHECK(o.metric("banyan_saga_overdue_timers") == 0);
}

TEST_CASE("the command line takes the words of sagas, asks a running node, and says what is wrong") {
  test::running_node n{the_app(), {.operator_token = "s3cret"}};
  const auto run = [&](std::vector<std::string> words) {
    CLI::App cli;
    operations_arguments asked;
    operator_commands commands{cli, the_app(), asked, [](CLI::App&) {}};
    std::reverse(words.begin(), words.end());
    cli.parse(words);
    node_settings settings;
    settings.admin = "127.0.0.1:" + std::to_string(n.operations_port());
    settings.operator_token = "s3cret";
    std::ostringstream out, err;
    const auto code = commands.run(settings, {}, out, err);
    return std::tuple{code.value(), out.str(), err.str()};
  };
  auto listed = run({"sagas", "list"});
  while (std::get<0>(listed) != 0) listed = run({"sagas", "list"});  // until the index is open
  CHECK(listed == std::tuple{0, "", "There are no such sagas.\n"});
  CHECK(run({"sagas", "list", "--status", "blocked", "--json"}) == std::tuple{0, "", "There are no such sagas.\n"});
  CHECK(run({"sagas", "show", "o9"}) ==
        std::tuple{1, "", "not_found (no_such_saga): there is no orders.fulfil o9\n"});
  CHECK(run({"sagas", "abort", "o9", "--because", "x"}) ==
        std::tuple{1, "", "not_found (no_such_saga): there is no orders.fulfil o9\n"});
  CHECK(run({"sagas", "replay"}) == std::tuple{0, "", "0 sagas replayed, 0 differ\n"});
  CHECK(run({"sagas", "retry"}) == std::tuple{2, "", "Say which saga: its ID, or --all of a --name.\n"});
  CHECK(run({"sagas", "retry", "--all"}) ==
        std::tuple{2, "", "--all needs the --name of the sagas, such as orders.checkout.\n"});
  CHECK(run({"sagas", "retry", "o9", "--older-than", "2h"}) == std::tuple{2, "", "--older-than is for --all.\n"});
  CHECK_THROWS_AS(run({"sagas", "list", "--status", "asleep"}), CLI::ValidationError);
  CHECK_THROWS_AS(run({"sagas", "abort", "o9"}), CLI::RequiredError);
  CHECK_THROWS_AS(run({"sagas", "undone", "o9", "x", "--because", "x"}), CLI::ValidationError);
  CHECK_THROWS_AS(run({"sagas", "send", "o9", "approval", "{"}), CLI::ValidationError);
  CHECK_THROWS_AS(run({"sagas", "list", "--older-than", "soon"}), CLI::ValidationError);
}
