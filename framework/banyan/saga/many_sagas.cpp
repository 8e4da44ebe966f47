#include <banyan/saga/many_sagas.hpp>

#include <banyan/core/json.hpp>
#include <banyan/core/text.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/saga/operator_pages.hpp>
#include <banyan/saga/rebuild.hpp>
#include <banyan/saga/saga_spec.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ostream>
#include <utility>
#include <vector>

namespace banyan {
namespace {

using saga_visit = std::function<result<void>(const saga_line&)>;

operator_arguments one_saga(const saga_line& s) {
  operator_arguments one;
  one.set("id", s.id);
  one.set("--name", s.saga);
  return one;
}

std::string name_of(const saga_line& s) { return s.saga + " " + s.id; }
std::string line_end(const std::string& text) { return printable(text) + "\n"; }
std::string sagas_text(std::size_t n) { return std::to_string(n) + (n == 1 ? " saga" : " sagas"); }

// Those that the filters choose, in the order of the list, at most `most`. An error of a visit ends it.
result<void> each_saga(operator_port& node, operator_arguments filters, std::size_t most, const saga_visit& visit) {
  constexpr std::size_t at_once = 100;
  std::size_t seen = 0;
  for (;;) {
    filters.set("--limit", std::to_string(std::min(at_once, most - seen)));
    const auto answer = node.page(operator_target(sagas_path, filters));
    if (!answer) return answer.error();
    const auto page = from_json<sagas_page>(*answer);
    if (!page) return node.no_node(page.error().message);
    for (const auto& s : page->sagas)
      if (auto done = visit(s); !done) return done.error();
    seen += page->sagas.size();
    if (!page->next || seen >= most) return {};
    filters.set("--after", *page->next);
  }
}

// The stored turns of a saga's current run; version and run are set in `s`.
result<std::vector<std::string>> turns_of(operator_port& node, saga_line& s) {
  auto one = one_saga(s);
  one.set("from", "1");
  std::vector<std::string> turns;
  for (;;) {
    const auto answer = node.ask("POST", operator_target(saga_history_path, one));
    if (!answer) return answer.error();
    auto part = from_json<saga_history>(*answer);
    if (!part) return node.no_node(part.error().message);
    s.saga = part->saga;
    s.run = part->run;
    s.version = part->version;
    for (auto& t : part->turns) turns.push_back(std::move(t.text));
    if (!part->next) return turns;
    one.set("from", std::to_string(*part->next));
  }
}

const saga_spec* spec_of(const application& program, const std::string& saga) {
  for (const auto& p : program.services)
    for (const auto& [item, spec] : p.all<saga_spec>())
      if (spec->name == saga) return spec;
  return nullptr;
}

// Where the program's code differs from these turns; "": nowhere.
std::string difference(const application& program, const saga_line& s, const std::vector<std::string>& turns) {
  const auto* spec = spec_of(program, s.saga);
  if (!spec) return "this program has no sagas of this name";
  const auto* code = spec->code_of(s.version);
  if (!code) return "version " + std::to_string(s.version) + " is not linked into this program";
  try {
    const auto rebuilt = rebuild_saga(code, turns, spec->limits);
    return rebuilt ? std::string{} : rebuilt.error().message;
  } catch (const std::exception& e) {
    return std::string{"its code throws: "} + e.what();
  }
}

struct saga_difference {
  std::string saga, id;
  int run = 1, version = 1;
  std::string differs;
};
BOOST_DESCRIBE_STRUCT(saga_difference, (), (saga, id, run, version, differs))

bool is_about_the_token(const error& e) { return e.code == code::forbidden || e.code == code::unauthenticated; }

// A name that is a file on every system: other characters become %XX.
std::string file_name(const std::string& id) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : id) {
    const auto u = static_cast<unsigned char>(c);
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                          c == '_' || (c == '.' && !out.empty());
    if (is_plain)
      out += c;
    else
      out += {'%', hex[u >> 4], hex[u & 15]};
  }
  return out;
}

// The number of turns.
result<std::size_t> export_one(operator_port& node, saga_line s, const std::filesystem::path& to) {
  const auto turns = turns_of(node, s);
  if (!turns) return turns.error();
  std::error_code failed;
  const auto folder = to / file_name(s.saga) / ("v" + std::to_string(s.version));
  std::filesystem::create_directories(folder, failed);
  const auto file = folder / (file_name(s.id) + (s.run == 1 ? "" : "~" + std::to_string(s.run)) + ".jsonl");
  std::ofstream out{file, std::ios::binary};
  for (const auto& t : *turns) out << t << '\n';
  out.flush();
  if (failed || !out) return error{code::unavailable, file.string() + " can not be written"};
  return turns->size();
}

}  // namespace

