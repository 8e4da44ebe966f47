// The handlers of the payments service that talk to the acquirer. Plain functions, each safe to repeat: what was asked
// for is recorded before they run, and every question has a key of its own that does not change.
//
// As subscriptions to this service's own events they are tried until the acquirer's answer is known, however long it is
// away, each payment on its own. A charge whose answer is lost is never taken for declined: it is looked up by its key,
// and when it is not there yet, sent again with the same key.
#pragma once

#include <services/payments/events.hpp>

#include <banyan/actor/task.hpp>
#include <banyan/service/context.hpp>

namespace shop::payments {

// A payment is requested: the acquirer is asked for the money, and its answer recorded.
banyan::task<banyan::result<banyan::done>> take_payment(banyan::context<acquirer_api, payments_api> ctx,
                                                        const payment_requested& e);

// Money is to be paid back: once the outcome of the charge is known, and if it took any. Of a mismatched charge the
// acquirer is asked what it has in its book, and that is what is paid back.
banyan::task<banyan::result<banyan::done>> pay_back(banyan::context<acquirer_api, payments_api> ctx,
                                                    const refund_requested& e);

// POST /payments/settlements: who signed it is verified before anything in it is believed. An answer of 2xx tells the
// acquirer that it need not call again, so also that of a settlement about a charge that is not known here, which is
// recorded for somebody to look into.
banyan::task<banyan::result<settlement_reply>> take_settlement(banyan::context<payments_api> ctx, const settle& m);

}  // namespace shop::payments
