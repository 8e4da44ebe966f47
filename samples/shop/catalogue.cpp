#include <shop/catalogue.hpp>

#include <set>

namespace shop {
namespace {

template <class Reply>
std::optional<banyan::error> fault_in(const banyan::result<Reply>& reply) {
  return reply ? std::nullopt : std::optional{reply.error()};
}

}  // namespace

banyan::result<catalogue> read_catalogue(std::string_view json) {
  auto goods = banyan::from_json<catalogue>(json);
  if (!goods) return goods;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < goods->products.size(); ++i) {
    const auto& p = goods->products[i];
    auto refuse = [&](const char* field, std::string why) {
      return banyan::error{banyan::code::invalid_argument, std::move(why)}.at("products[" + std::to_string(i) + "]." + field);
    };
    if (p.sku.empty() || !seen.insert(p.sku).second) return refuse("sku", "\"" + p.sku + "\" is empty or there twice");
    if (p.name.empty()) return refuse("name", p.sku + " has no name");
    if (p.price.minor <= 0) return refuse("price", p.sku + " costs nothing");
    if (p.opening < 0 || (!p.stocked && p.opening > 0)) return refuse("opening", p.sku + " cannot have this stock");
  }
  return goods;
}

banyan::result<void> stock_shelves(const catalogue& goods, const shop_api& api, exchange& shop, const stop_flag& stop) {
  banyan::result<void> outcome;
  using http_answer = banyan::result<banyan::http_response>;
  auto send = [&](const std::vector<const catalogue_product*>& products,
                  const std::function<banyan::http_request(const catalogue_product&)>& request,
                  const std::function<std::optional<banyan::error>(const http_answer&)>& fault_of) {
    bool all = shop.run(
        products.size(), {}, [&](std::size_t i) { return request(*products[i]); },
        [&](std::size_t, http_answer answer) {
          auto fault = fault_of(answer);
          if (fault && outcome) outcome = *fault;
          return !fault;
        },
        {}, stop);
    if (!all && outcome) outcome = banyan::error{banyan::code::unavailable, "interrupted"};
    return all;
  };
  std::vector<const catalogue_product*> listed, stocked;
  for (const auto& p : goods.products) {
    listed.push_back(&p);
    if (p.opening > 0) stocked.push_back(&p);
  }
  if (send(
          listed, [&](const auto& p) { return api.put_product(p.sku, {p.name, p.price, p.stocked}); },
          [&](const http_answer& answer) { return fault_in(api.reply<listed_product>(answer)); }))
    send(
        stocked, [&](const auto& p) { return api.post_movement(p.sku, {"catalogue", "opening", p.opening}); },
        [&](const http_answer& answer) { return fault_in(api.reply<stock_level>(answer)); });
  return outcome;
}

}  // namespace shop
