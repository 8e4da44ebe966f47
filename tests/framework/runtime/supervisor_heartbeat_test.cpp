#include <banyan/runtime/supervisor_heartbeat.hpp>

#include <catch2/catch.hpp>

#include <tests/framework/actor/stepped.hpp>
#include <tests/framework/process_supervision/notify_receiver.hpp>

using namespace banyan;
using namespace std::chrono_literals;

TEST_CASE("a node sends two heartbeats per period, through its actors, until something is dead or it ends", "[supervisor_heartbeat]") {
  test::notify_receiver above{"heartbeat"};
  bool alive = true;
  test::stepped s;
  send_heartbeats(s.system, service_notifier{above.name, 4s}, [&] { return alive; });
  CHECK(above.next() == "nothing");  // no actor has run
  s.run();
  CHECK(above.next() == "WATCHDOG=1");
  s.advance(1999ms);
  CHECK(above.next() == "nothing");
  s.advance(1ms);
  CHECK(above.next() == "WATCHDOG=1");
  alive = false;
  s.advance(10s);
  CHECK(above.next() == "nothing");
  alive = true;
  s.advance(2s);
  CHECK(above.next() == "WATCHDOG=1");
  s.system.shutdown();
  s.advance(10s);
  CHECK(above.next() == "nothing");
}

TEST_CASE("where no heartbeat is expected there is no actor for it", "[supervisor_heartbeat]") {
  test::stepped s;
  send_heartbeats(s.system, service_notifier{"@nobody"}, [] { return true; });
  s.run();
  CHECK(s.system.topology().empty());
}
