#include <banyan/saga/operator_words.hpp>

#include <banyan/assembly/operator_lines.hpp>
#include <banyan/core/text.hpp>
#include <banyan/saga/many_sagas.hpp>
#include <banyan/saga/operator_pages.hpp>
#include <banyan/saga/saga_index.hpp>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace banyan {
namespace {

operator_argument saga_id(bool is_required = true) {
  return {.name = "id", .help = "Of the saga, such as o17", .is_required = is_required};
}
operator_argument saga_name() {
  return {.name = "--name", .help = "Of the sagas, such as orders.checkout, when several have the id"};
}
operator_argument reason(bool is_required) {
  return {.name = "--because", .help = "Why: stored with the saga", .is_required = is_required};
}
operator_argument who() {
  const char* user = std::getenv("USER");
  return {.name = "--by", .help = "Who: stored with the saga; default: the user", .otherwise = user ? user : ""};
}
operator_argument positive(std::string name, std::string help) {
  return {.name = std::move(name),
          .help = std::move(help),
          .type = "INT",
          .number = operator_argument::bounds{1, 1'000'000'000}};
}

std::string check_json(const std::string& text) {
  return from_json<nested_json>(text) ? std::string{} : std::string{"JSON, such as '{\"approved\":true}'"};
}
std::string check_age(const std::string& text) {
  return parse_timespan(text) ? std::string{} : std::string{"a duration, such as 10min, 2h or 7d"};
}

result<operator_text> show_sagas(const operator_arguments& with, const std::string& answer) {
  const auto page = from_json<sagas_page>(answer);
  if (!page) return page.error();
  const auto cells = [](const saga_line& s) {
    auto state = s.status.empty() ? s.state : s.state + " (" + s.status + ")";
    return std::vector{s.saga,        s.id,       std::to_string(s.version), std::move(state), to_rfc3339(s.since),
                       s.waiting_for, s.reason};
  };
  auto text =
      show_lines(with, page->sagas, {"SAGA", "ID", "VERSION", "STATE", "SINCE", "WAITS FOR", "REASON"}, cells);
  if (page->sagas.empty()) text.err = "There are no such sagas.\n";
  if (page->next) text.err += "There are more: --after " + *page->next + ", or --limit N\n";
  for (const auto& k : page->kinds)
    for (const auto& v : k.living)
      if (!v.linked)
        text.err += std::to_string(v.sagas) + " of " + k.saga + " have version " + std::to_string(v.version) +
                    ", which is not linked into the program.\n";
  return text;
}

void add(std::string& out, const std::string& label, const std::string& value) {
  constexpr std::size_t width = 14;
  auto head = "  " + label;
  head.resize(std::max(head.size() + 1, width + 2), ' ');
  if (!value.empty()) out += printable(head + value) + "\n";
}

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const auto& one : all) text += (text.empty() ? "" : ", ") + one;
  return text;
}

result<operator_text> show_saga(const operator_arguments& with, const std::string& answer) {
  const auto page = from_json<saga_page>(answer);
  if (!page) return page.error();
  return operator_text{with.as_json() ? answer + "\n" : text_of(*page)};
}

result<operator_text> show_change(const operator_arguments& with, const std::string& answer) {
  const auto change = from_json<saga_change>(answer);
  if (!change) return change.error();
  operator_text text;
  const auto name = change->saga + " " + change->id;
  if (with.as_json()) {
    text.out = answer + "\n";
  } else if (!change->blocked) {
    text.out = printable(name + (change->turn == 0 ? "" : ", turn " + std::to_string(change->turn)) + ": " +
                         change->phase +
                         (change->waiting_for.empty() ? "" : ", waits for " + joined(change->waiting_for))) +
               "\n";
  }
  if (change->blocked) {
    text.err = printable(name + " is still blocked: " + *change->blocked) + "\n";
    text.code = 1;
  }
  return text;
}

std::string check_status(const std::string& text) {
  return text == "blocked" || is_saga_status(text) ? std::string{} : "blocked, " + saga_status_names();
}

// Which sagas.
std::vector<operator_argument> filters(std::string otherwise = {}) {
  return {{.name = "--status",
           .help = "living, sleeping (waits for events and timers only), running, settling, undoing, attention, "
                   "blocked, ended, or how it ended: done, undone, abandoned",
           .otherwise = std::move(otherwise),
           .check = check_status},
          positive("--version", "Only of this version"),
          {.name = "--older-than", .help = "Without a turn for so long, such as 2h", .check = check_age},
          {.name = "--waiting-for", .help = "An operation, an event, or timer"}};
}

operator_argument flag(std::string name, std::string help) {
  return {.name = std::move(name), .help = std::move(help), .type = {}};
}

std::string check_many(const operator_arguments& with) {
  const bool has_id = !with.text("id").empty(), all = with.flag("--all");
  if (has_id && all) return "Say which saga, or --all of a --name, not both.";
  if (!has_id && !all) return "Say which saga: its ID, or --all of a --name.";
  if (all && with.text("--name").empty()) return "--all needs the --name of the sagas, such as orders.checkout.";
  if (!all && with.flag("--dry-run")) return "--dry-run is for --all.";
  for (const char* name : {"--version", "--older-than", "--waiting-for"})
    if (!all && !with.text(name).empty()) return std::string{name} + " is for --all.";
  return {};
}

std::string check_replay(const operator_arguments& with) {
  for (const char* name : {"--version", "--older-than", "--waiting-for"})
    if (!with.text("id").empty() && !with.text(name).empty()) return std::string{name} + " is for many, without an ID.";
  return {};
}

// The same for all sagas that the filters choose.
operator_word for_many(operator_word w) {
  w.arguments.push_back(flag("--all", "All of the --name that the filters choose"));
  for (auto& f : filters("living")) w.arguments.push_back(std::move(f));
  w.arguments.push_back(flag("--dry-run", "Say which, and change nothing"));
  w.arguments.push_back({.name = "--rate",
                         .help = "At most this many in a second",
                         .type = "UINT",
                         .otherwise = "10",
                         .number = operator_argument::bounds{1, 1000}});
  w.check = check_many;
  w.instead = [path = w.path, show = w.show](const operator_call& call) { return change_sagas(call, path, show); };
  return w;
}

operator_word change(std::string name, std::string help, std::vector<operator_argument> more, std::string path,
                     bool is_for_many = false) {
  std::vector<operator_argument> arguments{operators_token(), saga_id(!is_for_many)};
  for (auto& a : more) arguments.push_back(std::move(a));
  arguments.push_back(saga_name());
  arguments.push_back(who());
  operator_word w{.name = std::move(name),
                  .help = std::move(help),
                  .arguments = std::move(arguments),
                  .method = "POST",
                  .path = std::move(path),
                  .show = show_change};
  return is_for_many ? for_many(std::move(w)) : w;
}

}  // namespace

