#include <banyan/saga/saga_advice.hpp>

#include <algorithm>

namespace banyan {
namespace {

constexpr int often = 3;  // attempts

std::string for_blocked(const saga_description& d) {
  const std::string abort = "or `sagas abort` it: what is listed is undone from its record, without its code";
  if (d.blocked_by == "mismatch")
    return "Its code does not ask for what it asked for before. Deploy the code with which it began, or give the new "
           "code another version and link the former one (earlier_saga): then it goes on by itself; " + abort + ".";
  if (d.blocked_by == "unknown_version")
    return "Link the function of version " + std::to_string(d.version) +
           " (earlier_saga): then it goes on by itself; " + abort + ".";
  if (d.blocked_by == "too_long")
    return "Raise the option that it has reached, SERVICE.saga." + d.saga +
           ".max_turns or max_bytes, and start the node again: then it goes on by itself; " + abort + ".";
  return "Its code fails. Deploy one that does not, or remove the cause and `sagas retry` it; " + abort + ".";
}

}  // namespace

std::string advice_for(const saga_description& d) {
  if (d.blocked) return for_blocked(d);
  if (d.phase == "attention")
    return "Undo actions were refused. `sagas retry` has them asked again; when one was done by hand, say so by `sagas "
           "undone ID STEP --because ...`. It ends when none is left.";
  if (d.ending && d.ending->how == saga_outcome::attention)
    return "It failed after its pivot, where nothing is undone: put right by hand what its steps have done. It has "
           "ended, and can not be changed any more.";
  const auto fails = std::find_if(d.open_steps.begin(), d.open_steps.end(),
                                  [](const saga_open_step& s) { return s.last_error && s.attempts >= often; });
  if (fails == d.open_steps.end()) return {};
  if (d.phase == "undoing")
    return fails->operation + " is asked until it is done; `sagas retry` asks at once. When it was done by hand, say "
           "so by `sagas undone ID STEP --because ...`.";
  return fails->operation + " is asked until its outcome is known; `sagas retry` asks at once. `sagas cancel` and "
         "`sagas abort` undo the saga as soon as the outcome is known.";
}

}  // namespace banyan
