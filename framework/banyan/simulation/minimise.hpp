// Makes a failing run smaller: which of its n parts (faults, operations) does it take? Delta debugging (A. Zeller, R. Hildebrandt,
// "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002). Pure: `fails` runs it and says whether it still fails.
//
//   int budget = 200;
//   auto kept = fewest_parts(plan.size(), [&](auto& kept) { return fails_with(plan, kept); }, budget);
//
// `budget` is how many times `fails` may be asked; it is counted down, and when it is spent the best so far is the answer. What comes
// within the budget is minimal in this sense: without any one of its parts the run does not fail.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace banyan {

// Indices, rising. The whole is taken to fail.
std::vector<std::size_t> fewest_parts(std::size_t parts, const std::function<bool(const std::vector<std::size_t>& kept)>& fails,
                                      int& budget);

}  // namespace banyan
