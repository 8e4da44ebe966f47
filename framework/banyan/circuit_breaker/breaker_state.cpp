#include <banyan/circuit_breaker/breaker_state.hpp>

namespace banyan {

std::string_view to_string(breaker_state s) { return boost::describe::enum_to_string(s, "?"); }
std::string_view to_string(breaker_override o) { return boost::describe::enum_to_string(o, "?"); }
std::string_view to_string(breaker_event_kind k) { return boost::describe::enum_to_string(k, "?"); }

}  // namespace banyan
