#include <banyan/engines/framed_transport/framed_options.hpp>

namespace banyan {

bool is_node_name(std::string_view name) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !name.empty() && name.size() <= 128 && name.find_first_not_of(plain) == name.npos;
}

result<void> check_framed_options(const framed_identity& identity, const framed_limits& limits) {
  const auto wrong = [](const char* why, const char* field) { return error{code::invalid_argument, why}.at(field); };
  if (!is_node_name(identity.application))
    return wrong("the application's name is letters, digits, '-', '_' and '.'", "identity.application");
  if (!is_node_name(identity.node))
    return wrong("the node's name is letters, digits, '-', '_' and '.'", "identity.node");
  if (limits.max_calls == 0) return wrong("max_calls must not be zero", "limits.max_calls");
  if (limits.max_message == 0) return wrong("max_message must not be zero", "limits.max_message");
  if (limits.max_queued == 0) return wrong("max_queued must not be zero", "limits.max_queued");
  if (limits.ping_after.count() < std::chrono::milliseconds{1})
    return wrong("ping_after must be at least 1 ms", "limits.ping_after");
  if (limits.lost_after <= limits.ping_after)
    return wrong("lost_after must be longer than ping_after", "limits.lost_after");
  return {};
}

}  // namespace banyan
