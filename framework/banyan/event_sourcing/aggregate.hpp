// An aggregate: the pure core of an event-sourced entity. No CAF, no I/O, no clock: a decision depends only on
// state, command and decision context, so given / when / then tests (test_kit) cover it completely.
//
//   struct account {
//     using command = std::variant<open_account, deposit>;       // each names its reply: deposit::reply
//     using event = std::variant<account_opened, deposited>;     // each has a stored name: deposited::stored
//     struct state { bool open = false; std::int64_t balance = 0; };
//     static decision<account> decide(const state& s, const command& c, const decision_context& ctx);
//     static void evolve(state& s, const event& e);
//   };
//
// In place of one `evolve` there may be one for each event, `static void evolve(state& s, const deposited& e)`: then
// an event that none of them takes does not compile.
//
//   decision<account> account::decide(const state& s, const command& c, const decision_context&) {
//     if (auto* d = std::get_if<deposit>(&c)) {
//       if (!s.open) return refuse("account_closed", "the account is closed");
//       return accept<account>({deposited{d->amount}}, deposit_reply{s.balance + d->amount});
//     }
//     return accept<account>({account_opened{}}, account_reply{});
//   }
//
// Optional validation of a command without state (a quantity of zero, a name that is too long):
//
//     static result<void> validate(const command& c);
//
// It runs before the entity is activated, so that an invalid command costs no journal load, no memory and no record;
// decide() sees valid commands only. Results are not remembered: a retry is validated again by the current rules, so
// after a tightening of the rules the retry of an accepted command may be refused. It must be quick and may run more
// than once per command. The usual error is `invalid_argument` with the field.
//
// A repeated command id must come with the same command, otherwise it is a conflict. A command that also carries
// data looked up on its way (today's prices) defines what is compared by `std::string identity() const`; the default
// is its whole JSON.
//
// The state, commands, events and replies are described structs (core/json.hpp). Semantics: decider pattern
// (Chassaing).
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/result.hpp>
#include <banyan/journal/event.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <type_traits>
#include <variant>
#include <vector>

namespace banyan {

// The inputs of a decision besides state and command.
struct decision_context {
  std::string entity;      // the entity's id
  instant now;             // time of the decision
  uuid command_id;         // the same for every retry of the command
  uuid id(std::uint64_t n) const { return derive(command_id, n, "id"); }   // ids of things that the decision creates
};

namespace detail {
template <class C>
concept has_reply = requires { typename C::reply; };
template <class V>
inline constexpr bool all_have_reply = false;
template <class... Cs>
inline constexpr bool all_have_reply<std::variant<Cs...>> = (has_reply<Cs> && ...);
template <class C>
using reply_of = typename C::reply;
template <class A>
using replies_of = boost::mp11::mp_rename<
    boost::mp11::mp_unique<boost::mp11::mp_transform<reply_of, boost::mp11::mp_rename<typename A::command, boost::mp11::mp_list>>>, std::variant>;
}  // namespace detail

template <class A>
concept has_commands_with_replies = requires { requires detail::all_have_reply<typename A::command>; };

// Events and a reply, or a refusal. Accepting without events is allowed (nothing to do).
template <class A>
struct decision {
  static_assert(has_commands_with_replies<A>,
                "an aggregate needs `using command = std::variant<...>`; each command names its reply: `using reply "
                "= ...`");
  std::vector<typename A::event> events;
  std::variant<std::monostate, detail::replies_of<A>> reply;   // monostate: refused
  error refusal;

  decision(error e) : refusal{std::move(e)} {}
  decision(std::vector<typename A::event> e, detail::replies_of<A> r) : events{std::move(e)}, reply{std::in_place_index<1>, std::move(r)} {}
  bool accepted() const { return reply.index() == 1; }
};

namespace detail {

template <class V, class T>
inline constexpr bool is_one_of = false;
template <class... Ts, class T>
inline constexpr bool is_one_of<std::variant<Ts...>, T> = (std::is_same_v<Ts, T> || ...);

// The events of a decision, from braces: `{deposited{5}, limit_reached{}}`. Not a std::vector of variants, which
// answers a wrong event with pages of overloads and copies its elements.
template <class A>
class decided_events {
 public:
  using event = typename A::event;
  decided_events() = default;
  decided_events(std::vector<event> all) : all_{std::move(all)} {}
  template <class... Es>
    requires(sizeof...(Es) > 0 && (!std::is_same_v<std::remove_cvref_t<Es>, std::vector<event>> && ...) &&
             (!std::is_same_v<std::remove_cvref_t<Es>, decided_events> && ...))
  decided_events(Es&&... es) {
    static_assert(((is_one_of<event, std::remove_cvref_t<Es>> || std::is_same_v<event, std::remove_cvref_t<Es>>) && ...),
                  "this is no event of the aggregate: add it to its `using event = std::variant<...>`");
    all_.reserve(sizeof...(Es));
    (all_.emplace_back(std::forward<Es>(es)), ...);
  }
  std::vector<event> take() && { return std::move(all_); }

