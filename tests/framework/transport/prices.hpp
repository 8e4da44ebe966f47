// A service with one actor, for tests of calls that come from other nodes.
#pragma once

#include <tests/framework/actor/stepped.hpp>

#include <banyan/plan/describe_operation.hpp>
#include <banyan/service/directory.hpp>

namespace prices_test {

using namespace banyan;
using namespace std::chrono_literals;

enum class currency : std::uint8_t { gbp, eur };
BOOST_DESCRIBE_ENUM(currency, gbp, eur)

struct price {
  std::int64_t minor = 0;
  currency in = currency::gbp;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(price, (), (minor, in, note))

struct get_price {
  using reply = price;
  std::string sku;
  std::optional<std::string> customer;
};
BOOST_DESCRIBE_STRUCT(get_price, (), (sku, customer))

struct set_price {
  using reply = done;
  static constexpr sent_as sent{"set_price", 2};
  std::string sku;
  std::int64_t minor = 0;
};
BOOST_DESCRIBE_STRUCT(set_price, (), (sku, minor))

struct local_only {
  using reply = done;
};

// "slow" takes 5 s, "none" is not found, "lost" throws.
struct price_list : actor {
  explicit price_list(std::vector<context_ptr>* seen, int* ended) : seen_{seen}, ended_{ended} {}
  bool isolates_requests() const override { return true; }
  behavior make_behavior() override {
    return behavior{}
        .on<get_price>([this](const get_price& g) { return find(g); })
        .on<set_price>([this](const set_price&) { seen_->push_back(self().context()); });
  }
  struct end_counter {
    int* ended;
    ~end_counter() { ++*ended; }
  };
  task<result<price>> find(const get_price& g) {
    seen_->push_back(self().context());
    const end_counter counted{ended_};
    if (g.sku == "none") co_return error{code::not_found, "no such product"}.because("unknown_sku").at("sku");
    if (g.sku == "lost") throw std::runtime_error{"a secret of the database"};
    if (g.sku == "slow") co_await self().sleep(5s);
    co_return price{199, currency::eur, g.customer};
  }
  std::vector<context_ptr>* seen_;
  int* ended_;
};

struct price_node {
  price_node() {
    for (auto* o : {&get, &set, &local}) here.add(o->request, {.service = "prices", .to = at, .of = o});
  }
  test::stepped s;
  operation get = describe_operation<get_price>("prices", idempotent::always);
  operation set = describe_operation<set_price>("prices", idempotent::by_key);
  operation local = describe_operation<local_only>("prices");
  std::vector<context_ptr> seen;
  int ended = 0;
  address at = s.spawn<price_list>({}, &seen, &ended);
  directory here;
};

}  // namespace prices_test