std::optional<result<operator_text>> change_sagas(const operator_call& call, std::string_view path,
                                                  const show_answer& show) {
  if (!call.with.flag("--all")) return std::nullopt;
  const bool only_say = call.with.flag("--dry-run");
  const auto between = nanoseconds{std::chrono::seconds{1}} / call.with.number("--rate");
  operator_text text;
  std::size_t changed = 0, refused = 0;
  const auto change = [&](const saga_line& s) -> result<void> {
    if (only_say) {
      ++changed;
      text.out += call.with.as_json() ? to_json(s) + "\n" : line_end(name_of(s) + ": " + s.state);
      return {};
    }
    if (changed + refused > 0) call.pause(between);
    auto with = call.with;
    with.set("id", s.id);
    const auto answer = call.node.ask("POST", operator_target(path, with));
    if (!answer && is_about_the_token(answer.error())) return answer.error();
    auto shown = answer ? show(with, *answer) : result<operator_text>{answer.error()};
    if (shown) text.out += shown->out;
    if (!shown) call.err << line_end(name_of(s) + ": " + to_string(shown.error()));
    if (shown) call.err << shown->err;
    ++(shown && shown->code == 0 ? changed : refused);
    return {};
  };
  constexpr std::size_t all = std::size_t(-1);
  if (auto done = each_saga(call.node, call.with, all, change); !done) return done.error();
  text.err = only_say ? sagas_text(changed) + ", nothing was changed\n"
                      : sagas_text(changed) + " changed, " + std::to_string(refused) + " refused\n";
  text.code = refused == 0 ? 0 : 1;
  return text;
}

std::optional<result<operator_text>> replay_sagas(const operator_call& call) {
  operator_text text;
  std::size_t same = 0, differ = 0;
  const auto replay = [&](saga_line s) -> result<void> {
    const auto turns = turns_of(call.node, s);
    const bool is_gone = !turns && turns.error().code == code::not_found && call.with.text("id").empty();
    if (is_gone) return {};
    if (!turns) return turns.error();
    const auto what = difference(call.program, s, *turns);
    ++(what.empty() ? same : differ);
    if (what.empty()) return {};
    text.out += call.with.as_json()
                    ? to_json(saga_difference{s.saga, s.id, s.run, s.version, what}) + "\n"
                    : line_end(name_of(s) + ", version " + std::to_string(s.version) + ": " + what);
    return {};
  };
  saga_line one;
  one.saga = call.with.text("--name");
  one.id = call.with.text("id");
  constexpr std::size_t all = std::size_t(-1);
  auto done = one.id.empty() ? each_saga(call.node, call.with, all, replay) : replay(std::move(one));
  if (!done) return done.error();
  text.err =
      sagas_text(same + differ) + " replayed, " + std::to_string(differ) + (differ == 1 ? " differs\n" : " differ\n");
  text.code = differ == 0 ? 0 : 1;
  return text;
}

std::optional<result<operator_text>> export_sagas(const operator_call& call) {
  operator_arguments kinds;
  kinds.set("--name", call.with.text("--name"));
  kinds.set("--limit", "1");
  const auto first = call.node.page(operator_target(sagas_path, kinds));
  if (!first) return first.error();
  const auto known = from_json<sagas_page>(*first);
  if (!known) return call.node.no_node(known.error().message);
  const auto most = static_cast<std::size_t>(call.with.number("--per-version"));
  std::size_t sagas = 0, turns = 0;
  const auto write = [&](const saga_line& s) -> result<void> {
    const auto written = export_one(call.node, s, call.with.text("dir"));
    if (!written) return written.error();
    ++sagas;
    turns += *written;
    return {};
  };
  for (const auto& k : known->kinds)
    for (const int version : k.versions) {
      operator_arguments some;
      some.set("--name", k.saga);
      some.set("--version", std::to_string(version));
      if (auto done = each_saga(call.node, some, most, write); !done) return done.error();
    }
  const auto numbers = std::pair{std::to_string(sagas), std::to_string(turns)};
  if (call.with.as_json())
    return operator_text{R"({"sagas":)" + numbers.first + R"(,"turns":)" + numbers.second + "}\n"};
  return operator_text{numbers.first + " sagas with " + numbers.second + " turns\n"};
}

}  // namespace banyan
