#include <banyan/cli/edit_loop/core.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::edit_loop;
using namespace std::chrono_literals;

namespace {

monotonic at(nanoseconds t) { return monotonic{} + 1h + t; }

// A loop whose first build was good and whose program is ready at 2 s.
core serving() {
  core loop;
  CHECK(loop.next(at(0s)) == step::build);
  loop.built(build_result::fresh, at(1s));
  CHECK(loop.next(at(1s)) == step::start);
  loop.ready(at(2s));
  CHECK(loop.next(at(2s)) == step::wait);
  return loop;
}

}  // namespace

TEST_CASE("an edit loop builds first, and then starts the program") {
  core loop;
  CHECK(loop.next(at(0s)) == step::build);
  CHECK(loop.next(at(0s)) == step::wait);
  CHECK(loop.is_building());
  loop.built(build_result::fresh, at(3100ms));
  CHECK(loop.next(at(3100ms)) == step::start);
  CHECK(loop.next(at(3100ms)) == step::wait);
  CHECK(to_sentence(loop.ready(at(3500ms))) == "built in 3.1 s, serving after 0.4 s");
  CHECK(loop.deadline() == std::nullopt);
}

TEST_CASE("changes are gathered until none comes for 100 ms") {
  auto loop = serving();
  loop.changed(file_kind::source, at(5s));
  CHECK(loop.deadline() == at(5100ms));
  CHECK(loop.next(at(5099ms)) == step::wait);
  loop.changed(file_kind::source, at(5050ms));
  CHECK(loop.next(at(5149ms)) == step::wait);
  CHECK(loop.next(at(5150ms)) == step::build);
  CHECK(loop.deadline() == std::nullopt);
}

TEST_CASE("changes that do not cease are built after a second") {
  auto loop = serving();
  for (auto t = 5000ms; t < 6000ms; t += 50ms) {
    CHECK(loop.next(at(t)) == step::wait);
    loop.changed(file_kind::source, at(t));
  }
  CHECK(loop.deadline() == at(6s));
  CHECK(loop.next(at(6s)) == step::build);
}

TEST_CASE("a file that does not count changes nothing") {
  auto loop = serving();
  loop.changed(file_kind::other, at(5s));
  CHECK(loop.deadline() == std::nullopt);
  CHECK(loop.next(at(9s)) == step::wait);
}

TEST_CASE("a good build ends the program, and starts it when it has ended") {
  auto loop = serving();
  loop.changed(file_kind::source, at(5s));
  CHECK(loop.next(at(5100ms)) == step::build);
  loop.built(build_result::fresh, at(8200ms));
  CHECK(loop.next(at(8200ms)) == step::stop);
  CHECK(loop.is_stopping());
  CHECK(loop.next(at(8300ms)) == step::wait);
  loop.ended();
  CHECK(loop.next(at(8400ms)) == step::start);
  CHECK(to_sentence(loop.ready(at(8600ms))) == "rebuilt in 3.1 s, serving again after 0.4 s (3.6 s since the edit)");
}

TEST_CASE("a failed build leaves the program as it is, and the next change is built") {
  auto loop = serving();
  loop.changed(file_kind::source, at(5s));
  CHECK(loop.next(at(6s)) == step::build);
  loop.built(build_result::failed, at(7s));
  CHECK(loop.next(at(7s)) == step::wait);
  CHECK(loop.has_program());
  loop.changed(file_kind::source, at(20s));
  CHECK(loop.next(at(21s)) == step::build);
  loop.built(build_result::fresh, at(22s));
  CHECK(loop.next(at(22s)) == step::stop);
  loop.ended();
  CHECK(loop.next(at(22s)) == step::start);
  CHECK(loop.ready(at(23s)).since_edit == nanoseconds{3s});
}

TEST_CASE("a first build that fails waits for a change") {
  core loop;
  CHECK(loop.next(at(0s)) == step::build);
  loop.built(build_result::failed, at(1s));
  CHECK(loop.next(at(100s)) == step::wait);
  loop.changed(file_kind::source, at(101s));
  CHECK(loop.next(at(102s)) == step::build);
  loop.built(build_result::fresh, at(103s));
  CHECK(loop.next(at(103s)) == step::start);
  CHECK_FALSE(loop.ready(at(104s)).since_edit);
}

TEST_CASE("a program that is late and to be replaced is both mentioned and ended") {
  core loop;
  CHECK(loop.next(at(0s)) == step::build);
  loop.built(build_result::fresh, at(1s));
  CHECK(loop.next(at(1s)) == step::start);
  loop.changed(file_kind::source, at(2s));
  CHECK(loop.next(at(3s)) == step::build);
  loop.built(build_result::fresh, at(11s));
  CHECK(loop.next(at(11s)) == step::report_unready);
  CHECK(loop.next(at(11s)) == step::stop);
  CHECK(loop.next(at(11s)) == step::wait);
}

