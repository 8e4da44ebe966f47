#include <banyan/http/authority.hpp>

#include <boost/url/authority_view.hpp>
#include <boost/url/parse.hpp>

#include <charconv>

namespace banyan {

result<authority> read_authority(std::string_view text) {
  const auto wrong = [](const char* why) { return error{code::invalid_argument, why}; };
  const auto parsed = boost::urls::parse_authority(text);
  if (!parsed) return wrong("not a host and port");
  if (parsed->has_userinfo()) return wrong("a user before the host is not allowed");
  authority out{parsed->host_address(), std::nullopt};
  const std::string_view digits{parsed->port().data(), parsed->port().size()};
  if (digits.empty()) return out;
  std::uint16_t port = 0;
  const auto* const last = digits.data() + digits.size();
  if (const auto [end, ec] = std::from_chars(digits.data(), last, port); ec != std::errc{} || end != last)
    return wrong("a port is a number up to 65535");
  out.port = port;
  return out;
}

std::string to_authority(std::string_view host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string_view::npos;
  return (is_v6 ? "[" + std::string{host} + "]" : std::string{host}) + ":" + std::to_string(port);
}

}  // namespace banyan
