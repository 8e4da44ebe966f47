// The codec of a message type, apart from message_codec.hpp because it includes the whole JSON codec.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/core/message_codec.hpp>

#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace banyan {

// Whether messages of this type can leave the process. Every described struct can; one that has a member without a
// JSON form does not compile.
template <class M>
concept can_travel = !requires { typename codec<M>::is_undefined; };

namespace detail {

template <class M>
struct codec_functions {
  static void destroy(void* value) noexcept { std::destroy_at(static_cast<M*>(value)); }
  static void copy(void* storage, const void* value) { ::new (storage) M(*static_cast<const M*>(value)); }
  static void encode(std::string& out, const void* value) { append_json(out, *static_cast<const M*>(value)); }
  static std::optional<error> decode(void* storage, std::string_view json) { return make(storage, from_json<M>(json)); }
  static std::optional<error> read(void* storage, const boost::json::value& parsed) {
    return make(storage, from_value<M>(parsed));
  }
  static shape describe() { return shape_of<M>(); }

 private:
  static std::optional<error> make(void* storage, result<M> made) {
    if (!made) return std::move(made.error());
    ::new (storage) M(std::move(*made));
    return std::nullopt;
  }
};

template <class M>
inline constexpr message_codec codec_object{type_of<M>(),
                                            sizeof(M),
                                            alignof(M),
                                            &codec_functions<M>::destroy,
                                            &codec_functions<M>::copy,
                                            &codec_functions<M>::encode,
                                            &codec_functions<M>::decode,
                                            &codec_functions<M>::read,
                                            &codec_functions<M>::describe};

}  // namespace detail

// Null when the type is not described.
template <class M>
constexpr const message_codec* codec_of() {
  static_assert(alignof(M) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__, "messages are kept in memory of the default alignment");
  if constexpr (can_travel<M>)
    return &detail::codec_object<M>;
  else
    return nullptr;
}

}  // namespace banyan
