#include <banyan/saga/rebuild.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace banyan {

result<std::unique_ptr<saga_machine>> rebuild_saga(const saga_code* code, std::span<const std::string> payloads, saga_limits limits) {
  std::vector<saga_turned> turns;
  turns.reserve(payloads.size());
  for (const auto& payload : payloads) {
    auto turn = from_json<saga_turned>(payload);
    if (!turn) return error{code::corrupt, "turn " + std::to_string(turns.size() + 1) + " does not decode: " + turn.error().message};
    turns.push_back(std::move(*turn));
  }
  const bool is_aborted = std::any_of(turns.begin(), turns.end(), [](const auto& t) { return t.because.kind == saga_notice::aborted; });
  auto machine = std::make_unique<saga_machine>(is_aborted ? nullptr : code, limits);
  for (std::size_t i = 0; i < turns.size(); ++i)
    if (auto same = machine->replay(turns[i], payloads[i].size()); !same) return same.error();
  return machine;
}

result<void> verify_saga(const saga_code* code, std::span<const std::string> payloads, const saga_machine& live) {
  auto again = rebuild_saga(code, payloads);
  if (!again) return again.error();
  const auto now = live.fingerprint(), rebuilt = (*again)->fingerprint();
  if (now == rebuilt) return {};
  return error{code::internal, "a saga that is built again from its record is another one\nlive: " + now + "\nrebuilt: " + rebuilt}.because(
      "saga_not_rebuilt");
}

}  // namespace banyan
