#include <banyan/ambassador/balancer.hpp>

#include <boost/describe/enum_to_string.hpp>

#include <cmath>
#include <cstring>

namespace banyan {

std::string_view to_string(balancing b) { return boost::describe::enum_to_string(b, "unknown"); }

namespace detail {

std::uint64_t affinity(std::uint64_t endpoint, std::uint64_t key) {
  char bytes[16];
  std::memcpy(bytes, &endpoint, 8);
  std::memcpy(bytes + 8, &key, 8);
  return stable_hash({bytes, sizeof bytes});
}

std::int64_t bounded_share(std::int64_t calls, std::size_t endpoints, double bound) {
  return static_cast<std::int64_t>(
      std::ceil(std::max(bound, 1.0) * static_cast<double>(calls + 1) / static_cast<double>(endpoints)));
}

}  // namespace detail

}  // namespace banyan
