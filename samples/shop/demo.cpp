#include <shop/demo.hpp>

#include <shop/audit.hpp>
#include <shop/catalogue.hpp>
#include <shop/checker.hpp>
#include <shop/demo_log.hpp>
#include <shop/demo_world.hpp>
#include <shop/embedded.hpp>
#include <shop/http_transport.hpp>
#include <shop/shop_api.hpp>
#include <shop/stored_work.hpp>

#include <banyan/core/json.hpp>
#include <banyan/runtime/open_engines.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <ostream>
#include <sstream>
#include <stdexcept>

#include <sys/wait.h>
#include <unistd.h>

namespace shop {

namespace {

constexpr const char* journal_of_the_shop = "sqlite:shop.db";  // in its data folder

std::string pounds(const boost::json::value& money) {
  return banyan::to_string(banyan::money{money.at("minor").as_int64(), std::string{money.at("currency").as_string()}});
}

std::string fresh_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "shop-demo-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error{"no temporary folder"};
  return name;
}

std::string transition(const std::string& event) {
  return "banyan_breaker_transitions_total{event=\"" + event + "\",service=\"payments\",to=\"acquirer\"}";
}

// What the steps are about: a product of which there is enough, and orders of it.
struct goods_sold {
  const catalogue_product& chosen;
  std::string order(const std::string& id, std::int64_t quantity, const std::string& card = {}) const {
    return R"({"id":")" + id + R"(","customer":"ann",)" + (card.empty() ? "" : R"("payment":")" + card + R"(",)") +
           R"("lines":[{"line":1,"sku":")" + chosen.sku + R"(","quantity":)" + std::to_string(quantity) + "}]}";
  }
};

void place(demo_world& w, const goods_sold& g, const std::string& id, std::int64_t quantity = 1,
           const std::string& card = {}) {
  const auto [status, body] = w.customer().call("POST", "/orders", g.order(id, quantity, card));
  expect(status == 201, boost::json::serialize(body));
}

std::int64_t on_hand(demo_world& w, const goods_sold& g) {
  const auto [status, stock] = w.customer().call("GET", "/stock/" + g.chosen.sku);
  expect(status == 200, boost::json::serialize(stock));
  return stock.at("on_hand").as_int64();
}

void opening(demo_log& s, demo_world& w, const catalogue& goods, const stop_flag& stop) {
  s.tell("the card acquirer opens its book", [&] { return w.open_acquirer(); });
  s.tell("the shop opens", [&] { return w.open_shop(); });
  s.tell("the shelves are filled", [&] {
    auto api = shop_api::at(w.shop().url());
    exchange window{http_transport(16, std::chrono::seconds{10}), banyan::system_clock(), banyan::system_random()};
    auto done = stock_shelves(goods, api.value(), window, stop);
    expect(static_cast<bool>(done), done ? "" : done.error().message);
    return std::to_string(goods.products.size()) + " products through the public API";
  });
  s.tell("a customer registers", [&] {
    auto [status, body] =
        w.customer().call("PUT", "/customers/ann", R"({"name":"Ann Example","country":"United Kingdom"})");
    expect(status == 200, "status " + std::to_string(status));
    return std::string{body.at("name").as_string()};
  });
}

void buying(demo_log& s, demo_world& w, const goods_sold& g) {
  s.tell("she fills a cart and checks out, at the catalogue's price", [&] {
    auto [filled, cart] = w.customer().call("PUT", "/carts/ann/lines/" + g.chosen.sku, R"({"quantity":2})");
    expect(filled == 200, boost::json::serialize(cart));
    auto [status, body] = w.customer().call("POST", "/carts/ann/checkout", R"({"order":"demo-1"})");
    expect(status == 201, boost::json::serialize(body));
    return "2 x " + g.chosen.name + ", " + pounds(body.at("total"));
  });
  s.tell("the same checkout arrives twice, and counts once", [&] {
    auto [status, body] = w.customer().call("POST", "/carts/ann/checkout", R"({"order":"demo-1"})");
    expect(status == 201, boost::json::serialize(body));
    auto [again, sales] = w.customer().call("GET", "/reports/sales");
    expect(again == 200 && sales.at("orders").as_int64() == 1, boost::json::serialize(sales));
    return std::string{"1 order in the sales report"};
  });
  s.tell("goods reserved, card charged, order confirmed", [&] {
    w.confirmed("demo-1");
    auto [status, payment] = w.customer().call("GET", "/payments/demo-1");
    expect(status == 200 && payment.at("status").as_string() == "captured", boost::json::serialize(payment));
    expect(w.charges() == 1, "the acquirer has another number of charges");
    return "1 charge, " + pounds(payment.at("amount"));
  });
  s.tell("more than there is: sold out, nothing taken, no charge", [&] {
    place(w, g, "demo-2", g.chosen.opening);
    auto now = w.customer().status_of("demo-2", "cancelled", std::chrono::seconds{10});
    expect(now == "cancelled", "it is " + now);
    expect(on_hand(w, g) == g.chosen.opening - 2 && w.charges() == 1, "goods or money have moved");
    return "cancelled; " + std::to_string(g.chosen.opening - 2) + " still on the shelf";
  });
  s.tell("a card is declined: the order is cancelled, the goods are back", [&] {
    place(w, g, "demo-3", 1, "tok_declined");
    auto now = w.customer().status_of("demo-3", "cancelled", std::chrono::seconds{10});
    expect(now == "cancelled", "it is " + now);
    w.until(std::chrono::seconds{10}, "the goods are not back", [&] { return on_hand(w, g) == g.chosen.opening - 2; });
    return std::string{"cancelled: payment_declined; stock as before"};
  });
}

void failing(demo_log& s, demo_world& w, const goods_sold& g) {
  s.tell("a card is charged, and the answer is lost", [&] {
    w.fault(R"({"lose_answer_rate":1,"late_callback":{"rate":1,"by":"5s"}})");
    place(w, g, "demo-4");
    w.until(std::chrono::seconds{15}, "the acquirer was not asked", [&] { return w.charges() == 2; });
    auto [status, payment] = w.customer().call("GET", "/payments/demo-4");
    expect(status == 200 && payment.at("status").as_string() != "captured", "the shop can not know of it yet");
    return std::string{"taken by the acquirer, unknown to the shop"};
  });
  s.tell("the charge is found by its key, and not made again", [&] {
    w.fault("");
    w.confirmed("demo-4");
    expect(w.charges() == 2, "it was charged again");
    return std::string{"confirmed; 1 charge for it"};
  });
  s.tell("the acquirer is down: the breaker opens, orders wait", [&] {
    w.fault(R"({"outage":"on"})");
    for (int i = 0; i < 8; ++i) place(w, g, "demo-wait-" + std::to_string(i));
    w.until(std::chrono::seconds{15}, "the breaker stays closed", [&] { return w.breaker() == "open"; });
    std::string reason;
    w.until(std::chrono::seconds{10}, "the order does not say that it waits", [&] {
      auto [status, order] = w.customer().call("GET", "/orders/demo-wait-0");
      const auto* why = status == 200 ? order.as_object().if_contains("status_reason") : nullptr;
      reason = why ? std::string{why->as_string()} : std::string{};
      return !reason.empty();
    });
    return "open; 8 orders are " + reason;
  });
  s.tell("the acquirer is back: probes, ramp, closed, all confirmed", [&] {
    w.fault("");
    for (int i = 0; i < 8; ++i) w.confirmed("demo-wait-" + std::to_string(i), std::chrono::seconds{40});
    w.until(std::chrono::seconds{20}, "the breaker stays open", [&] { return w.breaker() == "closed"; });
    const int probing = w.counted(transition("probing")), recovered = w.counted(transition("recovered"));
    expect(probing > 0 && recovered > 0, "it was not half open");
    expect(w.charges() == 10, "the acquirer has another number of charges");
    return "tripped " + std::to_string(w.counted(transition("tripped"))) + ", probing " + std::to_string(probing) +
           ", recovered " + std::to_string(recovered);
  });
}

void dying(demo_log& s, demo_world& w, const goods_sold& g) {
  s.tell("in the middle of a checkout the power goes (kill -9)", [&] {
    w.fault(R"({"latency":{"mean":"400ms"}})");
    place(w, g, "demo-5");
    w.until(std::chrono::seconds{10}, "the acquirer was not asked", [&] { return w.charges() == 11; });
    w.shop().stop(SIGKILL);
    auto [dead, nothing] = w.customer().call("GET", "/orders/demo-5");
    expect(dead == 0, "somebody still answers");
    return std::string{"charged, not confirmed; nobody answers"};
  });
  s.tell("the shop starts again from its journal", [&] { return w.open_shop(); });
  s.tell("the checkout goes on: confirmed, charged once", [&] {
    w.fault("");
    w.confirmed("demo-5");
    expect(w.charges() == 11, "it was charged again");
    return std::string{"confirmed; 1 charge for it"};
  });
  s.tell("the acquirer is killed, too, and comes back", [&] {
    w.acquirer().stop(SIGKILL);
    place(w, g, "demo-6");
    w.open_acquirer();
    w.confirmed("demo-6", std::chrono::seconds{40});
    expect(w.charges() == 12, "the acquirer has another number of charges");
    return std::string{"its book is as before; the order is confirmed"};
  });
}

void closing(demo_log& s, demo_world& w, const stop_flag& stop) {
  s.tell("the books are right, by the journal alone", [&] {
    auto engines = banyan::open(journal_of_the_shop, w.data(), true);
    expect(static_cast<bool>(engines), engines ? "" : engines.error().message);
    std::ostringstream table, complaints;
    auto code = check_books({.url = w.shop().url()}, *engines->journal, http_transport(4, std::chrono::seconds{10}),
                            table, complaints, stop);
    expect(code == 0, complaints.str() + table.str());
    return std::string{"each movement and each penny"};
  });
  s.tell("both close in good order (SIGTERM), and open again", [&] {
    w.hang_up();
    for (auto* program : {&w.acquirer(), &w.shop()}) {
      const auto status = program->stop(SIGTERM);
      expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "one ended with status " + std::to_string(status));
    }
    w.open_acquirer();
    w.open_shop();
    return std::string{"exit codes 0"};
  });
  s.tell("shop audit: acquirer = payments = orders, goods too", [&] {
    auto engines = banyan::open(journal_of_the_shop, w.data(), true);
    expect(static_cast<bool>(engines), engines ? "" : engines.error().message);
    audit_options options{.url = w.shop().url(), .acquirer = w.acquirer().url()};
    options.work = [&] { return stored_work(engines->ports); };
    std::ostringstream progress;
    const auto found =
        find_violations(options, *engines->journal, http_transport(16, std::chrono::seconds{10}), progress, stop);
    expect(static_cast<bool>(found), found ? "" : found.error().message);
    expect(found->hold(), as_summary(*found));
    return as_summary(*found);
  });
}

