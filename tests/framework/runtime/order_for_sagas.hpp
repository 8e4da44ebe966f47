// Orders that a saga fulfils: placed, approved by somebody, confirmed by the saga.
#pragma once

#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/plan/operation.hpp>

#include <boost/describe.hpp>

#include <string>
#include <variant>

namespace order_for_sagas {

using namespace banyan;

struct order_state {
  std::string id, status;
};
BOOST_DESCRIBE_STRUCT(order_state, (), (id, status))
struct order_placed {
  static constexpr stored_as stored{"orders.placed", 1};
  std::string id, sku;
};
BOOST_DESCRIBE_STRUCT(order_placed, (), (id, sku))
struct order_approved {
  static constexpr stored_as stored{"orders.approved", 1};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(order_approved, (), (id))
struct order_confirmed {
  static constexpr stored_as stored{"orders.confirmed", 1};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(order_confirmed, (), (id))
struct place_order {
  using reply = order_state;
  std::string id, sku;
};
BOOST_DESCRIBE_STRUCT(place_order, (), (id, sku))
struct approve_order {
  using reply = order_state;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(approve_order, (), (id))
struct confirm_order {
  using reply = order_state;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(confirm_order, (), (id))

// Answers its status, and changes nothing.
struct review_order {
  using reply = order_state;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(review_order, (), (id))

struct order {
  using command = std::variant<place_order, approve_order, confirm_order, review_order>;
  using event = std::variant<order_placed, order_approved, order_confirmed>;
  struct state {
    std::string status;
  };
  static decision<order> decide(const state& s, const command& c, const decision_context&) {
    if (auto* p = std::get_if<place_order>(&c)) {
      if (!s.status.empty()) return refuse("placed", "it was placed before");
      return accept<order>({order_placed{p->id, p->sku}}, order_state{p->id, "placed"});
    }
    if (s.status.empty()) return refuse("unknown", "there is no such order");
    if (auto* a = std::get_if<approve_order>(&c))
      return accept<order>({order_approved{a->id}}, order_state{a->id, "approved"});
    if (auto* r = std::get_if<review_order>(&c)) return accept<order>({}, order_state{r->id, s.status});
    auto& f = std::get<confirm_order>(c);
    return accept<order>({order_confirmed{f.id}}, order_state{f.id, "confirmed"});
  }
  static void evolve(state& s, const event& e) {
    constexpr const char* names[] = {"placed", "approved", "confirmed"};
    s.status = names[e.index()];
  }
};
BOOST_DESCRIBE_STRUCT(order::state, (), (status))
inline std::string order_id_of(const order::command& c) {
  return std::visit([](auto& x) { return x.id; }, c);
}
struct orders_api {
  static constexpr std::string_view name = "orders";
  using operations = banyan::operations<op<place_order, idempotent::by_key>, op<approve_order, idempotent::by_key>,
                                        op<confirm_order, idempotent::by_key>, op<review_order, idempotent::by_key>>;
};
inline std::string started_by(const order_placed& e) { return e.id; }
inline std::string approved_by(const order_approved& e) { return e.id; }

}  // namespace order_for_sagas
