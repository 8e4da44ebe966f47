// The stored turns of a saga of some steps, all of which were answered.
#pragma once

#include <banyan/saga/machine.hpp>

#include <tests/bench/saga/flow.hpp>

#include <cstdlib>
#include <string>
#include <vector>

namespace saga_bench {

inline void must(bool holds) {
  if (!holds) std::abort();
}

inline std::vector<std::string> live_turns(const saga_code& code, int steps, const std::string& id = "o17") {
  std::vector<std::string> log;
  saga_machine m{&code, {.undo = steps + 1}};
  saga_head head;
  head.saga = "flows";
  head.id = id;
  const auto start = m.start(head, nested(run_flow{id, steps}), instant{});
  must(start.has_value());
  log.push_back(start->payload);
  const auto answer = saga_ok(item_reserved{sku, 1234});
  while (!m.outstanding().empty()) {
    const auto open = m.outstanding();
    auto turn = m.feed(saga_answer(open[0].request->number, answer, open[0].request->command), instant{});
    must(turn.has_value());
    log.push_back(std::move(turn->payload));
  }
  return log;
}

}  // namespace saga_bench
