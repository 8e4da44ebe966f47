// The address of a node's operations port, as operators write it: "https://shop.example:8081", or host and port alone.
//
//   const auto url = parse_operations_url("https://shop.example:8081/").value();
//   return url.authority == "shop.example:8081" && to_string(url) == "https://shop.example:8081";
#pragma once

#include <banyan/core/result.hpp>

#include <string>
#include <string_view>

namespace banyan {

struct operations_url {
  bool is_https = false;
  std::string authority;  // "HOST:PORT"; an IPv6 address is in brackets

  friend bool operator==(const operations_url&, const operations_url&) = default;
};

// `https`: whether an address without a scheme is one of https. Errors: invalid_argument for another scheme, a path,
// and an address without a port.
result<operations_url> parse_operations_url(std::string_view text, bool https = false);

std::string to_string(const operations_url& url);

// Whether it is a loopback address or localhost. Names are not looked up.
bool is_this_machine(const operations_url& url);

}  // namespace banyan
