// What a request asks of the acquirer: its path, its method, its key and its limits. Pure.
//
//   endpoint where = endpoint_of(request.path);                            // none: there is no such path
//   if (!allows(methods_of(where), request.method)) ...                    // 405
//   auto key = idempotency_key(request);                                   // invalid_argument: missing, twice, not a
//   key
#pragma once

#include <banyan/http/message.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace acquirer {

enum class endpoint : std::uint8_t { none, charges, charge, refunds, book, faults, health };

inline constexpr std::size_t max_page = 1'000;

endpoint endpoint_of(const std::vector<std::string>& path);
std::string_view methods_of(endpoint e);  // the value of Allow
bool allows(std::string_view methods, std::string_view method);
bool is_read(const banyan::http_request& r);

banyan::result<void> check_json(const banyan::http_request& r);  // of Content-Type
banyan::result<std::string> idempotency_key(const banyan::http_request& r);
banyan::result<std::size_t> limit_of(const banyan::http_request& r);  // of a page; 100 unless said

}  // namespace acquirer
