// What a load run asks for: turns "an order is due" into a request about products that the shop has. Deterministic for a seed.
#pragma once

#include <shop/shop_api.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

bool is_load_kind(std::string_view kind);
std::string load_kind_names();  // "browse, search, ..." for messages

class load_requests {
 public:
  // `run` makes this run's order ids its own. `products` must not be empty.
  load_requests(const shop_api& api, std::vector<listed_product> products, std::uint64_t seed, std::string run);
  banyan::http_request make(std::string_view kind);

 private:
  const listed_product& any_product();
  std::size_t below(std::size_t bound);
  banyan::http_request order();

  const shop_api& api_;
  std::vector<listed_product> products_;
  std::mt19937_64 random_;
  std::string run_;
  std::size_t orders_ = 0;
};

}  // namespace shop
