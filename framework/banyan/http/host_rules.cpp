#include <banyan/http/host_rules.hpp>

#include <banyan/http/authority.hpp>
#include <banyan/http/headers.hpp>

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <optional>

namespace banyan {

namespace {

namespace ip = boost::asio::ip;

std::optional<ip::address> address_of(const std::string& text) {
  boost::system::error_code ec;
  auto a = ip::make_address(text, ec);
  if (ec) return std::nullopt;
  if (a.is_v6() && a.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, a.to_v6());
  return a;
}

bool ends_with(std::string_view name, std::string_view end) {
  return name.size() > end.size() && equal_ignoring_case(name.substr(name.size() - end.size()), end);
}

// A name with a dot at its end is the same name (RFC 1034, 3.1).
std::string_view without_last_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

}  // namespace

host_rules::host_rules(std::string listening, const std::vector<std::string>& allowed) : listening_{std::move(listening)} {
  for (const auto& name : allowed) {
    if (name == "*") all_ = true;
    // A name may be listed with a port, or an address in brackets; the host is what counts.
    const auto read = name.starts_with('.') ? result<authority>{authority{name, std::nullopt}} : read_authority(name);
    if (read && !read->host.empty()) names_.emplace_back(without_last_dot(read->host));
  }
  const auto address = address_of(listening_);
  any_address_ = address && address->is_unspecified();
  on_loopback_ = listening_ == "localhost" || (address && address->is_loopback());
}

bool host_rules::allow(std::string_view text) const {
  if (all_) return true;
  if (text.empty()) return on_loopback_;
  const auto read = read_authority(text);
  if (!read) return false;
  if (read->host.empty()) return on_loopback_;
  const auto host = without_last_dot(read->host);
  const auto listed = [&](const std::string& name) {
    return name.starts_with('.') ? ends_with(host, name) : equal_ignoring_case(host, name);
  };
  if (std::any_of(names_.begin(), names_.end(), listed)) return true;
  if (const auto address = address_of(read->host)) {
    if (address->is_loopback() || any_address_) return true;
    const auto own = address_of(listening_);
    return own && *own == *address;
  }
  return equal_ignoring_case(host, "localhost") || ends_with(host, ".localhost") || equal_ignoring_case(host, listening_);
}

}  // namespace banyan
