// Minimises a failing run: finds a small subset of its n parts (faults, operations) that still fails. Delta
// debugging (A. Zeller, R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002).
// Pure: `fails` runs a subset and tells whether it fails.
//
//   int budget = 200;
//   auto kept = fewest_parts(plan.size(), [&](auto& kept) { return fails_with(plan, kept); }, budget);
//
// `budget`: the number of calls of `fails`, counted down; when it is spent, the best subset so far is returned. A
// result within the budget is 1-minimal: without any one of its parts the run does not fail.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace banyan {

// Returns ascending indices. The whole is assumed to fail.
std::vector<std::size_t> fewest_parts(std::size_t parts, const std::function<bool(const std::vector<std::size_t>& kept)>& fails,
                                      int& budget);

}  // namespace banyan
