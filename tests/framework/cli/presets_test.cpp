#include <banyan/cli/edit_loop/presets.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <map>

using namespace banyan;
using namespace banyan::edit_loop;

namespace {

using files = std::map<std::string, std::string>;

result<preset> read(const std::string& name, const files& all) {
  return read_preset("/home/kim/shop", name, [&](const std::filesystem::path& file) -> std::optional<std::string> {
    const auto found = all.find(file.string());
    return found == all.end() ? std::nullopt : std::optional{found->second};
  });
}
result<preset> read(const std::string& name, const std::string& text) {
  return read(name, files{{"/home/kim/shop/CMakePresets.json", text}});
}

constexpr const char* usual = R"({"version": 6,
  "configurePresets": [
    {"name": "base", "hidden": true, "binaryDir": "${sourceDir}/build/${presetName}"},
    {"name": "dev", "inherits": "base"},
    {"name": "quick", "inherits": ["nothing", "dev"]},
    {"name": "here", "binaryDir": "out/"}],
  "buildPresets": [
    {"name": "dev", "configurePreset": "dev"},
    {"name": "quick", "configurePreset": "dev"}]})";

}  // namespace

TEST_CASE("the build folder of a preset is its own or that of a preset which it inherits") {
  CHECK(read("dev", usual)->folder == "/home/kim/shop/build/dev");
  CHECK(read("quick", usual)->folder == "/home/kim/shop/build/quick");
  CHECK(read("here", usual)->folder == "/home/kim/shop/out");
}

TEST_CASE("a build preset counts when it is for the configure preset of its name") {
  CHECK(read("dev", usual)->has_build_preset);
  CHECK_FALSE(read("quick", usual)->has_build_preset);
  CHECK_FALSE(read("here", usual)->has_build_preset);
}

TEST_CASE("the user's presets and included files are read, too") {
  const files all{
      {"/home/kim/shop/CMakePresets.json", R"({"include": ["cmake/base.json"]})"},
      {"/home/kim/shop/cmake/base.json", R"({"include": ["../CMakePresets.json"],
                    "configurePresets": [{"name": "base", "hidden": true, "binaryDir": "${fileDir}/../b/${sourceDirName}"}]})"},
      {"/home/kim/shop/CMakeUserPresets.json", R"({"configurePresets": [{"name": "mine", "inherits": ["base"]}]})"}};
  CHECK(read("mine", all)->folder == "/home/kim/shop/b/shop");
}

TEST_CASE("variables of the environment are replaced") {
  ::setenv("BANYAN_TEST_FOLDER", "/tmp/kim", 1);
  CHECK(read("a", R"({"configurePresets": [{"name": "a", "binaryDir": "$env{BANYAN_TEST_FOLDER}/${presetName}"}]})")
            ->folder == "/tmp/kim/a");
  ::unsetenv("BANYAN_TEST_FOLDER");
}

TEST_CASE("the files that were read are known, included ones too") {
  const files all{{"/home/kim/shop/CMakePresets.json",
                   R"({"include": ["cmake/a.json", "cmake/none.json"],
                       "configurePresets": [{"name": "a", "binaryDir": "b"}]})"},
                  {"/home/kim/shop/cmake/a.json", "{}"}};
  const std::vector<std::filesystem::path> expected{"/home/kim/shop/CMakePresets.json", "/home/kim/shop/cmake/a.json"};
  CHECK(read("a", all)->files == expected);
}

TEST_CASE("variables that a preset sets are not those of the environment") {
  const auto refused = [](const std::string& presets) {
    return read("a", R"({"configurePresets": [)" + presets + "]}").error().message.find("a macro") != std::string::npos;
  };
  CHECK(refused(R"({"name": "a", "binaryDir": "$env{HOME}/b", "environment": {"HOME": "/x"}})"));
  CHECK(refused(R"({"name": "a", "binaryDir": "$env{HOME}/b", "inherits": "base"},
                   {"name": "base", "hidden": true, "environment": {"HOME": "/x"}})"));
}

TEST_CASE("a preset that can not be used is refused with a sentence") {
  CHECK(read("prod", usual).error().message ==
        "/home/kim/shop has no configure preset \"prod\"; it has: dev, here, quick. --preset chooses one.");
  CHECK(read("base", usual).error().message.find("has no configure preset \"base\"") != std::string::npos);
  CHECK(read("a", R"({"configurePresets": [{"name": "a"}]})").error().message.find("names no binaryDir") !=
        std::string::npos);
  CHECK(read("a", R"({"configurePresets": [{"name": "a", "inherits": "a"}]})")
            .error()
            .message.find("names no binaryDir") != std::string::npos);
  CHECK(read("a", R"({"configurePresets": [{"name": "a", "binaryDir": "${generator}/b"}]})")
            .error()
            .message.find("a macro") != std::string::npos);
  CHECK(read("a", R"({"configurePresets": [{"name": "a", "binaryDir": "$x"}]})").error().message.find("a macro") !=
        std::string::npos);
  CHECK(read("a", "{").error().message.find("/home/kim/shop/CMakePresets.json: ") == 0);
  CHECK(read("a", "[]").error().message.find("is no JSON object") != std::string::npos);
}

TEST_CASE("a variable of CMake's cache is found by its whole name") {
  constexpr auto cache = "# comment\nCMAKE_PROJECT_NAME_X:STATIC=other\nCMAKE_PROJECT_NAME:STATIC=shop\n";
  CHECK(cache_variable(cache, "CMAKE_PROJECT_NAME") == "shop");
  CHECK(cache_variable(cache, "CMAKE_PROJECT").empty());
  CHECK(cache_variable("", "CMAKE_PROJECT_NAME").empty());
}
