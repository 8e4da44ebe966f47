// Reads answers and events into the types that a saga's code waits for, and looks up how its operations may be
// repeated.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/plan/operation.hpp>
#include <banyan/saga/ledger.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace banyan {
namespace detail {

template <class T>
struct typed_answer {
  std::shared_ptr<T> value;
  std::optional<banyan::error> failure;
};

}  // namespace detail

// {"ok":...} or {"error":...}
template <class T>
struct codec<detail::typed_answer<T>> {
  static bool read(detail::typed_answer<T>& x, const boost::json::value& v, fault& why) {
    const auto* object = detail::as_object(v, why);
    if (!object) return false;
    if (const auto* failed = detail::find_member(*object, "error"))
      return codec<error>::read(x.failure.emplace(), *failed, why) || why.inside("error");
    const auto* ok = detail::find_member(*object, "ok");
    if (!ok) return why.missing("ok");
    x.value = std::make_shared<T>();
    return codec<T>::read(*x.value, *ok, why) || why.inside("ok");
  }
};

namespace detail {

template <class T>
result<saga_decoded> decode_answer(std::string_view json) {
  auto read = from_json<typed_answer<T>>(json);
  if (!read) return std::move(read.error());
  if (read->failure) return saga_decoded{nullptr, std::move(*read->failure)};
  return saga_decoded{std::move(read->value), {}};
}

template <class T>
result<saga_decoded> decode_event(std::string_view json) {
  auto read = from_json<T>(json);
  if (!read) return std::move(read.error());
  return saga_decoded{std::make_shared<const T>(std::move(*read)), {}};
}

// Whether a step may be asked again: by key, always, or because another operation finds out its outcome.
template <class Request, class... Ops>
constexpr bool is_repeatable(operations<Ops...>) {
  const auto one = []<class Op>(std::type_identity<Op>) {
    if constexpr (!std::is_same_v<typename Op::request, Request>)
      return false;
    else
      return Op::how != idempotent::never || !std::is_void_v<typename Op::known_by>;
  };
  return (one(std::type_identity<Ops>{}) || ...);
}

}  // namespace detail
}  // namespace banyan
