// What the shop's services have done of what their journal asks of them, as their subscriptions have stored it. For the
// audit and the checker of the books, which read it beside the running shop.
#pragma once

#include <shop/checker.hpp>

#include <banyan/assembly/ports.hpp>
#include <banyan/core/result.hpp>

namespace shop {

banyan::result<work_done> stored_work(const banyan::ports& engines);

}  // namespace shop
