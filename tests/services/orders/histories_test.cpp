// Recorded sagas of the shop against today's code: what an older program began, this one must be able to go on with.
// tests/histories/SAGA/vVERSION/STORY.jsonl is what `shop sagas export` writes. Files of a version stay as they are as
// long as its function is linked: with another order of requests the code needs another version, and histories of its
// own. BANYAN_WRITE_HISTORIES=1 adds those of stories that have none yet.
#include <tests/services/shop_world.hpp>

#include <services/orders/checkout.hpp>

#include <banyan/observability/log.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/operator_endpoints.hpp>
#include <banyan/saga/record.hpp>
#include <banyan/test_kit/saga.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

using namespace banyan;
using namespace std::chrono_literals;
using shop_test::acquirer_fault;
using shop_test::line_of;
using shop_test::order_of;

namespace {

const std::filesystem::path histories{SHOP_HISTORIES};
const std::string checkouts = (histories / "orders.checkout").string();
const std::string returns = (histories / "orders.take_back").string();

// A shop in which each order is named after what happens to it.
struct shop_of_stories : shop_test::shop_world {
  shop_of_stories() {
    configure_logging({.level = log_level::off});
    list("A", true, 100);
    list("B", true, 60);
    receive("A", 100);
    settle();
  }
  void order(const std::string& story, const std::string& lines, const std::string& more = {}) {
    auto body = order_of(story, lines);
    body.insert(body.size() - 1, more);
    const auto answer = send("POST", "/orders", body);
    CAPTURE(story, answer.body);
    REQUIRE(answer.status == 201);
  }
  void one_of_a(const std::string& story) { order(story, line_of(1, "A", 1)); }
  void cancel(const std::string& story) { REQUIRE(send("POST", "/orders/" + story + "/cancel", "{}").status == 200); }
  void charges(acquirer_fault f, int times = 1'000'000) {
    acquirer.fault = [=](const std::string& what, const std::string&, int attempt) {
      return what == "charge" && attempt < times ? f : acquirer_fault::none;
    };
  }
  void acquirer_is_well() {
    acquirer.fault = {};
    simulation.run_for(5min);
    settle();
  }
  void operator_says(const std::string& word, const std::string& story) {
    node_settings settings;
    settings.operator_token = "s3cret";
    const operator_endpoints endpoints{simulation.running().installed(), settings};
    http_request r;
    r.method = "POST";
    r.target = "/sagas/" + story + "/" + word + "?name=orders.checkout&because=a%20test&by=operator";
    r.headers.set("Authorization", "Bearer s3cret");
    REQUIRE(read_target(r));
    std::optional<int> status;
    endpoints.handle(r, [&](result<http_response> a) { status = a ? a->status : 0; });
    while (!status && simulation.step()) {
    }
    CHECK(status == 200);
  }

  void tell_all() {
    one_of_a("confirmed");
    order("declined", line_of(1, "A", 3), R"(,"payment":"tok_declined")");
    order("no_stock", line_of(1, "A", 1000));
    order("partly_no_stock", line_of(1, "A", 2) + "," + line_of(2, "B", 1) + "," + line_of(3, "A", 1));
    order("brought_back", line_of(1, "A", -1), R"(,"kind":"return")");
    order("exchanged", line_of(1, "A", 2) + "," + line_of(2, "B", -1));
    order("nothing_to_pay", line_of(1, "A", 1) + "," + line_of(2, "B", -1, "1.00"));
    one_of_a("cancelled_at_once");
    cancel("cancelled_at_once");
    one_of_a("cancelled_when_confirmed");
    settle();
    cancel("cancelled_when_confirmed");
    settle();
    charges(acquirer_fault::wrong_currency);
    one_of_a("mismatched");
    settle();
    charges(acquirer_fault::lost_answer, 3);
    one_of_a("answer_was_lost");
    settle();
    charges(acquirer_fault::unavailable);
    for (const char* story : {"acquirer_was_down", "cancelled_while_it_waits", "stopped_by_operator",
                              "aborted_by_operator"})
      one_of_a(story);
    simulation.run_for(10min);
    cancel("cancelled_while_it_waits");
    operator_says("cancel", "stopped_by_operator");
    operator_says("abort", "aborted_by_operator");
    acquirer_is_well();
    charges(acquirer_fault::unavailable);
    one_of_a("not_paid_in_time");
    simulation.run_for(25h);
    acquirer_is_well();
    one_of_a("power_failed");
    simulation.crash();
    settle();
  }

  // The stored turns of each saga, by the path of its file.
  std::map<std::string, std::vector<std::string>> told() const {
    std::map<std::string, std::vector<std::string>> all;
    for (const auto& e : simulation.stored()) {
      if (e.type != saga_turned::stored.type) continue;
      const auto dash = e.stream.find('-');
      all[e.stream.substr(0, dash) + "/v1/" + e.stream.substr(dash + 1) + ".jsonl"].push_back(e.payload);
    }
    return all;
  }
};

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("what an earlier program recorded of sagas is replayed with today's code") {
  CHECK(test_kit::replays<shop::orders::check_out>(checkouts) > 80);
  CHECK(test_kit::replays<shop::orders::take_back>(returns) > 10);
}

TEST_CASE("whatever can happen to an order has a recorded history, which ends as it does today") {
  shop_of_stories shop;
  shop.tell_all();
  const auto told = shop.told();
  std::set<std::string> endings;
  for (const auto& [path, turns] : told) {
    CAPTURE(path);
    const auto file = histories / path;
    if (std::getenv("BANYAN_WRITE_HISTORIES") && !std::filesystem::exists(file)) {
      std::filesystem::create_directories(file.parent_path());
      std::ofstream written{file};
      for (const auto& turn : turns) written << turn << '\n';
    }
    const auto recorded = lines_of(file);
    REQUIRE_FALSE(recorded.empty());
    const auto then = from_json<saga_turned>(recorded.back()), now = from_json<saga_turned>(turns.back());
    REQUIRE(then);
    REQUIRE(then->end);
    REQUIRE(now->end);
    CHECK(then->end->how == now->end->how);
    const auto why = error_in(then->end->result);
    CHECK(why.value_or(error{}).reason == error_in(now->end->result).value_or(error{}).reason);
    if (path.starts_with("orders.checkout/")) endings.insert(why ? why->reason : "done");
  }
  CHECK(endings == std::set<std::string>{"done", "out_of_stock", "payment_declined", "payment_mismatched",
                                         "order_cancelled", "payment_not_approved_in_time", "saga_cancelled",
                                         "saga_aborted"});
}
