// What a load run asks for: turns "an order is due" into a request about products that the shop has. The same for the same seed,
// but for what depends on the shop's answers.
#pragma once

#include <shop/shop_api.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

bool is_load_kind(std::string_view kind);
std::string load_kind_names();  // "browse, search, ..." for messages

struct load_request {
  banyan::http_request request;
  bool (*is_reply)(const banyan::http_response&);  // to this request
  std::string order{};                             // the id of the order that it places, if it places one
};

// An order that the shop has acknowledged: a read that shows its position must find it.
struct acknowledged_order {
  std::string id;
  std::string position;
};

class load_requests {
 public:
  // `run` makes this run's order ids its own. `products` must not be empty. Orders are of those that cost something, if any do.
  load_requests(const shop_api& api, std::vector<listed_product> products, std::uint64_t seed, std::string run);

  // A kind that is_load_kind() knows. "follow" is about one of the orders acknowledged lately; before there is one, it browses.
  load_request make(std::string_view kind);
  void acknowledge(acknowledged_order order);

 private:
  const listed_product& any_of(const std::vector<listed_product>& products);
  std::size_t below(std::size_t bound);
  load_request order();

  const shop_api& api_;
  std::vector<listed_product> products_;
  std::vector<listed_product> priced_;
  std::mt19937_64 random_;
  std::string run_;
  std::size_t orders_ = 0;
  std::vector<acknowledged_order> acknowledged_;  // a ring of the newest ones
  std::size_t oldest_ = 0;
};

}  // namespace shop
