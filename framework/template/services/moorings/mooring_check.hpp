// An operation that needs no state: what may be placed.
#pragma once

#include <services/moorings/api.hpp>

#include <banyan/core/result.hpp>
#include <banyan/service/context.hpp>

#include <string_view>

namespace harbour::moorings {

// An id has 1 to 64 letters, digits, '-' and '_'; a note at most 500 bytes. Errors: invalid_argument with the field.
banyan::result<void> check_text(std::string_view id, std::string_view note);

banyan::result<mooring_check> check(banyan::context<> ctx, const check_mooring& m);

}  // namespace harbour::moorings