 private:
  std::vector<event> all_;
};

}  // namespace detail

// Accepts: `accept<account>({deposited{5}}, deposit_reply{s.balance + 5})`, with any number of events and the reply
// of the command.
template <class A, class Reply>
decision<A> accept(detail::decided_events<A> events, Reply reply) {
  static_assert(std::is_constructible_v<detail::replies_of<A>, Reply&&>,
                "no command of the aggregate has this reply: each command names its own by `using reply = ...`");
  return {std::move(events).take(), detail::replies_of<A>{std::move(reply)}};
}
template <class A>
decision<A> accept(detail::decided_events<A> events) {
  static_assert(!std::is_class_v<A>,
                "the reply of the command is missing: write `accept<aggregate>({events...}, reply)`");
  return {std::move(events).take(), {}};
}
inline error refuse(std::string reason, std::string sentence) { return error{code::refused, std::move(sentence)}.because(std::move(reason)); }

template <class E>
concept stored_event = requires {
  { E::stored } -> std::convertible_to<const stored_as&>;
};

namespace detail {
template <class A, class Event>
concept evolves_by = requires(typename A::state& s, const Event& e) {
  { A::evolve(s, e) } -> std::same_as<void>;
};
template <class V>
inline constexpr bool all_stored = false;
template <class... Es>
inline constexpr bool all_stored<std::variant<Es...>> = (stored_event<Es> && ...);
// Two events with the same stored name and version could not be told apart when read.
template <class V>
inline constexpr bool all_told_apart = false;
template <class... Es>
inline constexpr bool all_told_apart<std::variant<Es...>> = [] {
  const std::array<stored_as, sizeof...(Es)> all{Es::stored...};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (all[i].type == all[j].type && all[i].schema == all[j].schema) return false;
  return true;
}();
// The alternatives of a variant for which A::evolve can be called one by one.
template <class A, class V>
inline constexpr std::size_t evolved_alone = 0;
template <class A, class... Es>
inline constexpr std::size_t evolved_alone<A, std::variant<Es...>> = (std::size_t{evolves_by<A, Es>} + ... + 0);
}  // namespace detail

template <class A>
concept has_state = requires { requires std::default_initializable<typename A::state>; };
template <class A>
concept has_events_with_stored_names = requires { requires detail::all_stored<typename A::event>; };
template <class A>
concept has_events_that_differ = requires { requires detail::all_told_apart<typename A::event>; };
template <class A>
concept has_decide = requires(const typename A::state& s, const typename A::command& c, const decision_context& ctx) {
  { A::decide(s, c, ctx) } -> std::convertible_to<decision<A>>;
};
// One function for all events, or one for each.
template <class A>
concept has_evolve = requires {
  requires detail::evolves_by<A, typename A::event> ||
               detail::evolved_alone<A, typename A::event> == std::variant_size_v<typename A::event>;
};
// Required only of an aggregate with a `validate`.
template <class A>
concept has_validate = requires(const typename A::command& c) {
  { static_cast<bool>(A::validate(c)) };
  { A::validate(c).error() } -> std::convertible_to<error>;
};
namespace detail {
template <class A>
concept names_validate = requires { &A::validate; };
}  // namespace detail
template <class A>
concept checks_commands_if_at_all = !detail::names_validate<A> || has_validate<A>;

// Validates a command; without A::validate every command is valid.
template <class A>
result<void> validate(const typename A::command& c) {
  if constexpr (has_validate<A>) {
    if (auto checked = A::validate(c); !checked) return std::move(checked).error();
  }
  return {};
}

// Applies an event to a state.
template <class A>
void evolve(typename A::state& s, const typename A::event& e) {
  if constexpr (detail::evolves_by<A, typename A::event>)
    A::evolve(s, e);
  else
    std::visit([&](const auto& one) { A::evolve(s, one); }, e);
}

template <class A>
concept aggregate = has_state<A> && has_commands_with_replies<A> && has_events_with_stored_names<A> && has_events_that_differ<A> &&
                    has_decide<A> && has_evolve<A> && checks_commands_if_at_all<A>;

namespace detail {

// The requirements of the concept as sentences: the first that is not met is the first error of the compiler. One that
// needs the types is silent where these are missing.
template <class A>
struct aggregate_rules {
  static constexpr bool has_types = has_state<A> && has_commands_with_replies<A> && has_events_with_stored_names<A>;
  static_assert(has_state<A>,
                "an aggregate needs a type `state` that is default-constructible: give each of its members a default");
  static_assert(has_commands_with_replies<A>,
                "an aggregate needs `using command = std::variant<...>`; each command names its reply: `using reply "
                "= ...`");
  static_assert(has_events_with_stored_names<A>,
                "an aggregate needs `using event = std::variant<...>`; each event has a stored name: "
                "`static constexpr banyan::stored_as stored{\"orders.placed\", 1};`");
  static_assert(!has_types || has_events_that_differ<A>,
                "two events of an aggregate have one `stored` name and version: give each its own");
  static_assert(!has_types || has_decide<A>,
                "an aggregate needs `static decision<A> decide(const state&, const command&, const "
                "decision_context&)`: declare it so");
  static_assert(!has_types || has_evolve<A> || evolved_alone<A, typename A::event> > 0,
                "an aggregate needs `static void evolve(state&, const event&)`, or one for each event: declare it so");
  static_assert(!has_types || has_evolve<A> || evolved_alone<A, typename A::event> == 0,
                "no `evolve` takes some event of the aggregate: add `static void evolve(state&, const that_event&)` "
                "for each of its `event`");
  static_assert(checks_commands_if_at_all<A>,
                "an aggregate's validation must be a static `result<void> validate(const command&)`: declare it so");
  static constexpr bool hold = aggregate<A>;
};

}  // namespace detail

}  // namespace banyan
