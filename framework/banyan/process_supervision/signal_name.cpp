#include <banyan/process_supervision/signal_name.hpp>

#include <csignal>
#include <cstring>

namespace banyan {

std::string signal_name(int number) {
  const auto* name = sigabbrev_np(number);
  return name ? std::string{"SIG"} + name : "signal " + std::to_string(number);
}

std::optional<int> signal_number(std::string_view name) {
  for (int n = 1; n < SIGRTMIN; ++n)
    if (const auto* known = sigabbrev_np(n); known && name.starts_with("SIG") && name.substr(3) == known) return n;
  return {};
}

}  // namespace banyan