std::string text_of(const saga_page& page) {
  const auto& d = page.saga;
  auto state = d.blocked ? "blocked (" + d.blocked_by + ")" : d.phase;
  if (d.ending) state = "ended, " + std::string{boost::describe::enum_to_string(d.ending->how, "")};
  std::string out = printable(d.saga + " " + d.id + ", version " + std::to_string(d.version) + ", run " +
                              std::to_string(d.run) + ": " + state) +
                    "\n";
  add(out, "status", d.status);
  add(out, "since",
      to_rfc3339(d.since) + ", turn " + std::to_string(d.turns) + ", " + std::to_string(d.bytes) + " bytes");
  add(out, "blocked", d.blocked.value_or(""));
  add(out, "waits for", joined(d.waiting_for));
  if (d.due) add(out, "next timer", to_rfc3339(*d.due));
  for (const auto& s : d.open_steps)
    add(out, "open",
        std::to_string(s.number) + " " + s.operation + ", " + std::to_string(s.attempts) +
            (s.attempts == 1 ? " attempt" : " attempts") + (s.last_error ? ", last: " + to_string(*s.last_error) : ""));
  for (const auto& r : d.refused)
    add(out, "refused",
        "undo " + std::to_string(r.number) + (r.of == 0 ? std::string{} : " of step " + std::to_string(r.of)) + " " +
            r.operation + " " + r.arguments.text + ": " + to_string(r.why));
  const char* undo = d.phase == "undoing" || d.phase == "attention" ? "to undo" : "undo if fails";
  for (const auto& u : d.to_undo) add(out, undo, u.operation + " " + u.arguments.text);
  for (const auto& u : d.unread) add(out, "unread", "event " + u.name + " " + u.payload.text);
  if (d.ending) add(out, "result", d.ending->result.text);
  if (!page.turns.empty()) out += page.turns.front().turn > 1 ? "turns (the last ones)\n" : "turns\n";
  for (const auto& t : page.turns) {
    out += printable("  " + std::to_string(t.turn) + "  " + to_rfc3339(t.now) + "  " + t.because +
                     (t.by.empty() ? "" : ", by " + t.by)) +
           "\n";
    for (const auto& r : t.then) out += printable("       " + r) + "\n";
    if (t.end) out += printable("       " + *t.end) + "\n";
  }
  if (!page.advice.empty()) out += "What to do: " + page.advice + "\n";
  return out;
}

