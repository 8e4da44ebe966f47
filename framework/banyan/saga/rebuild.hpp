// Builds a saga again from its stored turns.
//
//   auto rebuilt = rebuild_saga(&code, payloads);         // after a crash; conflict, "saga_mismatch": the code differs
//   auto same = verify_saga(&code, payloads, m);          // in simulation and tests, after every turn
#pragma once

#include <banyan/saga/machine.hpp>

#include <memory>
#include <span>
#include <string>

namespace banyan {

// The machine after all these turns, first one first. An aborted saga is rebuilt without its code, which runs no more.
// Errors: those of saga_machine::replay(). `code` is null for a version that is not linked.
result<std::unique_ptr<saga_machine>> rebuild_saga(const saga_code* code, std::span<const std::string> payloads,
                                                   saga_limits limits = {});

// Whether these turns, replayed from the start in a machine of their own, lead to the state of `live`. Errors: those of
// a replay, or internal when the states differ.
result<void> verify_saga(const saga_code* code, std::span<const std::string> payloads, const saga_machine& live);

}  // namespace banyan
