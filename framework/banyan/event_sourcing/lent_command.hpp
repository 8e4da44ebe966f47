// A message's command as the variant that an aggregate's functions take, without a copy: moved into the variant, and
// moved back into the message afterwards, also when the function throws. A command whose move may throw is copied.
//
//   with_command<order>(*message, [&](const order::command& c, auto) { key = order_id_of(c); });
//
// Not for a message that another thread reads meanwhile.
#pragma once

#include <banyan/actor/message.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <type_traits>
#include <utility>
#include <variant>

namespace banyan {

template <class Variant, class C>
class lent_command {
 public:
  explicit lent_command(C& owner) noexcept(moves) : owner_{owner}, lent_{take(owner)} {}
  lent_command(const lent_command&) = delete;
  lent_command& operator=(const lent_command&) = delete;
  ~lent_command() {
    if constexpr (moves) owner_ = std::move(*std::get_if<C>(&lent_));
  }
  const Variant& operator*() const noexcept { return lent_; }

 private:
  static constexpr bool moves = std::is_nothrow_move_constructible_v<C> && std::is_nothrow_move_assignable_v<C>;
  static Variant take(C& owner) noexcept(moves) {
    if constexpr (moves)
      return Variant{std::in_place_type<C>, std::move(owner)};
    else
      return Variant{std::in_place_type<C>, std::as_const(owner)};
  }
  C& owner_;
  Variant lent_;
};

// Calls f(const A::command&, std::type_identity<C>) with the message's command; false when the message holds no
// command of A.
template <class A, class F>
bool with_command(message& m, F f) {
  using variant = typename A::command;
  using alternatives = boost::mp11::mp_transform<std::type_identity, boost::mp11::mp_rename<variant, boost::mp11::mp_list>>;
  bool found = false;
  boost::mp11::mp_for_each<alternatives>([&]<class Id>(Id) {
    using command = typename Id::type;
    if (found || m.type != type_of<command>()) return;
    found = true;
    const lent_command<variant, command> lent{m.as<command>()};
    f(*lent, std::type_identity<command>{});
  });
  return found;
}

}  // namespace banyan
