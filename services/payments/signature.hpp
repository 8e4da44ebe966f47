// The signature of the acquirer's callbacks: `t=<seconds since 1970>,v1=<HMAC-SHA256 of "t.body" in hex>`.
//
//   if (auto genuine = verify_signature(secret, header, body, now); !genuine) return genuine.error();
//
// The time is signed along, so that a callback that was overheard can not be sent again later. Several v1 may be there
// while the secret is exchanged: one that is right suffices. Comparisons take the same time wherever the first
// difference is. Errors: unauthenticated, without a word of what would have been right.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/core/time.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace shop::payments {

inline constexpr std::chrono::minutes signature_tolerance{
    5};  // between the acquirer's clock and ours, delivery included

banyan::result<void> verify_signature(std::string_view secret, std::string_view header, std::string_view body,
                                      banyan::instant now);

// What the acquirer's side makes.
std::string sign(std::string_view secret, std::string_view body, banyan::instant now);

// The secret that callbacks are signed with: the content of the file that SHOP_ACQUIRER_SECRET_FILE names, without
// white space around it, or else SHOP_ACQUIRER_SECRET. The file is read each time, so that an exchanged secret counts
// at once. Error: unavailable, "not_configured".
banyan::result<std::string> callback_secret();

}  // namespace shop::payments