TEST_CASE("what changes during a build is built before the program is started again") {
  auto loop = serving();
  loop.changed(file_kind::source, at(5s));
  CHECK(loop.next(at(6s)) == step::build);
  loop.changed(file_kind::source, at(7s));
  CHECK(loop.next(at(8s)) == step::wait);
  CHECK(loop.deadline() == std::nullopt);
  loop.built(build_result::fresh, at(9s));
  CHECK(loop.next(at(9s)) == step::build);

  SECTION("the time is that since the first of the changes") {
    loop.built(build_result::fresh, at(10s));
    CHECK(loop.next(at(10s)) == step::stop);
    loop.ended();
    CHECK(loop.next(at(10s)) == step::start);
    CHECK(loop.ready(at(11s)).since_edit == nanoseconds{6s});
  }
  SECTION("a failure of the second build leaves the program, although the first was good") {
    loop.built(build_result::failed, at(10s));
    CHECK(loop.next(at(10s)) == step::wait);
    CHECK(loop.has_program());
  }
}

TEST_CASE("a change at the end of a build is gathered before the program is started again") {
  auto loop = serving();
  loop.changed(file_kind::source, at(5s));
  CHECK(loop.next(at(6s)) == step::build);
  loop.changed(file_kind::source, at(8990ms));
  loop.built(build_result::fresh, at(9s));
  CHECK(loop.next(at(9s)) == step::wait);
  CHECK(loop.deadline() == at(9090ms));
  CHECK(loop.next(at(9090ms)) == step::build);
}

TEST_CASE("a change while the program ends is built after the new one is started") {
  auto loop = serving();
  loop.changed(file_kind::source, at(5s));
  CHECK(loop.next(at(6s)) == step::build);
  loop.built(build_result::fresh, at(7s));
  CHECK(loop.next(at(7s)) == step::stop);
  loop.changed(file_kind::source, at(8s));
  CHECK(loop.next(at(9s)) == step::wait);
  CHECK(loop.deadline() == std::nullopt);
  loop.ended();
  CHECK(loop.next(at(9s)) == step::start);
  CHECK(loop.next(at(9s)) == step::build);
}

TEST_CASE("a build that makes nothing new leaves the program, unless a setting has changed") {
  auto loop = serving();
  loop.changed(file_kind::source, at(5s));
  CHECK(loop.next(at(6s)) == step::build);
  SECTION("sources alone") {
    loop.built(build_result::same, at(7s));
    CHECK(loop.next(at(7s)) == step::wait);
  }
  SECTION("a setting, while it builds") {
    loop.changed(file_kind::setting, at(6s));
    loop.built(build_result::same, at(7s));
    CHECK(loop.next(at(7s)) == step::build);
    loop.built(build_result::same, at(8s));
    CHECK(loop.next(at(8s)) == step::stop);
  }
  SECTION("a setting, before a build that fails") {
    loop.built(build_result::same, at(7s));
    loop.changed(file_kind::setting, at(8s));
    CHECK(loop.next(at(9s)) == step::build);
    loop.built(build_result::failed, at(10s));
    CHECK(loop.next(at(10s)) == step::wait);
    loop.changed(file_kind::source, at(11s));
    CHECK(loop.next(at(12s)) == step::build);
    loop.built(build_result::same, at(13s));
    CHECK(loop.next(at(13s)) == step::stop);
  }
}

TEST_CASE("a setting restarts the program once") {
  auto loop = serving();
  loop.changed(file_kind::setting, at(5s));
  CHECK(loop.next(at(6s)) == step::build);
  loop.built(build_result::same, at(7s));
  CHECK(loop.next(at(7s)) == step::stop);
  loop.ended();
  CHECK(loop.next(at(7s)) == step::start);
  loop.ready(at(8s));
  loop.changed(file_kind::source, at(9s));
  CHECK(loop.next(at(10s)) == step::build);
  loop.built(build_result::same, at(11s));
  CHECK(loop.next(at(11s)) == step::wait);
}

TEST_CASE("a program that ends by itself is started after the next change, also when nothing new is built") {
  auto loop = serving();
  loop.ended();
  CHECK(loop.next(at(100s)) == step::wait);
  loop.changed(file_kind::source, at(101s));
  CHECK(loop.next(at(102s)) == step::build);
  loop.built(build_result::same, at(103s));
  CHECK(loop.next(at(103s)) == step::start);
}

TEST_CASE("a program that does not tell its readiness is mentioned once") {
  core loop;
  CHECK(loop.next(at(0s)) == step::build);
  loop.built(build_result::fresh, at(1s));
  CHECK(loop.next(at(1s)) == step::start);
  CHECK(loop.deadline() == at(11s));
  CHECK(loop.next(at(10s)) == step::wait);
  CHECK(loop.next(at(11s)) == step::report_unready);
  CHECK(loop.next(at(12s)) == step::wait);
  CHECK(loop.deadline() == std::nullopt);
  SECTION("it is replaced like any other") {
    loop.changed(file_kind::source, at(20s));
    CHECK(loop.next(at(21s)) == step::build);
    loop.built(build_result::fresh, at(22s));
    CHECK(loop.next(at(22s)) == step::stop);
  }
  SECTION("it may still become ready") { CHECK(loop.ready(at(30s)).serving == nanoseconds{29s}); }
}

TEST_CASE("a program that ends before it is ready is not mentioned") {
  core loop;
  CHECK(loop.next(at(0s)) == step::build);
  loop.built(build_result::fresh, at(1s));
  CHECK(loop.next(at(1s)) == step::start);
  loop.ended();
  CHECK(loop.next(at(11s)) == step::wait);
}

TEST_CASE("short times have two decimals") {
  CHECK(to_sentence({40ms, 12'340ms, 12'500ms}) ==
        "rebuilt in 0.04 s, serving again after 12.3 s (12.5 s since the edit)");
}
