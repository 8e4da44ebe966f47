// `result<T>`: a value or a banyan::error. It is Boost.System's result with our error, so its whole interface applies:
// `if (r)`, `*r`, `r->x`, `r.value()` (throws result_error), `r.error()`.
#pragma once

#include <banyan/core/error.hpp>

#include <boost/system/result.hpp>

#include <stdexcept>

namespace banyan {

template <class T>
using result = boost::system::result<T, error>;

// Thrown by `result<T>::value()` when it holds an error.
class result_error : public std::runtime_error {
 public:
  explicit result_error(error e) : std::runtime_error{to_string(e)}, error_{std::move(e)} {}
  const error& get() const noexcept { return error_; }

 private:
  error error_;
};

// Prints "a value" or the error, whether or not T is printable, so that tests can write CHECK(result).
namespace detail {
std::ostream& print_value(std::ostream& out);
}
template <class T>
std::ostream& operator<<(std::ostream& out, const result<T>& r) {
  return r ? detail::print_value(out) : out << r.error();
}
std::ostream& operator<<(std::ostream& out, const result<void>& r);

// Found by Boost.System through argument-dependent lookup.
[[noreturn]] inline void throw_exception_from_error(const error& e, const boost::source_location&) { throw result_error{e}; }

}  // namespace banyan
