// What a node finds in its data folder when it starts.
#include <banyan/cqrs/view_store.hpp>
#include <banyan/pub_sub/delivery_store.hpp>
#include <banyan/runtime/open_engines.hpp>

#include <catch2/catch.hpp>

#include <stdlib.h>

#include <filesystem>
#include <fstream>

using namespace banyan;
namespace fs = std::filesystem;

namespace {

struct data_folder {
  data_folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~data_folder() { fs::remove_all(path); }
  std::string path = (fs::temp_directory_path() / "banyan-engines-XXXXXX").string();
};

}  // namespace

TEST_CASE("a folder with views and without their journal is not taken for a new one") {
  const data_folder data;
  {
    auto engines = open("sqlite:shop.db", data.path);
    REQUIRE(engines);
    REQUIRE(engines->ports.open<view_store>({.name = "orders"}));
    REQUIRE(engines->ports.open<delivery_store>({"orders.placed", "mail"}));
  }
  CHECK(fs::exists(data.path + "/views/subscription__orders_placed__mail.v1.db"));
  REQUIRE(open("sqlite:shop.db", data.path));
  fs::rename(data.path + "/shop.db", data.path + "/elsewhere.db");
  const auto refused = open("sqlite:shop.db", data.path);
  REQUIRE(refused.has_error());
  CHECK(refused.error().reason == "journal_missing");
  CHECK(refused.error().message.find("/shop.db is not there, or is empty, but views of one are in ") != std::string::npos);
  CHECK_FALSE(fs::exists(data.path + "/shop.db"));
  std::ofstream{data.path + "/shop.db"};
  CHECK(open("sqlite:shop.db", data.path).error().reason == "journal_missing");
  fs::rename(data.path + "/elsewhere.db", data.path + "/shop.db");
  CHECK(open("sqlite:shop.db", data.path));
  fs::remove(data.path + "/shop.db");
  fs::remove_all(data.path + "/views");
  CHECK(open("sqlite:shop.db", data.path));
}

TEST_CASE("a data folder that is none is told before anything is opened, one that is missing is fine") {
  const data_folder data;
  std::ofstream{data.path + "/file"};
  CHECK_FALSE(check_data_folder(data.path));
  CHECK_FALSE(check_data_folder(data.path + "/new/folder"));
  CHECK_FALSE(check_data_folder(""));
  CHECK_FALSE(check_data_folder("."));
  for (const auto* below : {"/file", "/file/below"}) {
    const auto wrong = check_data_folder(data.path + below);
    REQUIRE(wrong);
    CHECK(wrong->message.starts_with(data.path + "/file is no folder"));
  }
}

TEST_CASE("a journal that can not even be looked at is refused with a sentence") {
  const data_folder data;
  fs::create_symlink("shop.db", data.path + "/shop.db");  // leads to itself
  for (const bool read_only : {false, true}) {
    const auto refused = open("sqlite:shop.db", data.path, read_only);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == code::unavailable);
  }
}

TEST_CASE("a journal in memory keeps nothing and writes nothing; another process can not read it") {
  const data_folder data;
  {
    auto engines = open("memory:", data.path + "/none");
    REQUIRE(engines);
    bool stored = false;
    append_request one;
    one.writes.push_back({"a-1", expected::any(), {{uuid_from_name("test", "event"), "a.happened", 1, "{}", {}}}});
    engines->journal->append(std::move(one), [&](result<append_result> r) { stored = r.has_value(); });
    CHECK(stored);
    REQUIRE(engines->ports.open<view_store>({.name = "orders"}));
    REQUIRE(engines->ports.open<delivery_store>({"orders.placed", "mail"}));
    CHECK_FALSE(fs::exists(data.path + "/none"));
  }
  CHECK(open("memory:", data.path)->info.head == 0);
  CHECK(open("memory:", data.path, true).error().reason == "journal_in_memory");
}

TEST_CASE("what is no engine's URL is refused, with all that would be") {
  for (const char* url : {"", "sqlite:", "memory:x", "postgres:host=db", "shop.db"}) {
    const auto wrong = check_journal_url(url);
    REQUIRE(wrong);
    CHECK(wrong->message.ends_with(
        "is no journal: write sqlite:FILE, such as sqlite:shop.db, or memory: to keep nothing"));
    CHECK(open(url, "/nonexistent").error().code == code::invalid_argument);
  }
  CHECK_FALSE(check_journal_url("memory:"));
  CHECK_FALSE(check_journal_url("sqlite:shop.db"));
}
