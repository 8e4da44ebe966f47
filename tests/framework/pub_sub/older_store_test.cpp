// A subscription that begins with what a program left that kept it in a view store.
#include <tests/framework/engines/sqlite/view_store_files.hpp>
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/pub_sub/subscription_world.hpp>

#include <banyan/engines/sqlite/database.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("a subscription goes on where a program without the port left it", "[subscription]") {
  captured_log log{log_level::off};
  const view_test::temporary_folder folder;
  {
    std::stringstream sql;
    sql << std::ifstream{DELIVERIES_BEFORE_THEIR_PORT}.rdbuf();
    auto db = sqlite::database::open({.path = folder.file(delivery_store_name(numbers) + ".v1.db")}).value();
    db.execute(sql.str()).value();
    db.execute("pragma journal_mode = wal").value();
  }
  const auto store = open_sqlite_delivery_store({.of = numbers, .folder = folder.path()}).value();
  subscription_world w{*store};
  w.trial.first_wait = 20ms;
  for (const auto& [stream, payload] : {std::pair{"a", "1"},
                                        {"b", "undecodable"},
                                        {"c", "throw"},
                                        {"d", "refuse"},
                                        {"e", "hang"},
                                        {"f", "6"},
                                        {"g", "throw 7"},
                                        {"h", "8"}})
    w.append(stream, payload);
  actor_system system{{.threads = 1}};
  const auto who = system.spawn(w.factory(), {.name = "subscription"});
  for (auto at = w.progress->checkpoint.load(); at < 8; at = w.progress->checkpoint.load())
    w.progress->checkpoint.wait(at);
  CHECK(w.progress->dead_letters().count == 4);
  CHECK(w.progress->dead_letters().first->position == 2);
  const auto replayed = system.ask_and_wait(who, replay_dead_letter{4}, 1min);
  CHECK(replayed.value() == delivered_again{9});
  CHECK(w.progress->dead_letters().count == 3);
  system.shutdown();
  std::sort(w.began.begin(), w.began.end());
  CHECK(w.began == subscription_world::handled{"d:refuse", "e:hang", "f:6", "h:8"});
}
