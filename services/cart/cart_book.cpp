#include <services/cart/cart_book.hpp>

#include <services/rules/text.hpp>

namespace shop::cart {

using banyan::code;
using banyan::error;

void cart_book::create(banyan::view_writer& v) {
  // `put_in`: the version of the event that put the line in, by which lines are ordered.
  v.run(
      "CREATE TABLE lines (customer TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL, put_in INTEGER NOT "
      "NULL, "
      "PRIMARY KEY (customer, sku)) WITHOUT ROWID");
  v.run("CREATE TABLE checkouts (customer TEXT PRIMARY KEY, order_id TEXT NOT NULL) WITHOUT ROWID");
}

void cart_book::apply(banyan::view_writer& v, const events& e, const banyan::recorded_event& at) {
  const auto version = static_cast<std::int64_t>(at.version) * 1000;
  if (auto* p = std::get_if<line_put>(&e)) {
    if (p->quantity == 0)
      v.run("DELETE FROM lines WHERE customer = ?1 AND sku = ?2", p->customer, p->sku);
    else
      v.run("INSERT INTO lines VALUES (?1, ?2, ?3, ?4) ON CONFLICT (customer, sku) DO UPDATE SET quantity = ?3",
            p->customer, p->sku, p->quantity, version);
  }
  if (auto* c = std::get_if<cart_cleared>(&e)) v.run("DELETE FROM lines WHERE customer = ?1", c->customer);
  if (auto* b = std::get_if<checkout_begun>(&e)) {
    v.run("DELETE FROM lines WHERE customer = ?1", b->customer);
    v.run("INSERT OR REPLACE INTO checkouts VALUES (?1, ?2)", b->customer, b->order);
  }
  if (auto* x = std::get_if<checkout_ended>(&e)) {
    v.run("DELETE FROM checkouts WHERE customer = ?1", x->customer);
    std::int64_t nth = 0;
    for (const auto& l : x->back)
      v.run(
          "INSERT INTO lines VALUES (?1, ?2, ?3, ?4) ON CONFLICT (customer, sku) DO UPDATE SET quantity = quantity + "
          "?3",
          x->customer, l.sku, l.quantity, version + nth++);
  }
}

banyan::result<cart_view> cart_book::answer(banyan::view_reader& v, const get_cart& q) {
  if (!is_code(q.customer)) return error{code::invalid_argument, "a customer id " + code_rule()}.at("customer");
  cart_view cart{q.customer,
                 v.query<cart_line>("SELECT sku, quantity FROM lines WHERE customer = ?1 ORDER BY put_in", q.customer),
                 {}};
  cart.checking_out = v.first<std::string>("SELECT order_id FROM checkouts WHERE customer = ?1", q.customer);
  return cart;
}

}  // namespace shop::cart
