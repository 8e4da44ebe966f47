// Makes a failing run smaller: which of n parts (faults) does it take, and how few operations? Delta debugging (A. Zeller, R. Hildebrandt,
// "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002). Pure: `fails` runs it and says whether it still fails.
//
//   auto kept = fewest_parts(plan.size(), [&](auto& kept) { return fails_with(plan, kept); }, budget);
//   int few = smallest(200, [&](int operations) { return fails_with(operations); }, budget);
//
// `budget` is how many times `fails` may be asked; it is counted down, and when it is spent the best so far is the answer. What comes
// from fewest_parts within its budget is minimal in this sense: without any one of its parts the run does not fail.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace banyan {

// Indices, rising. The whole is taken to fail.
std::vector<std::size_t> fewest_parts(std::size_t parts, const std::function<bool(const std::vector<std::size_t>& kept)>& fails,
                                      int& budget);

// The least number in 1 .. whole that was found to fail; `whole` is taken to.
int smallest(int whole, const std::function<bool(int)>& fails, int& budget);

}  // namespace banyan
