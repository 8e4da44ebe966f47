// What a shell offers to complete, asked of a real bash.
#include <banyan/runtime/completion.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cstdio>
#include <fstream>
#include <filesystem>

#include <unistd.h>

using namespace banyan;

namespace {

const std::vector<command_words> commands{{"", {"serve", "events", "--config", "$(rm -rf)"}},
                                          {"serve", {"--port"}},
                                          {"events", {"list", "show"}},
                                          {"events list", {"--limit", "--json"}}};

// The words offered after `typed`, the last of which is being typed.
std::string offered(const std::vector<std::string>& typed) {
  const auto file = std::filesystem::temp_directory_path() / ("banyan-completion-" + std::to_string(::getpid()));
  {
    std::ofstream script{file};
    script << completion_script(shell::bash, "my-shop", commands) << "COMP_WORDS=(my-shop";
    for (auto& t : typed) script << " '" << t << "'";
    script << ")\nCOMP_CWORD=" << typed.size() << "\n_complete_my_shop\necho -n \"${COMPREPLY[*]}\"\n";
  }
  std::string out;
  auto* pipe = ::popen(("bash " + file.string() + " 2>&1").c_str(), "r");
  std::array<char, 256> buffer{};
  while (auto n = std::fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), n);
  ::pclose(pipe);
  std::filesystem::remove(file);
  return out;
}

}  // namespace

TEST_CASE("bash is offered the subcommands and options of the command so far") {
  CHECK(offered({""}) == "serve events --config");
  CHECK(offered({"ev"}) == "events");
  CHECK(offered({"events", ""}) == "list show");
  CHECK(offered({"events", "list", "--"}) == "--limit --json");
  CHECK(offered({"--config", "x.toml", "serve", "--p"}) == "--port");
  CHECK(offered({"nothing", "li"}) == "");
}

TEST_CASE("fish is told when each word may come") {
  const auto script = completion_script(shell::fish, "shop", commands);
  CHECK_THAT(script, Catch::Contains("complete -c shop -n '__fish_use_subcommand' -a serve\n"));
  CHECK_THAT(script, Catch::Contains("-n '__fish_seen_subcommand_from events; and __fish_seen_subcommand_from list' -l limit\n"));
  CHECK_THAT(script, !Catch::Contains("rm -rf"));
}

TEST_CASE("shells are known by name") {
  CHECK(parse_shell("zsh") == shell::zsh);
  CHECK_FALSE(parse_shell("cmd"));
}
