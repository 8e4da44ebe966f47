// Which hosts a request may name. A page from anywhere can make its own name point to this machine (DNS rebinding) and then read and write
// here as if it came from us: the Host field still says that name, so a name that is not ours is answered 421 (RFC 9110, 15.5.20).
//
//   host_rules rules{"127.0.0.1", {"shop.example", ".internal.example"}};
//   rules.allow("localhost:8080");      // true: loopback is ours, whatever the port
//   rules.allow("a.internal.example");  // true: a name that begins with a dot stands for all below it
//   rules.allow("evil.example");        // false
//
// The name decides, not the port: rebinding needs a name, and ports are forwarded and mapped. Ours are the address that is listened on,
// localhost and what ends with .localhost, 127.0.0.0/8 and ::1, and what is listed; when all addresses are listened on, any IP address.
// A request without a host (HTTP/1.0) comes from no browser: it is ours when the listening address is loopback. "*" in the list allows all.
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

  bool allow(std::string_view authority) const;  // "host:port" as the request says it

 private:
  std::string listening_;
  std::vector<std::string> names_;
  bool all_ = false;
  bool any_address_ = false;
  bool on_loopback_ = false;
};

// "shop.example, .internal [::1]:8080" -> the hosts one by one, without ports, as `host_rules` takes them. Errors: invalid_argument for what
// is no host, since no request could ever name it: "*.internal", "::1", "http://shop.example", "shop.example:99999".
result<std::vector<std::string>> parse_hosts(std::string_view list);

}  // namespace banyan
