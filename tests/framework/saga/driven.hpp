// A saga that a test drives by hand: every turn is kept as text, and verified by a replay in a machine of its own.
#pragma once

#include <banyan/saga/rebuild.hpp>
#include <banyan/saga/saga_code.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace saga_tests {

using namespace banyan;
using namespace std::chrono_literals;

inline const instant noon{std::chrono::sys_days{std::chrono::January / 1 / 2026} + std::chrono::hours{12}};

inline error refused(const std::string& reason) { return error{code::refused, reason}.because(reason); }

// A service that books things, and takes them back.
struct booked {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(booked, (), (name))
struct book {
  using reply = booked;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(book, (), (name))
struct unbook {
  using reply = booked;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(unbook, (), (name))
struct bookings_api {
  static constexpr std::string_view name = "bookings";
  using operations = banyan::operations<op<book, idempotent::by_key>, op<unbook, idempotent::by_key>>;
};
using ctx_t = saga_context<bookings_api>;

struct text_message {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(text_message, (), (text))

inline saga_step<booked, bookings_api> book_it(ctx_t& ctx, const std::string& name) {
  return ctx.ask<bookings_api, book>(name).undone_by<bookings_api, unbook>(name);
}

class driven {
 public:
  explicit driven(saga_code c, std::string input = "x", saga_limits limits = {})
      : driven{std::move(c), head_of(), nested(text_message{std::move(input)}), limits} {}
  driven(saga_code c, saga_head head, nested_json input, saga_limits limits = {})
      : code{std::move(c)}, machine{&code, limits} {
    auto first = machine.start(std::move(head), std::move(input), now);
    REQUIRE(first);
    stored(*first);
  }
  static saga_head head_of() {
    saga_head h;
    h.saga = "tests";
    h.id = "1";
    return h;
  }

  // Must be a turn.
  saga_turned feed(saga_notification n) {
    auto turn = machine.feed(std::move(n), now);
    if (!turn) FAIL(to_string(turn.error()));
    stored(*turn);
    return turn->turn;
  }
  saga_turned ok(int number, const std::string& name = "x") { return feed(saga_answer(number, saga_ok(booked{name}))); }
  saga_turned fail(int number, const error& why) { return feed(saga_answer(number, saga_error(why))); }
  saga_turned event(std::string name, const std::string& text) {
    return feed(saga_event(std::move(name), nested(text_message{text})));
  }
  saga_turned fire(int number) { return feed(saga_fired(number)); }
  saga_turned cancel() { return feed(saga_cancelled("by the test")); }
  // Must be refused, and change nothing.
  error no(saga_notification n) {
    const auto before = machine.fingerprint();
    auto turn = machine.feed(std::move(n), now);
    REQUIRE_FALSE(turn);
    CHECK(machine.fingerprint() == before);
    return turn.error();
  }
  // Open requests as "step 1 bookings.book".
  std::vector<std::string> open() const {
    std::vector<std::string> all;
    for (const auto& o : machine.outstanding()) {
      auto text = describe(*o.request);
      all.push_back(text.substr(0, text.find(" {")));
    }
    return all;
  }
  std::string end() const {
    return machine.ending() ? boost::describe::enum_to_string(machine.ending()->how, "") : "no end";
  }
  std::string reason() const { return error_in(machine.ending()->result).value_or(error{}).reason; }
  std::string reply() const { return machine.ending()->result.text; }

  saga_code code;
  saga_machine machine;
  std::vector<std::string> log;
  instant now = noon;

 private:
  void stored(const saga_append& turn) {
    log.push_back(turn.payload);
    CHECK(from_json<saga_turned>(turn.payload) == turn.turn);
    auto same = verify_saga(&code, log, machine);
    if (!same) FAIL(same.error().message);
  }
};

}  // namespace saga_tests
