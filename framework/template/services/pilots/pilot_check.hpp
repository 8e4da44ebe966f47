// An operation that needs no state: what may be placed.
#pragma once

#include <services/pilots/api.hpp>

#include <banyan/core/result.hpp>
#include <banyan/service/context.hpp>

#include <string_view>

namespace harbour::pilots {

// An id has 1 to 64 letters, digits, '-' and '_'; a note at most 500 bytes. Errors: invalid_argument with the field.
banyan::result<void> check_text(std::string_view id, std::string_view note);

banyan::result<pilot_check> check(banyan::context<> ctx, const check_pilot& m);

}  // namespace harbour::pilots
