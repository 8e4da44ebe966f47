// Runs a service's handler in a span of its own, if the trace of the request is recorded (observability/tracer.hpp).
// What the handler asks of other services is a child of this span.
//
//   return traced<context<>>(host, scope, "get_quote", m, get_quote_handler);
//
// The span has the attributes banyan.service and banyan.operation. It ends with the handler, with status error when
// that throws or answers an error. Not recorded: the handler is called as it is.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/service/context.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace banyan {

namespace detail {

// Ends the span by the answer: a result, or a value.
template <class T>
void end_with(span_scope& span, const T& answer) {
  if constexpr (is_result<T>) {
    if (!answer) return span.end(answer.error());
  }
  span.end();
}

inline void end_with_exception(span_scope& span) {
  span.end(error{code::internal, "an exception", outcome::unknown});
}

template <class T>
task<T> until_end_of(span_scope span, task<T> work) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await work;
      span.end();
    } else {
      T answer = co_await work;
      end_with(span, answer);
      co_return answer;
    }
  } catch (...) {
    end_with_exception(span);
    throw;
  }
}

}  // namespace detail

template <class Context, class Message, class F>
std::invoke_result_t<F&, Context, const Message&> traced(actor_host& host, const service_scope& scope,
                                                         std::string_view operation, const Message& m, F handle) {
  using returned = std::invoke_result_t<F&, Context, const Message&>;
  auto& tracer = host.system().tracer();
  if (!tracer.is_recording()) [[likely]] return handle(Context{host, scope}, m);
  auto span = tracer.begin(trace_of(host.context()), span_kind::internal, scope.service + " " + std::string{operation});
  if (!span.is_recorded()) return handle(Context{host, scope}, m);
  span.set("banyan.service", scope.service).set("banyan.operation", operation);
  Context within{host, scope, in_span(span, host.context())};
  if constexpr (is_task<returned>) {
    return detail::until_end_of(std::move(span), handle(std::move(within), m));
  } else {
    try {
      if constexpr (std::is_void_v<returned>) {
        handle(std::move(within), m);
        span.end();
      } else {
        returned answer = handle(std::move(within), m);
        detail::end_with(span, answer);
        return answer;
      }
    } catch (...) {
      detail::end_with_exception(span);
      throw;
    }
  }
}

}  // namespace banyan
