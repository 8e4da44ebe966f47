// The host names that requests may use, against DNS rebinding: a foreign page can make its own name resolve to this
// machine and then send requests here. Their Host field still has that name, and is answered 421 (RFC 9110,
// 15.5.20).
//
//   host_rules rules{"127.0.0.1", {"shop.example", ".internal.example"}};
//   rules.allow("localhost:8080");      // true: loopback, any port
//   rules.allow("a.internal.example");  // true: a leading dot allows all subdomains
//   rules.allow("evil.example");        // false
//
// Only the name is checked, not the port: rebinding needs a name, and ports are forwarded and mapped. Allowed are
// the listening address, localhost and *.localhost, 127.0.0.0/8 and ::1, and the list; when listening on all
// addresses, any IP address. A request without a host (HTTP/1.0) does not come from a browser: it is allowed when
// the listening address is loopback. "*" in the list allows all.
#pragma once

#include <banyan/core/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace banyan {

class host_rules {
 public:
  host_rules() = default;  // allows the loopback names only
  host_rules(std::string listening, const std::vector<std::string>& allowed);

  bool allow(std::string_view authority) const;  // "host:port" of the request

 private:
  std::string listening_;
  std::vector<std::string> names_;
  bool all_ = false;
  bool any_address_ = false;
  bool on_loopback_ = false;
};

// "shop.example, .internal [::1]:8080" -> the hosts without ports, for `host_rules`. Errors: invalid_argument for an
// entry that no request can match: "*.internal", "::1", "http://shop.example", "shop.example:99999".
result<std::vector<std::string>> parse_hosts(std::string_view list);

}  // namespace banyan
