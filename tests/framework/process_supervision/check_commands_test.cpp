// What is relative in a group's file, also behind symbolic links, and whether its commands could be run.
#include <banyan/process_supervision/check_commands.hpp>

#include <banyan/configuration/assignment.hpp>
#include <banyan/process_supervision/notify_folder.hpp>

#include <catch2/catch.hpp>

#include <fstream>

#include <unistd.h>

using namespace banyan;
namespace fs = std::filesystem;

namespace {

struct temporary_folder {
  temporary_folder() {
    auto name = (fs::temp_directory_path() / "banyan-commands-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = fs::canonical(name);
  }
  ~temporary_folder() { fs::remove_all(path); }
  fs::path script(const fs::path& at, const std::string& text = "#!/bin/sh\n", bool executable = true) const {
    fs::create_directories((path / at).parent_path());
    std::ofstream{path / at} << text;
    fs::permissions(path / at, executable ? fs::perms::owner_all : fs::perms::owner_read);
    return path / at;
  }
  fs::path path;
};

program_group resolved(const std::string& text, const fs::path& file) {
  std::vector<problem> problems;
  auto group = read_program_group({"f.toml", text}, problems);
  CHECK(report(problems) == "0 problems found\n");
  REQUIRE(resolve(group, folder_of(file), {}));
  return group;
}

std::string troubles(const std::string& text, const fs::path& file) {
  std::string out;
  for (const auto& p : check_commands(resolved(text, file))) out += p.where + ": " + p.sentence + "\n";
  return out;
}

std::string one(const std::string& command, const std::string& more = {}) {
  return "[[program]]\nname = 'a'\ncommand = ['" + command + "']\n" + more;
}

}  // namespace

TEST_CASE("a file behind a link means the folder that it is really in", "[program_group]") {
  const temporary_folder t;
  t.script("tree/deep/file/f.toml");
  const auto shop = t.script("tree/bin/shop");
  fs::create_directory_symlink(t.path / "tree/deep/file", t.path / "linked-folder");
  fs::create_directories(t.path / "etc");
  fs::create_symlink(t.path / "tree/deep/file/f.toml", t.path / "etc/f.toml");
  for (const auto* file : {"tree/deep/file/f.toml", "linked-folder/f.toml", "etc/f.toml", "etc/../linked-folder/f.toml"}) {
    INFO(file);
    const auto group = resolved(one("../../bin/shop", "takes_arguments = true"), t.path / file);
    CHECK(group.programs[0].command.front() == shop);
    CHECK(resolved(one("x", "directory = '../../bin'"), t.path / file).programs[0].directory == t.path / "tree/bin");
    CHECK(resolved(one("x"), t.path / file).programs[0].directory == t.path / "tree/deep/file");
    CHECK(troubles(one("../../bin/shop"), t.path / file) == "");
    CHECK(troubles(one("../../bin/shop", "takes_arguments = true"), t.path / file) == "");
  }
}

TEST_CASE("'..' behind a link leads where the kernel goes", "[program_group]") {
  const temporary_folder t;
  const auto tool = t.script("elsewhere/bin/tool");
  fs::create_directories(t.path / "elsewhere/data");
  fs::create_directory_symlink(t.path / "elsewhere/data", t.path / "data");
  const auto file = t.script("f.toml");
  const auto group = resolved(one("data/../bin/tool", "takes_arguments = true"), file);
  CHECK(group.programs[0].command.front() == tool);
  CHECK(resolved(one("x", "directory = 'data/..'"), file).programs[0].directory == t.path / "elsewhere");
  CHECK(troubles(one("data/../bin/tool"), file) == "");
}

TEST_CASE("a command that is a link is run by the name of the link", "[program_group]") {
  const temporary_folder t;
  t.script("bin/all-in-one");
  fs::create_symlink("all-in-one", t.path / "bin/ls");
  const auto group = resolved(one("bin/ls", "takes_arguments = true"), t.script("f.toml"));
  CHECK(group.programs[0].command.front() == t.path / "bin/ls");
}

TEST_CASE("each command that could not be run is told with its line and key", "[check_commands]") {
  const temporary_folder t;
  const auto file = t.script("f.toml");
  t.script("good");
  t.script("not-executable", "#!/bin/sh\n", false);
  t.script("no-interpreter", "#!/no/such/sh -e\nexit\n");
  t.script("sub/in-path");
  const auto at = t.path.string();
  const std::string group = one("./good") + "[[program]]\nname = 'b'\n# a comment\ncommand = ['./nowhere', 'x']\n" +
                            "[[program]]\nname = 'c'\ncommand = ['./not-executable']\n" +
                            "[[program]]\nname = 'd'\ncommand = ['./no-interpreter']\n" + "[[program]]\nname = 'e'\ncommand = ['./sub']\n" +
                            "[[program]]\nname = 'f'\ncommand = ['no-such-tool']\nenvironment = { PATH = '/bin:sub' }\n" +
                            "[[program]]\nname = 'g'\ncommand = ['in-path']\nenvironment = { PATH = '/bin:sub' }\n" +
                            "[[program]]\nname = 'h'\ncommand = ['true']\ndirectory = 'missing'\n" +
                            "[[program]]\nname = 'i'\ncommand = ['/no/where']\ntakes_arguments = true\n" +
                            "[[program]]\nname = 'j'\ncommand = ['sh']\n";
  CHECK(troubles(group, file) == "f.toml:7: program[1].command: cannot run " + at + "/./nowhere: No such file or directory\n" +
                                     "f.toml:10: program[2].command: cannot run " + at + "/./not-executable: Permission denied\n" +
                                     "f.toml:13: program[3].command: cannot run " + at +
                                     "/./no-interpreter: its interpreter /no/such/sh: No such file or directory\n" +
                                     "f.toml:16: program[4].command: cannot run " + at + "/./sub: it is a folder\n" +
                                     "f.toml:19: program[5].command: cannot run no-such-tool: it is not in PATH (/bin:sub)\n" +
                                     "f.toml:28: program[7].directory: cannot enter the directory " + at +
                                     "/missing: No such file or directory\n" +
                                     "f.toml:31: program[8].command: cannot run /no/where: No such file or directory\n");
}

TEST_CASE("a folder for sockets is private, and one that nobody holds any more is removed by the next", "[notify_folder]") {
  const temporary_folder t;
  const auto abandoned = t.path / "banyan-supervise-killed", other = t.path / "something-else";
  fs::create_directories(abandoned);
  fs::create_directories(other);
  std::ofstream{abandoned / "0.1"};
  auto first = notify_folder::make_below(t.path);
  REQUIRE(first);
  CHECK_FALSE(fs::exists(abandoned));
  CHECK(fs::exists(other));
  CHECK((fs::status((*first)->path()).permissions() & fs::perms::mask) == fs::perms::owner_all);
  auto second = notify_folder::make_below(t.path);
  REQUIRE(second);
  CHECK(fs::exists((*first)->path()));  // it is held
  CHECK((*first)->path() != (*second)->path());
  const auto gone = (*first)->path();
  first->reset();
  CHECK_FALSE(fs::exists(gone));
  CHECK_FALSE(notify_folder::make_below((t.path / "missing").string()));
}
