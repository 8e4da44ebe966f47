// Our actors among raw CAF actors: who asks what ours do not understand, or asks one that has ended, gets an answer and not silence.
#include <banyan/actor/native_system.hpp>

#include <catch2/catch.hpp>

#include <caf/scoped_actor.hpp>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct silent : actor {
  behavior make_behavior() override { return {}; }
};

std::string asked(caf::scoped_actor& raw, const address& to) {
  std::string heard = "an answer";
  auto handle = caf::actor_cast<caf::actor>(caf::strong_actor_ptr{address_access::get(to)});
  const auto failed = [&](const caf::error& e) { heard = caf::to_string(e); };
#if BANYAN_CAF_0_17
  raw->request(handle, 10s, 1).receive([](int) {}, failed);
#else
  raw->mail(1).request(handle, 10s).receive([](int) {}, failed);
#endif
  return heard;
}

}  // namespace

TEST_CASE("a raw request that ours does not understand is answered with an error", "[raw_caf]") {
  actor_system s{{.threads = 2}};
  caf::scoped_actor raw{s.get_native().caf};
  CHECK_THAT(asked(raw, s.spawn([] { return std::make_unique<silent>(); })), Catch::Contains("unexpected_message"));
}

TEST_CASE("a raw request to one of ours that has ended is answered with an error", "[raw_caf]") {
  actor_system s{{.threads = 2}};
  caf::scoped_actor raw{s.get_native().caf};
  auto gone = s.spawn([] { return std::make_unique<silent>(); });
  CHECK(s.shutdown());
  CHECK_THAT(asked(raw, gone), Catch::Contains("request_receiver_down"));
}

TEST_CASE("a raw actor that monitors one of ours hears of its end", "[raw_caf]") {
  actor_system s{{.threads = 2}};
  caf::scoped_actor raw{s.get_native().caf};
  auto watched = s.spawn([] { return std::make_unique<silent>(); });
  raw->monitor(caf::actor_cast<caf::actor>(caf::strong_actor_ptr{address_access::get(watched)}));
  stop_actor(watched);
  bool heard = false;
  raw->receive([&](const caf::down_msg&) { heard = true; }, caf::after(10s) >> [] {});
  CHECK(heard);
}

TEST_CASE("one of ours ends when a raw actor tells it to, and not for another's normal end", "[raw_caf]") {
  actor_system s{{.threads = 2}};
  caf::scoped_actor raw{s.get_native().caf};
  const auto ours = s.spawn([] { return std::make_unique<silent>(); });
  const auto handle = caf::actor_cast<caf::actor>(caf::strong_actor_ptr{address_access::get(ours)});
  raw->monitor(handle);
  caf::anon_send_exit(handle, caf::exit_reason::normal);
  CHECK_THAT(asked(raw, ours), Catch::Contains("unexpected_message"));
  caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  bool heard = false;
  raw->receive([&](const caf::down_msg& down) { heard = down.reason == caf::exit_reason::user_shutdown; },
               caf::after(10s) >> [] {});
  CHECK(heard);
  CHECK(s.counters().stopped == 1);
  CHECK_THAT(asked(raw, ours), Catch::Contains("request_receiver_down"));
}
