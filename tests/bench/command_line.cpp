#include <tests/bench/command_line.hpp>

#include <CLI/CLI.hpp>

#include <iostream>

namespace banyan::bench {

struct command_line::parser {
  CLI::App app;
};

command_line::command_line(std::string program, std::string about, int rounds)
    : parser_{std::make_unique<parser>()}, rounds_{rounds} {
  parser_->app.name(std::move(program));
  parser_->app.description(std::move(about));
  parser_->app.add_option("--rounds,--runs", rounds_, "Turns of each contestant; medians are shown")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  parser_->app.add_option("--json", json_, "The figures once more, for programs")->type_name("FILE");
}
command_line::~command_line() = default;

void command_line::number(std::string option, int& target, std::string help, int least, int most) {
  parser_->app.add_option(std::move(option), target, std::move(help))->check(CLI::Range(least, most))->capture_default_str();
}
void command_line::seconds(std::string option, double& target, std::string help) {
  parser_->app.add_option(std::move(option), target, std::move(help))->check(CLI::Range(0.001, 86'400.0))->capture_default_str();
}
void command_line::numbers(std::string option, std::vector<int>& target, std::string help) {
  parser_->app.add_option(std::move(option), target, std::move(help))->delimiter(',')->check(CLI::Range(1, 10'000))->capture_default_str();
}
void command_line::folder(std::string option, std::string& target, std::string help) {
  parser_->app.add_option(std::move(option), target, std::move(help))->check(CLI::ExistingDirectory)->capture_default_str();
}
void command_line::names(std::string option, std::vector<std::string>& target, std::vector<std::string> known, std::string help) {
  parser_->app.add_option(std::move(option), target, std::move(help))->delimiter(',')->check(CLI::IsMember(std::move(known)));
}

std::optional<int> command_line::parse(int argc, char** argv) {
  try {
    parser_->app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return parser_->app.exit(e) == 0 ? 0 : 2;
  }
  return std::nullopt;
}

bool command_line::write_json(const std::function<void(std::ostream&)>& figures) const {
  if (json_.empty()) return true;
  std::ofstream out{json_};
  figures(out);
  if (out.flush()) return true;
  std::cerr << "cannot write " << json_ << '\n';
  return false;
}

}  // namespace banyan::bench