std::shared_ptr<operator_words> saga_words() {
  auto which = filters();
  which.push_back({.name = "--name", .help = "Only of this name, such as orders.checkout"});
  which.push_back({.name = "--after", .help = "Only behind this one, as `list` says when there are more"});
  which.push_back({.name = "--limit",
                   .help = "At most this many",
                   .type = "UINT",
                   .otherwise = "100",
                   .number = operator_argument::bounds{1, 1000}});
  const operator_word list{.name = "list",
                           .help = "What each waits for, and since when",
                           .arguments = std::move(which),
                           .path = std::string{sagas_path},
                           .show = show_sagas};
  const operator_word show{.name = "show",
                           .help = "One, with its turns, open steps, and what would be undone",
                           .arguments = {saga_id(), saga_name()},
                           .path = "/sagas/{id}?name={--name}",
                           .show = show_saga};
  auto retry = change("retry",
                      "Build a blocked one again, ask its open steps at once, and refused undo actions again",
                      {reason(false)}, "/sagas/{id}/retry?name={--name}&because={--because}&by={--by}", true);
  auto send = change("send", "Give it an event",
                     {{.name = "event", .help = "Its name, such as approval", .is_required = true},
                      {.name = "payload",
                       .help = "Of the event, at most about 5 KB",
                       .type = "JSON",
                       .is_required = true,
                       .check = check_json}},
                     "/sagas/{id}/send?name={--name}&event={event}&payload={payload}&by={--by}");
  auto cancel = change("cancel", "Have its code end and undo it, unless it is past its pivot", {reason(true)},
                       "/sagas/{id}/cancel?name={--name}&because={--because}&by={--by}", true);
  auto abort = change("abort", "End it without its code, and undo it from its record", {reason(true)},
                      "/sagas/{id}/abort?name={--name}&because={--because}&by={--by}", true);
  auto step = positive("step", "Number of the step that was undone, or of the undo action");
  step.is_required = true;
  auto undone = change("undone", "Say that an undo action which was refused, or has no answer, was done by hand",
                       {step, reason(true)},
                       "/sagas/{id}/undone?name={--name}&step={step}&because={--because}&by={--by}");
  operator_word replay{.name = "replay",
                       .help = "Replay the turns of living ones with the code of this program, say where it differs, "
                               "and change nothing. The exit code is 1 when one differs",
                       .arguments = {operators_token(), saga_id(false),
                                     {.name = "--name", .help = "Only of this name, such as orders.checkout"}},
                       .method = "POST",
                       .path = std::string{saga_history_path},
                       .check = check_replay,
                       .instead = replay_sagas};
  for (auto& f : filters("living")) replay.arguments.push_back(std::move(f));
  const operator_word to_files{
      .name = "export",
      .help = "Write their turns to DIR/<saga>/v<version>/<id>.jsonl, for tests that replay them",
      .arguments = {operators_token(),
                    {.name = "dir", .help = "A folder", .type = "DIR", .is_required = true},
                    {.name = "--name", .help = "Only of this name, such as orders.checkout"},
                    {.name = "--per-version",
                     .help = "At most this many of each version",
                     .type = "UINT",
                     .otherwise = "20",
                     .number = operator_argument::bounds{1, 1000}}},
      .method = "POST",
      .path = std::string{saga_history_path},
      .instead = export_sagas};
  return std::make_shared<operator_words>(operator_words{
      "sagas", "Sagas of the running node", {list, show, retry, send, cancel, abort, undone, replay, to_files}});
}

}  // namespace banyan
