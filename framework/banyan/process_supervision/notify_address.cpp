#include <banyan/process_supervision/notify_address.hpp>

#include <algorithm>
#include <cstddef>

namespace banyan {

std::optional<notify_address> parse_notify_address(std::string_view text) {
  notify_address a;
  const bool is_abstract = text.starts_with('@');
  if (text.size() < 2 || text.size() >= sizeof a.name.sun_path || (!is_abstract && text[0] != '/')) return {};
  a.name.sun_family = AF_UNIX;
  std::copy(text.begin(), text.end(), a.name.sun_path);
  if (is_abstract) a.name.sun_path[0] = '\0';
  a.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size() + (is_abstract ? 0 : 1));
  return a;
}

}  // namespace banyan
