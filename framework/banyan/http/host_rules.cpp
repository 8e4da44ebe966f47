#include <banyan/http/host_rules.hpp>

#include <banyan/core/text.hpp>
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

// A name with a trailing dot is the same name (RFC 1034, 3.1).
std::string_view without_last_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

// The host of a list entry, which may have a port, or be an address in brackets. Empty: not a host.
std::string listed_host(std::string_view text) {
  if (text == "*") return "*";
  const std::string dot{text.starts_with('.') ? "." : ""};
  const auto read = read_authority(text.substr(dot.size()));
  constexpr std::string_view of_hosts = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:";
  if (!read || read->host.empty() || read->host.find_first_not_of(of_hosts) != std::string::npos) return {};
  return dot + std::string{without_last_dot(read->host)};
}

}  // namespace

host_rules::host_rules(std::string listening, const std::vector<std::string>& allowed) : listening_{std::move(listening)} {
  for (const auto& text : allowed) {
    auto host = listed_host(text);
    if (host == "*") all_ = true;
    else if (!host.empty()) names_.push_back(std::move(host));
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

result<std::vector<std::string>> parse_hosts(std::string_view list) {
  std::vector<std::string> hosts;
  for (const auto text : list_items(list)) {
    auto host = listed_host(text);
    if (host.empty()) return error{code::invalid_argument, "a host is a name or an address, such as shop.example, .internal or [::1]"};
    hosts.push_back(host.find(':') == host.npos ? std::move(host) : "[" + host + "]");
  }
  return hosts;
}

}  // namespace banyan
