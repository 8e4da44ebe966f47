#include <services/catalog/listing.hpp>

namespace shop::catalog {

using banyan::code;
using banyan::error;

banyan::decision<listing> listing::decide(const state& s, const command& c, const banyan::decision_context&) {
  auto& put = std::get<put_product>(c);
  if (put.sku.empty() || put.sku.size() > 64) return error{code::invalid_argument, "a SKU has 1 to 64 characters"}.at("sku");
  if (put.name.empty() || put.name.size() > 256) return error{code::invalid_argument, "a name has 1 to 256 characters"}.at("name");
  if (put.price.minor < 0) return error{code::invalid_argument, "a price is not negative"}.at("price.minor");
  if (put.price.currency != "GBP") return error{code::invalid_argument, "this shop sells in GBP"}.at("price.currency");
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
