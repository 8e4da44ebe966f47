// What an operator does with many sagas at once: changes, replays with the code of another build, exports.
#include <tests/framework/runtime/operated_sagas.hpp>

#include <catch2/catch.hpp>

#include <filesystem>

using namespace saga_operations;

TEST_CASE("an order for many sagas: those that the filters choose, so many in a second, and first as a rehearsal") {
  operated o;
  for (const char* id : {"o1", "o2", "o3", "o4"}) o.place(id);
  o.w.simulation.run_for(1h);
  o.run("send", {{"id", "o2"}, {"event", "approval"}, {"payload", R"({"by":"x"})"}});
  o.place("o5");
  o.w.simulation.run_for(1s);
  const operated::given old{{"--all", "true"}, {"--name", "orders.fulfil"}, {"--older-than", "30min"}};
  auto rehearsal = old;
  rehearsal.insert({{"--because", "the sale is over"}, {"--dry-run", "true"}});
  CHECK(o.run("cancel", rehearsal) ==
        "orders.fulfil o1: running\norders.fulfil o3: running\norders.fulfil o4: running\n"
        "3 sagas, nothing was changed\n");
  CHECK(o.paused == 0s);

  release_refused = true;
  auto cancel = old;
  cancel.insert({{"--because", "the sale is over"}, {"--rate", "2"}});
  CHECK(says(o.run("cancel", cancel), "3 sagas changed, 0 refused\n"));
  CHECK(o.paused == 1s);
  CHECK(says(o.run("show", {{"id", "o4"}}), "refused (saga_cancelled): the saga was cancelled: the sale is over"));
  CHECK(says(o.run("show", {{"id", "o5"}}), "run 1: running"));
  o.w.simulation.run_for(1min);

  release_refused = false;
  CHECK(says(o.run("retry", {{"--all", "true"}, {"--name", "orders.fulfil"}, {"--status", "attention"}}),
             "3 sagas changed, 0 refused\n"));
  o.w.simulation.run_for(1min);
  CHECK(released == std::vector<std::string>{"o1", "o3", "o4"});
  // One that can not be changed does not stop the others.
  const auto text = o.refused_text("retry", {{"--all", "true"}, {"--name", "orders.fulfil"}, {"--status", "ended"}});
  CHECK(says(text, "orders.fulfil o1: conflict (saga_ended)"));
  CHECK(says(text, "0 sagas changed, 4 refused\n"));
}

TEST_CASE("an order for many sagas without the token changes nothing, and says so once") {
  operated o;
  for (const char* id : {"o1", "o2"}) o.place(id);
  o.w.simulation.run_for(1s);
  o.token = "";
  CHECK(o.refused("abort", {{"--all", "true"}, {"--name", "orders.fulfil"}, {"--because", "x"}}).code ==
        code::unauthenticated);
  CHECK(says(o.run("show", {{"id", "o1"}}), "running"));
}

TEST_CASE("living sagas are replayed with the code of the program that asks: a deployment may be tried before") {
  operated o;
  for (const char* id : {"o1", "o2", "o3"}) o.place(id);
  o.w.simulation.run_for(1s);
  o.run("send", {{"id", "o2"}, {"event", "approval"}, {"payload", R"({"by":"x"})"}});
  o.w.simulation.run_for(1s);
  CHECK(o.run("replay", {}) == "2 sagas replayed, 0 differ\n");
  CHECK(o.run("replay", {{"id", "o1"}}) == "1 saga replayed, 0 differ\n");
  CHECK(o.run("replay", {{"--status", "ended"}}) == "1 saga replayed, 0 differ\n");

  other_code = true;  // of the program that asks; the node goes on
  const auto text = o.refused_text("replay", {});
  CHECK(says(text, "orders.fulfil o1, version 1: turn 1, started: recorded was step 1 stock.reserve_piece"));
  CHECK(says(text, "orders.fulfil o3, version 1: turn 1, started"));
  CHECK(says(text, "2 sagas replayed, 2 differ\n"));
  CHECK(says(o.refused_text("replay", {{"id", "o2"}, {"--json", "true"}}),
             R"({"saga":"orders.fulfil","id":"o2","run":1,"version":1,"differs":"turn 1, started)"));
  other_code = false;
  CHECK(o.health("sagas").empty());

  const auto newer = app_of(3);
  o.program = &newer;
  CHECK(says(o.refused_text("replay", {{"id", "o3"}}),
             "orders.fulfil o3, version 1: version 1 is not linked into this program\n"));
  const application empty{"another", {}};
  o.program = &empty;
  CHECK(says(o.refused_text("replay", {{"id", "o3"}}), "this program has no sagas of this name\n"));
  CHECK(o.refused("replay", {{"id", "o9"}}).reason == "no_such_saga");
  o.token = "";
  CHECK(o.refused("replay", {}).code == code::unauthenticated);
}

TEST_CASE("histories are exported as a replay wants them") {
  const auto dir = std::filesystem::temp_directory_path() / "banyan_saga_export_test";
  std::filesystem::remove_all(dir);
  operated o;
  for (const char* id : {"o1", "o2", "o3"}) o.place(id);
  o.w.simulation.run_for(1s);
  CHECK(o.run("export", {{"dir", dir.string()}, {"--per-version", "2"}}) == "2 sagas with 4 turns\n");
  CHECK(std::filesystem::exists(dir / "orders.fulfil" / "v1" / "o1.jsonl"));
  CHECK_FALSE(std::filesystem::exists(dir / "orders.fulfil" / "v1" / "o3.jsonl"));
  CHECK(test_kit::replays<fulfil>((dir / "orders.fulfil").string()) == 4);
  std::filesystem::remove_all(dir);
}
