// Makes the code of a saga from its function:
//
//   const saga_code code = saga_code_of<check_out>("orders.checkout", 1);
//
// The function is a coroutine of its context, by value, and of its input, by const reference:
//
//   durable<result<order_state>> check_out(checkout_context ctx, const order_placed& e);
#pragma once

#include <banyan/core/message_codec_of.hpp>
#include <banyan/saga/context.hpp>
#include <banyan/saga/durable.hpp>
#include <banyan/saga/saga_frame.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace banyan {
namespace detail {

template <class R>
inline constexpr bool is_saga_result = false;
template <class T>
inline constexpr bool is_saga_result<durable<result<T>>> = true;

template <class F>
struct saga_signature {
  static_assert(!std::is_same_v<F, F>,
                "a saga is a function of a context and its input: `durable<result<reply>> f(saga_context<...> ctx, "
                "const input& m)`; a lambda would lose its captures");
};
template <class R, class C, class M>
struct saga_signature<R (*)(C, M)> {
  using context_type = std::remove_cvref_t<C>;
  using input = std::remove_cvref_t<M>;
  static_assert(is_saga_result<R>, "a saga returns durable<result<reply>>: with an error it is undone");
  using reply = typename R::value_type::value_type;
  static_assert(!std::is_reference_v<C>,
                "a saga takes its context by value, as it must live as long as the coroutine: write `saga_context<...> "
                "ctx`, without &");
  static_assert(is_saga_context<context_type>,
                "a saga's first parameter is its context, by value: `saga_context<...> ctx`; its input is the second");
  static_assert(std::is_lvalue_reference_v<M> && std::is_const_v<std::remove_reference_t<M>>,
                "a saga takes its input by const reference: write `const input& m`");
  static_assert(can_travel<input> && can_travel<reply>,
                "the input and the reply of a saga are recorded: describe both with BOOST_DESCRIBE_STRUCT");
};

template <auto Function>
class saga_frame_of final : public saga_frame {
  using signature = saga_signature<decltype(Function)>;

 public:
  saga_frame_of(saga_machine& m, typename signature::input input)
      : input_{std::move(input)}, coroutine_{Function(typename signature::context_type{m}, input_)} {}
  void start() override { coroutine_.resume(); }
  bool is_done() const override { return coroutine_.is_done(); }
  returned take() override {
    const auto value = coroutine_.take();
    return value ? returned{saga_ok(*value), false} : returned{saga_error(value.error()), true};
  }

  static result<std::unique_ptr<saga_frame>> begin(saga_machine& m, const nested_json& input) {
    auto read = from_json<typename signature::input>(input.text);
    if (!read) return std::move(read.error());
    return std::unique_ptr<saga_frame>{std::make_unique<saga_frame_of>(m, std::move(*read))};
  }
  static nested_json result_of_today(const nested_json& result) {
    const auto read = decode_answer<typename signature::reply>(result.text);
    if (!read || !read->value) return {};
    return saga_ok(*static_cast<const typename signature::reply*>(read->value.get()));
  }

 private:
  typename signature::input input_;  // the coroutine refers to it
  durable<result<typename signature::reply>> coroutine_;
};

}  // namespace detail

template <auto Function>
saga_code saga_code_of(std::string name, int version = 1) {
  using input = typename detail::saga_signature<decltype(Function)>::input;
  using frame = detail::saga_frame_of<Function>;
  return {std::move(name), version, type_of<input>(), codec_of<input>(), &frame::begin, &frame::result_of_today};
}

}  // namespace banyan
