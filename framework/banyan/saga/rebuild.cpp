#include <banyan/saga/rebuild.hpp>

#include <algorithm>

namespace banyan {
namespace {

bool is_abort(const std::string& payload) { return notice_of_turn(payload) == saga_notice::aborted; }

}  // namespace

result<std::unique_ptr<saga_machine>> rebuild_saga(const saga_code* code, std::span<const std::string> payloads,
                                                   saga_limits limits) {
  const bool was_aborted = std::any_of(payloads.begin(), payloads.end(), is_abort);
  auto machine = std::make_unique<saga_machine>(was_aborted ? nullptr : code, limits);
  for (const auto& payload : payloads)
    if (auto same = machine->replay(payload); !same) return same.error();
  return machine;
}

result<void> verify_saga(const saga_code* code, std::span<const std::string> payloads, const saga_machine& live) {
  auto again = rebuild_saga(code, payloads);
  if (!again) return again.error();
  const auto now = live.fingerprint(), rebuilt = (*again)->fingerprint();
  if (now == rebuilt) return {};
  return error{code::internal,
               "a saga that is built again from its record is another one\nlive: " + now + "\nrebuilt: " + rebuilt}
      .because("saga_not_rebuilt");
}

}  // namespace banyan
