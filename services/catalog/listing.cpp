#include <services/catalog/listing.hpp>

#include <services/rules/limits.hpp>
#include <services/rules/text.hpp>

namespace shop::catalog {

using banyan::code;
using banyan::error;

banyan::result<void> listing::validate(const command& c) {
  auto& put = std::get<put_product>(c);
  if (!is_code(put.sku)) return error{code::invalid_argument, "a SKU " + code_rule()}.at("sku");
  if (!is_name(put.name)) return error{code::invalid_argument, "a name " + name_rule()}.at("name");
  if (put.price.minor < 0) return error{code::invalid_argument, "a price is not negative"}.at("price.minor");
  if (put.price.minor > most_pence)
    return error{code::invalid_argument, "a price is at most ten thousand million pounds"}.at("price.minor");
  if (put.price.currency != "GBP") return error{code::invalid_argument, "this shop sells in GBP"}.at("price.currency");
  return {};
}

banyan::decision<listing> listing::decide(const state& s, const command& c, const banyan::decision_context&) {
  auto& put = std::get<put_product>(c);
  product wanted{put.sku, put.name, put.price, put.stocked};
  if (s.current && s.current->name == wanted.name && s.current->price == wanted.price && s.current->stocked == wanted.stocked)
    return banyan::accept<listing>({}, wanted);
  return banyan::accept<listing>({product_put{put.sku, put.name, put.price, put.stocked}}, wanted);
}

void listing::evolve(state& s, const event& e) {
  auto& put = std::get<product_put>(e);
  s.current = product{put.sku, put.name, put.price, put.stocked};
}

}  // namespace shop::catalog
