// `options reload` on the command line.
#include <banyan/core/json.hpp>
#include <banyan/core/text.hpp>
#include <banyan/runtime/reload.hpp>

namespace banyan {

namespace {

result<operator_text> show_reload(const operator_arguments& with, const std::string& answer) {
  const auto done = from_json<reload_report>(answer);
  if (!done) return done.error();
  const bool is_refused = done->outcome == reload_outcome::refused;
  operator_text text{.out = {}, .err = {}, .code = is_refused ? 1 : 0};
  if (with.as_json()) {
    text.out = answer + "\n";
    return text;
  }
  if (is_refused) {
    for (const auto& p : done->problems) text.err += printable(p.where + ": " + p.sentence) + "\n";
    text.err += "refused: the last good configuration stays\n";
    return text;
  }
  for (const auto& c : done->applied)
    text.out += printable(c.option + ": " + c.before + " -> " + c.after) + "\n";
  for (const auto& name : done->needs_restart) text.out += printable(name) + ": needs a restart\n";
  if (text.out.empty()) text.out = "nothing has changed\n";
  return text;
}

}  // namespace

std::shared_ptr<operator_words> options_words() {
  const operator_word reload{.name = "reload",
                             .help = "Read the configuration again; what can change while the node runs is applied",
                             .arguments = {operators_token()},
                             .method = "POST",
                             .path = "/options/reload",
                             .show = show_reload,
                             .despite_mistakes = true};  // the node says that it refuses them
  return std::make_shared<operator_words>(operator_words{"options", "Options of the running node", {reload}});
}

}  // namespace banyan
