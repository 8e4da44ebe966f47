// All of a project is written, or nothing of it.
#include <banyan/cli/project_writer.hpp>

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <map>

#include <unistd.h>

using namespace banyan;
namespace fs = std::filesystem;

namespace {

class folder {
 public:
  folder() {
    std::string path = fs::temp_directory_path() / "project_writer.XXXXXX";
    REQUIRE(::mkdtemp(path.data()));
    path_ = path;
  }
  ~folder() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }
  void put(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream{path_ / name} << text;
  }
  // Every file with its text, every folder with a '/'.
  std::map<std::string, std::string> tree() const {
    std::map<std::string, std::string> all;
    for (const auto& e : fs::recursive_directory_iterator{path_}) {
      const auto name = fs::relative(e.path(), path_).string();
      std::ifstream in{e.path()};
      all[e.is_directory() ? name + "/" : name] =
          e.is_directory() ? "" : std::string{std::istreambuf_iterator<char>{in}, {}};
    }
    return all;
  }

 private:
  fs::path path_;
};

const std::vector<scaffold::text_file> files{{"a.txt", "a\n"}, {"b/c.txt", "c\n"}, {"b/d/e.txt", "e\n"}};

const scaffold::changes changes{
    {{"services/orders/a.txt", "a\n"}, {"services/orders/b.txt", "b\n"}, {"tests/services/orders/a.txt", "a\n"}},
    {{"list.txt", "new\n"}, {"app/list.txt", "new\n"}},
    {}};

void make_application(const folder& f) {
  f.put(".banyan/scaffold.json", "{}\n");
  f.put("list.txt", "old\n");
  f.put("app/list.txt", "old\n");
  f.put("services/list.txt", "old\n");
}

bool never() { return false; }

// True when asked for the n-th time.
interrupted_function at(int n) {
  return [n]() mutable { return --n == 0; };
}

}  // namespace

TEST_CASE("a project is written with its folders, and nothing beside it") {
  folder f;
  REQUIRE(write_project(f.path() / "shop", files, never));
  CHECK(f.tree() == std::map<std::string, std::string>{{"shop/", ""},
                                                       {"shop/a.txt", "a\n"},
                                                       {"shop/b/", ""},
                                                       {"shop/b/c.txt", "c\n"},
                                                       {"shop/b/d/", ""},
                                                       {"shop/b/d/e.txt", "e\n"}});
}

TEST_CASE("what exists is not written to: a folder, an empty one, a file, a link to nowhere") {
  folder f;
  f.put("full/x", "x");
  fs::create_directory(f.path() / "empty");
  f.put("file", "x");
  fs::create_symlink("nowhere", f.path() / "link");
  const auto before = f.tree();
  for (const auto* name : {"full", "empty", "file", "link"}) {
    CAPTURE(name);
    const auto written = write_project(f.path() / name, files, never);
    REQUIRE_FALSE(written);
    CHECK(written.error().code == code::conflict);
  }
  CHECK(f.tree() == before);
}

TEST_CASE("interrupted between any two files, a new project leaves nothing") {
  int n = 1;
  for (;; ++n) {
    folder f;
    const auto written = write_project(f.path() / "shop", files, at(n));
    if (written) break;
    CAPTURE(n);
    CHECK(written.error().reason == interrupted_reason);
    CHECK(f.tree().empty());
  }
  CHECK(n > 4);
}

TEST_CASE("changes are written, and nothing else is") {
  folder f;
  make_application(f);
  REQUIRE(write_changes(f.path(), changes, never));
  const auto tree = f.tree();
  CHECK(tree.at("services/orders/b.txt") == "b\n");
  CHECK(tree.at("tests/services/orders/a.txt") == "a\n");
  CHECK(tree.at("app/list.txt") == "new\n");
  CHECK(tree.at("list.txt") == "new\n");
  CHECK(tree.at("services/list.txt") == "old\n");
  CHECK(tree.size() == 14);
}

TEST_CASE("interrupted between any two files, changes leave all as it was") {
  int n = 1;
  for (;; ++n) {
    folder f;
    make_application(f);
    const auto before = f.tree();
    const auto written = write_changes(f.path(), changes, at(n));
    if (written) break;
    CAPTURE(n);
    CHECK(written.error().reason == interrupted_reason);
    CHECK(f.tree() == before);
  }
  CHECK(n > 9);
}

TEST_CASE("a change that can not be made leaves all as it was") {
  folder f;
  make_application(f);
  auto impossible = changes;
  impossible.changed.push_back({"gone.txt", "new\n"});  // there is no such file to replace
  const auto before = f.tree();
  CHECK_FALSE(write_changes(f.path(), impossible, never));
  CHECK(f.tree() == before);
  f.put("services/orders/b.txt", "mine\n");
  const auto with_mine = f.tree();
  const auto written = write_changes(f.path(), changes, never);
  REQUIRE_FALSE(written);
  CHECK(written.error().code == code::conflict);
  CHECK(f.tree() == with_mine);
}

TEST_CASE("a file is added to a folder that is there") {
  folder f;
  make_application(f);
  f.put("services/orders/mine.txt", "mine\n");
  REQUIRE(write_changes(f.path(), changes, never));
  const auto tree = f.tree();
  CHECK(tree.at("services/orders/mine.txt") == "mine\n");
  CHECK(tree.at("services/orders/b.txt") == "b\n");
  CHECK(tree.size() == 15);
}

TEST_CASE("a folder in which nothing can be made is told") {
  folder f;
  const auto written = write_project(f.path() / "no" / "shop", files, never);
  REQUIRE_FALSE(written);
  CHECK(written.error().code == code::unavailable);
  CHECK(written.error().message.find("No such file or directory") != std::string::npos);
}
