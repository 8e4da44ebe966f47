#include <shop/stored_work.hpp>

#include <services/cart/service.hpp>
#include <services/inventory/service.hpp>
#include <services/orders/service.hpp>
#include <services/payments/service.hpp>

#include <banyan/pub_sub/stored_subscriptions.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace shop {

banyan::result<work_done> stored_work(const banyan::ports& engines) {
  auto all = banyan::stored_subscriptions(
      {"shop", {cart::describe(), orders::describe(), inventory::describe(), payments::describe()}}, engines);
  if (!all) return all.error();
  work_done done;
  bool is_first = true;
  for (const auto& s : *all) {
    done.handled_to = std::exchange(is_first, false) ? s.checkpoint : std::min(done.handled_to, s.checkpoint);
    done.dead_letters += s.dead;
    for (const auto& d : s.first_dead)
      done.about_them.push_back("dead letter: " + s.group + " gave up " + d.type + " of " + d.stream + " at position " +
                                std::to_string(d.position) + " (" + d.reason + ")");
  }
  return done;
}

}  // namespace shop
