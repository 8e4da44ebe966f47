#include <banyan/runtime/operator_commands.hpp>

#include <banyan/assembly/operator_words.hpp>
#include <banyan/configuration/assignment.hpp>
#include <banyan/core/text.hpp>
#include <banyan/plan/number_in.hpp>
#include <banyan/runtime/operations_arguments.hpp>
#include <banyan/runtime/operations_client.hpp>
#include <banyan/runtime/reload.hpp>

#include <CLI/CLI.hpp>

#include <map>
#include <ostream>
#include <stdexcept>
#include <thread>

namespace banyan {

namespace {

bool is_page(const operator_word& w) {
  return w.method == "GET" && w.path.substr(0, w.path.find('?')).find('{') == w.path.npos;
}

result<operator_text> carry_out(const operator_word& w, const operator_arguments& with, operator_port& port,
                                const application& program, std::ostream& err) {
  static const std::function<void(timespan)> pause = [](timespan t) { std::this_thread::sleep_for(nanoseconds{t}); };
  if (w.instead)
    if (auto done = w.instead({with, port, program, err, pause})) return std::move(*done);
  const auto target = operator_target(w.path, with);
  auto answer = is_page(w) ? port.page(target) : port.ask(w.method, target);
  if (!answer) return answer.error();
  if (!w.show) return operator_text{*answer + "\n"};
  auto text = w.show(with, *answer);
  if (!text) return port.no_node(text.error().message);
  return text;
}

// The words of every program and of all patterns, by their names, each with the kind of the items that offer it.
std::map<std::string, std::pair<const operator_words*, std::string>> words_of(const application& app) {
  static const auto own = options_words();
  std::map<std::string, std::pair<const operator_words*, std::string>> all{{own->name, {own.get(), "every program"}}};
  for (const auto& service : app.services)
    for (const auto& item : service.items())
      for (const auto& [type, value] : item->offers()) {
        if (type != type_of<operator_words>()) continue;
        const auto* words = static_cast<const operator_words*>(value.get());
        const auto [there, is_new] = all.try_emplace(words->name, words, item->kind());
        if (!is_new && there->second.second != item->kind())
          throw std::invalid_argument{"the command " + words->name + " is offered by " + there->second.second +
                                      " and by " + item->kind()};
      }
  return all;
}

}  // namespace

struct operator_commands::command {
  const operator_word& word;
  CLI::App* parsed = nullptr;
  std::map<std::string, std::string> values = {};
  std::map<std::string, bool> flags = {};

  void add(const operator_argument& a) {
    if (a.type.empty()) {
      parsed->add_flag(a.name, flags[a.name], a.help);
      return;
    }
    auto* option =
        parsed->add_option(a.name, values[a.name] = a.otherwise, a.help)->type_name(a.type)->required(a.is_required);
    if (a.number) option->transform(number_in<CLI::Validator>(a.number->first, a.number->last));
    if (a.check) option->check(a.check);
  }
  operator_arguments arguments() const {
    operator_arguments all;
    for (const auto& [name, value] : values) all.set(name, value);
    for (const auto& [name, is_set] : flags) all.set(name, is_set ? "true" : "");
    return all;
  }
};

operator_commands::~operator_commands() = default;

operator_commands::operator_commands(CLI::App& cli, const application& app, operations_arguments& asked,
                                     const std::function<void(CLI::App&)>& configured)
    : app_{app}, asked_{asked} {
  for (const auto& [name, offer] : words_of(app)) {
    const auto* words = offer.first;
    auto* group = cli.add_subcommand(name, words->help);
    group->require_subcommand(1);
    for (const auto& word : words->words) {
      auto& c =
          *all_.emplace_back(std::make_unique<command>(command{word, group->add_subcommand(word.name, word.help)}));
      configured(*c.parsed);
      add_operations_arguments(*c.parsed, asked);
      c.add({.name = "--json", .help = "As JSON", .type = {}});
      for (const auto& a : word.arguments) c.add(a);
    }
  }
}

std::optional<int> operator_commands::run(const node_settings& settings, const std::vector<problem>& mistakes,
                                          std::ostream& out, std::ostream& err) const {
  for (const auto& c : all_) {
    if (!c->parsed->parsed()) continue;
    const auto with = c->arguments();
    if (const auto wrong = c->word.check ? c->word.check(with) : std::string{}; !wrong.empty()) {
      err << wrong << '\n';
      return 2;
    }
    const auto where = address_of(asked_, settings);
    if ((!mistakes.empty() && !c->word.despite_mistakes) || !where) {
      err << report(mistakes.empty() ? std::vector<problem>{{"admin", where.error().message}} : mistakes);
      return 2;
    }
    const auto& token = with.text("--token");
    operations_client port{*where, token.empty() ? settings.operator_token : token,
                           options_of(asked_, settings)};
    const auto done = carry_out(c->word, with, port, app_, err);
    if (!done) {
      err << printable(to_string(done.error())) << '\n';
      if (!mistakes.empty()) err << report(mistakes);  // they may be why
      return 1;
    }
    out << done->out;
    err << done->err;
    return done->code;
  }
  return std::nullopt;
}

}  // namespace banyan
