// A type-erased aggregate, made once in the service's own source. Used by the entity actor, the `events` command and
// the replay tools.
#pragma once

#include <banyan/actor/message.hpp>
#include <banyan/core/json.hpp>
#include <banyan/event_sourcing/aggregate.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/event_sourcing/lent_command.hpp>
#include <banyan/plan/describe_operation.hpp>
#include <banyan/plan/schema.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace banyan {

// The result of a command. The events have no ids and metadata yet; the entity actor adds them.
struct erased_decision {
  std::vector<new_event> events;      // type, schema, payload
  message_ptr reply;                   // a response or failure, ready to send
  std::string stored_reply;           // JSON for the command record: {"ok": ...} or {"error": ...}
};

// The state of one entity.
class erased_entity {
 public:
  virtual ~erased_entity() = default;
  // Decides; an accepted command's events are applied to the state at once.
  virtual erased_decision decide(message& command, const decision_context& ctx) = 0;
  virtual result<done> apply(const recorded_event& e) = 0;      // corrupt: an unknown type or an undecodable payload
  virtual std::string state_json() const = 0;                   // for snapshots and people
  virtual result<done> restore(std::string_view state) = 0;
};

struct erased_command {
  const message_type* request = nullptr;
  std::string name;                                                         // "place_order"
  operation (*describe)(std::string_view service);
  std::function<std::string(message&)> payload;  // JSON, or the command's own identity(), for the fingerprint
  std::function<message_ptr(std::string_view stored_reply)> stored_reply;    // makes the answer to a repeat
};

struct erased_aggregate {
  std::string name;                                   // "order"
  std::string snapshot_key;                           // layout hash of the state, and fold_version
  std::vector<erased_command> commands;
  std::vector<stored_as> events;
  std::function<std::unique_ptr<erased_entity>()> make;
  std::function<result<void>(message&)> validate;      // validation without state; empty: none
  const erased_command* find(const message_type* request) const {
    for (auto& c : commands)
      if (c.request == request) return &c;
    return nullptr;
  }
};

namespace detail {

template <class V>
struct event_codec;
template <class... Es>
struct event_codec<std::variant<Es...>> {
  static std::vector<stored_as> names() { return {Es::stored...}; }
  static std::vector<stored_event_layout> layouts() {
    return {{std::string{Es::stored.type}, Es::stored.schema, &shape_of<Es>}...};
  }
  static new_event encode(const std::variant<Es...>& e) {
    return std::visit([]<class E>(const E& x) { return new_event{{}, std::string{E::stored.type}, E::stored.schema, to_json(x), {}}; }, e);
  }
  static result<std::variant<Es...>> decode(const new_event& e) {
    result<std::variant<Es...>> found = error{code::corrupt, "no event type " + e.type + " version " + std::to_string(e.schema) + " is known here"};
    (void)((E_matches<Es>(e, found)) || ...);
    return found;
  }

 private:
  template <class E>
  static bool E_matches(const new_event& e, result<std::variant<Es...>>& found) {
    if (e.type != E::stored.type || e.schema != E::stored.schema) return false;
    if (auto decoded = from_json<E>(e.payload))
      found = std::variant<Es...>{std::move(*decoded)};
    else
      found = error{code::corrupt, "event " + e.type + " does not decode: " + decoded.error().message};
    return true;
  }
};

template <class A>
class entity_of final : public erased_entity {
 public:
  erased_decision decide(message& command, const decision_context& ctx) override {
    erased_decision out;
    // The command is moved into the variant and back: after a conflict it is decided again.
    with_command<A>(command, [&]<class C>(const typename A::command& c, std::type_identity<C>) {
      using reply = typename C::reply;
      decision<A> d = A::decide(state_, c, ctx);
      if (!d.accepted()) {
        out.stored_reply = R"({"error":)" + to_json(d.refusal) + "}";
        out.reply = make_message<error>(std::move(d.refusal));
        out.reply->kind = message_kind::failure;
        return;
      }
      auto* value = std::get_if<reply>(&std::get<1>(d.reply));
      if (!value) throw std::logic_error{"decide() answered " + std::string{command.type->name} + " with another command's reply type"};
      for (auto& e : d.events) {
        out.events.push_back(event_codec<typename A::event>::encode(e));
        evolve<A>(state_, e);
      }
      out.stored_reply = R"({"ok":)" + to_json(*value) + "}";
      out.reply = make_message<reply>(std::move(*value));
    });
    return out;
  }
  result<done> apply(const recorded_event& e) override {
    auto decoded = event_codec<typename A::event>::decode(e);
    if (!decoded) return decoded.error();
    evolve<A>(state_, *decoded);
    return done{};
  }
  std::string state_json() const override { return to_json(state_); }
  result<done> restore(std::string_view text) override {
    auto decoded = from_json<typename A::state>(text);
    if (!decoded) return decoded.error();
    state_ = std::move(*decoded);
    return done{};
  }

 private:
  typename A::state state_{};
};

template <class A>
std::string snapshot_key_of() {
  auto key = std::to_string(layout_hash<typename A::state>());
  if constexpr (requires { A::fold_version; }) key += "." + std::to_string(A::fold_version);
  return key;
}

// Turns {"ok": reply} or {"error": refusal} into the answer to a repeated command.
template <class R>
message_ptr stored_reply_message(std::string_view stored) {
  auto fail = [](error e) {
    auto l = make_message<error>(std::move(e));
    l->kind = message_kind::failure;
    return l;
  };
  auto document = parse_json(stored);
  if (!document || !document->is_object()) return fail({code::corrupt, "the stored reply does not decode", outcome::applied});
  auto& members = document->as_object();
  if (auto* refused = members.if_contains("error")) {
    auto e = from_value<error>(*refused);
    return fail(e ? std::move(*e) : std::move(e.error()));
  }
  auto* ok = members.if_contains("ok");
  if (!ok) return fail({code::corrupt, "the stored reply has neither ok nor error", outcome::applied});
  auto value = from_value<R>(*ok);
  if (!value) return fail({code::corrupt, "the stored reply does not decode: " + value.error().message, outcome::applied});
  return make_message<R>(std::move(*value));
}

template <class C>
erased_command erase_command() {
  return {type_of<C>(), std::string{local_name<C>()},
          [](std::string_view service) { return describe_operation<C>(service); },
          [](message& l) { return identity_of(l.as<C>()); },
          [](std::string_view stored) { return stored_reply_message<typename C::reply>(stored); }};
}

}  // namespace detail

template <aggregate A>
erased_aggregate erase() {
  erased_aggregate a{std::string{short_name<A>()}, detail::snapshot_key_of<A>(), {}, detail::event_codec<typename A::event>::names(),
                     [] { return std::make_unique<detail::entity_of<A>>(); }, {}};
  if constexpr (has_validate<A>) {
    a.validate = [](message& l) {
      result<void> checked;
      with_command<A>(l, [&](const typename A::command& c, auto) { checked = validate<A>(c); });
      return checked;
    };
  }
  boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, boost::mp11::mp_rename<typename A::command, boost::mp11::mp_list>>>(
      [&]<class C>(C) { a.commands.push_back(detail::erase_command<typename C::type>()); });
  return a;
}

}  // namespace banyan
