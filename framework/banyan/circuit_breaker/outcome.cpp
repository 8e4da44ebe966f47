#include <banyan/circuit_breaker/outcome.hpp>

namespace banyan {

call_outcome outcome_of(const error& e) {
  switch (e.code) {
    case code::unavailable:
      return e.reason == circuit_open ? call_outcome::ignored : call_outcome::failure;
    case code::deadline_exceeded:
    case code::exhausted:
    case code::corrupt:
    case code::internal:
      return call_outcome::failure;
    case code::invalid_argument:
    case code::not_found:
    case code::conflict:
    case code::refused:
    case code::unauthenticated:
    case code::forbidden:
    case code::unimplemented:
      break;
  }
  return call_outcome::success;
}

}  // namespace banyan
