#include <services/acquirer/requests.hpp>

#include <services/acquirer/payment_rules.hpp>

#include <charconv>

namespace acquirer {

using banyan::code;
using banyan::error;
using banyan::http_request;
using banyan::result;

endpoint endpoint_of(const std::vector<std::string>& path) {
  if (path.empty() || path.size() > 3) return endpoint::none;
  if (path[0] == "charges") {
    if (path.size() == 1) return endpoint::charges;
    if (path.size() == 2) return endpoint::charge;
    return path[2] == "refunds" ? endpoint::refunds : endpoint::none;
  }
  if (path.size() > 1) return endpoint::none;
  if (path[0] == "book") return endpoint::book;
  if (path[0] == "faults") return endpoint::faults;
  return path[0] == "healthz" ? endpoint::health : endpoint::none;
}

std::string_view methods_of(endpoint e) {
  switch (e) {
    case endpoint::charges:
    case endpoint::refunds:
      return "GET, HEAD, POST, OPTIONS";
    case endpoint::faults:
      return "GET, HEAD, PUT, DELETE, OPTIONS";
    default:
      return "GET, HEAD, OPTIONS";
  }
}

bool is_read(const http_request& r) { return r.method == "GET" || r.method == "HEAD"; }

result<void> check_json(const http_request& r) {
  const auto type = r.headers.get("content-type");
  if (banyan::equal_ignoring_case(type.substr(0, type.find(';')), "application/json")) return {};
  return error{code::invalid_argument, "the body must be application/json"}.at("content-type");
}

result<std::string> idempotency_key(const http_request& r) {
  constexpr const char* name = "Idempotency-Key";
  if (r.headers.count(name) == 0)
    return error{code::invalid_argument, "the header Idempotency-Key is missing"}
        .because("key_missing")
        .at("idempotency-key");
  if (r.headers.count(name) > 1)
    return error{code::invalid_argument, "one Idempotency-Key is expected"}.at("idempotency-key");
  std::string key{r.headers.get(name)};
  if (auto valid = check_key(key, "idempotency-key"); !valid) return valid.error();
  return key;
}

result<std::size_t> limit_of(const http_request& r) {
  const auto* text = r.query_value("limit");
  if (!text) return 100;
  std::size_t n = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), n);
  if (failure != std::errc{} || end != text->data() + text->size() || n == 0 || n > max_page)
    return error{code::invalid_argument, "limit is a number from 1 to " + std::to_string(max_page)}.at("limit");
  return n;
}

bool allows(std::string_view methods, std::string_view method) {
  for (std::size_t at = methods.find(method); at != std::string_view::npos; at = methods.find(method, at + 1)) {
    const auto end = at + method.size();
    if ((at == 0 || methods[at - 1] == ' ') && (end == methods.size() || methods[end] == ',')) return true;
  }
  return false;
}

}  // namespace acquirer
