// Supervision scripts on our supervisors and pools, stepped by hand.
#pragma once

#include <tests/framework/supervision/otp/script.hpp>

#include <memory>

namespace banyan::test::otp {

std::unique_ptr<world> make_actor_world();
std::unique_ptr<world> make_core_world();  // ... and on their pure cores alone, where an order is carried out as soon as it is given

}  // namespace banyan::test::otp
