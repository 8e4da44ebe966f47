// The first question to a shop, which changes nothing: whoever sends much finds out so whether anybody is there.
//
//   auto answer = shop::first_answer(api, api.get_products("", 1, ""), exchange, clock, std::cerr, stop);
//
// Short patience, and a word on standard error when it is needed: an address may be wrong, its port another program's that says nothing. A
// shop that was reached once has longer: it may be starting again.
#pragma once

#include <shop/exchange.hpp>
#include <shop/shop_api.hpp>

#include <iosfwd>

namespace shop {

inline constexpr std::chrono::seconds first_contact_patience{5};

// Errors: deadline_exceeded when nothing was answered in time, those of the answer, unavailable when `stop` was set.
banyan::result<banyan::http_response> first_answer(
    const shop_api& api, const banyan::http_request& question, exchange& shop, const banyan::clock& clock, std::ostream& err,
    const stop_flag& stop, const window_options& options = {.give_up_after = first_contact_patience, .end_after = first_contact_patience});

}  // namespace shop