void play(demo_log& s, const std::string& program, const std::string& folder, const stop_flag& stop) {
  demo_world w{program, folder, stop};
  auto goods = read_catalogue(catalogue_json());
  expect(static_cast<bool>(goods), "the catalogue does not read");
  const goods_sold g{*std::find_if(goods->products.begin(), goods->products.end(),
                                   [](auto& p) { return p.stocked && p.opening >= 20; })};
  opening(s, w, *goods, stop);
  buying(s, w, g);
  failing(s, w, g);
  dying(s, w, g);
  closing(s, w, stop);
}

}  // namespace

int demo(const std::string& program, std::ostream& out, std::ostream& err, const stop_flag& stop) {
  out << "A day in the shop\n\n";
  demo_log s{out, stop};
  std::string folder;
  try {
    folder = fresh_folder();
    play(s, program, folder, stop);
    std::filesystem::remove_all(folder);
    out << "\nAll " << s.steps() << " steps went as told, in " << std::setprecision(1) << s.seconds() << " s." << std::endl;
    return 0;
  } catch (const std::exception& e) {
    if (stop) {
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
      err << '\n' << e.what() << '\n';
      return 130;
    }
    err << "\nThe story stopped at: " << e.what() << "\nThe shop's data is kept in " << folder << '\n';
    return 1;
  }
}

}  // namespace shop
