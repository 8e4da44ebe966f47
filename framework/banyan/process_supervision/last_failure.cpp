#include <banyan/process_supervision/last_failure.hpp>

namespace banyan {

namespace {

std::string allowed_in(const supervision_policy& policy) {
  const auto allowed = policy.limit.value_or(intensity{});
  return "allowed are " + std::to_string(allowed.restarts) + " restarts within " + to_string(allowed.within);
}

}  // namespace

std::string to_sentence(const last_failure& f, const supervision_policy& policy) {
  const auto text = "gives up on " + f.program + ": it " + f.summary;
  if (f.is_final) return text + (f.has_run ? ", which is its final_exit_code" : "; another start would not mend it");
  return text + "; it was run " + std::to_string(f.runs) + (f.runs == 1 ? " time, " : " times, ") + allowed_in(policy);
}

std::string to_text(const last_failure& f, const supervision_policy& policy) {
  auto text = "banyan supervise: gave up on " + f.program + ": it " + f.summary + "\n";
  if (f.runs > 1) text += "it was run " + std::to_string(f.runs) + " times\n";
  if (f.is_final)
    text += f.has_run ? "that is its final_exit_code: another start would not mend it\n" : "another start would not mend it\n";
  else
    text += allowed_in(policy) + "\n";
  text += f.lines.empty() ? "it printed nothing\n" : "its last lines:\n";
  for (const auto& line : f.lines) text += "  " + line + "\n";
  return text;
}

}  // namespace banyan
