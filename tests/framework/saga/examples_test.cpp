// The examples of the headers.
#include "checkout.hpp"

#include <banyan/saga/rebuild.hpp>

#include <catch2/catch.hpp>

#include <chrono>

using namespace banyan;
using namespace shop;
using namespace std::chrono_literals;

namespace {

durable<result<order_state>> pay(saga_context<payments_api, orders_api> ctx, const order_placed& e) {
  auto paid = co_await ctx.ask<payments_api, charge>(e.id, e.total).undone_by<payments_api, refund>(e.id);
  if (!paid) co_return paid.error();
  if (auto stands = ctx.pivot(); !stands) co_return stands.error();
  co_return co_await ctx.ask<orders_api, confirm_order>(e.id);
}

durable<result<order_state>> approve(checkout_context ctx, const order_placed& e) {
  auto approval = ctx.event<payment_approved>("approval");
  auto deadline = ctx.timer(15min);
  if (co_await ctx.first(approval, deadline) == 1) co_return error{code::refused, "too late"};
  result<payment_approved> answer = approval.get();
  if (!answer) co_return answer.error();
  co_return order_state{e.id, "approved"};
}

// How the outcome of an operation is found out.
namespace lost_answers {
// clang-format off
struct charge_status { std::string state; std::string charge; };  // "unknown", "pending", "charged", "declined"
// clang-format on
BOOST_DESCRIBE_STRUCT(charge_status, (), (state, charge))
struct get_charge {
  using reply = charge_status;
  std::string order;
  static get_charge of(const charge& c) { return {c.order}; }
};
BOOST_DESCRIBE_STRUCT(get_charge, (), (order))
std::optional<result<charged>> outcome_of(const charge&, const charge_status&);
std::optional<result<charged>> outcome_of(const charge&, const charge_status& s) {
  if (s.state == "pending") return std::nullopt;
  if (s.state == "charged") return charged{s.charge, false};
  return error{code::not_found, "the bank knows nothing of it"};
}
// clang-format off
using charging = boost::mp11::mp_list<
  op<charge, idempotent::by_key, known_by<get_charge, &get_charge::of, &outcome_of>, remembered_days<30>>
>;
// clang-format on
}  // namespace lost_answers

}  // namespace

TEST_CASE("an operation says how its outcome is found out") {
  const auto o = operation_of<boost::mp11::mp_front<lost_answers::charging>>("payments");
  CHECK(o.known_by->operation == "payments.get_charge");
  CHECK(o.remembered == timespan{std::chrono::hours{30 * 24}});
  CHECK(*o.known_by->query_of(to_json(charge{"o17", {1, "GBP"}})) == R"({"order":"o17"})");
}

TEST_CASE("a saga is run, and run again from its record") {
  const auto code = saga_code_of<pay>("orders.pay");
  saga_head head;
  head.saga = "orders.pay";
  head.id = "o17";
  const auto input = nested(an_order());
  const auto answer = saga_ok(charged{"ch-17", false});
  const instant now{};
  std::vector<std::string> sent;
  const auto send = [&](const saga_request& r) { sent.push_back(r.name); };

  saga_machine m{&code};
  result<saga_append> first = m.start(head, input, now);
  for (const saga_open& open : m.outstanding()) send(*open.request);
  result<saga_append> next = m.feed(saga_answer(1, answer), now);

  {
    saga_machine again{&code};
    result<void> same = again.replay(first->payload);
    CHECK(same);
  }
  CHECK(sent == std::vector<std::string>{"payments.charge"});
  REQUIRE(next);
  const std::vector<std::string> payloads{first->payload, next->payload};
  {
    auto rebuilt = rebuild_saga(&code, payloads);
    auto same = verify_saga(&code, payloads, m);
    CHECK(rebuilt);
    CHECK(same);
  }
}

TEST_CASE("a race of an event and a timer") {
  const saga_code code = saga_code_of<check_out>("orders.checkout", 1);
  CHECK(code.name == "orders.checkout");
  const auto approval = saga_code_of<approve>("orders.approve");
  saga_head head;
  head.saga = "orders.approve";
  head.id = "o17";
  saga_machine m{&approval};
  REQUIRE(m.start(head, nested(an_order()), instant{}));
  REQUIRE(m.feed(saga_fired(2), instant{15min}));
  CHECK(error_in(m.ending()->result)->message == "too late");
}

TEST_CASE("the texts of the record") {
  saga_request request;
  request.arguments = nested(refund{"o17"});
  std::string text = to_json(request);
  CHECK(text == R"({"kind":"step","arguments":{"order":"o17"}})");

  const std::string stored = R"(
    {"turn":5,"now":"2026-01-01T00:00:04.219Z",
    "because":{"kind":"answered","number":5,"payload":{"ok":{"charge":"ch-17","needs_approval":false}}},
    "then":[{"kind":"pivot","number":6},
            {"kind":"step","number":7,"name":"orders.confirm_order","arguments":{"id":"o17"},
             "command":"20c877b9-59f4-8d58-bfb6-2257d989e933"}]}
  )";
  const auto turn = from_json<saga_turned>(stored);
  REQUIRE(turn);
  CHECK(turn->then[1].arguments.text == R"({"id":"o17"})");
  auto compact = stored;
  std::erase_if(compact, [](char c) { return c == ' ' || c == '\n'; });
  CHECK(to_json(*turn) == compact);
}
