#include <banyan/cli/edit_loop/file_kind.hpp>

#include <catch2/catch.hpp>

using namespace banyan::edit_loop;

TEST_CASE("sources, files of CMake and settings count") {
  for (const auto* name : {"order.cpp", "order.hpp", "a.b.cc", "CMakeLists.txt", "CMakePresets.json",
                           "CMakeUserPresets.json", "find.cmake", "version.hpp.in", "schema.sql", "page.html",
                           "data.json"}) {
    INFO(name);
    CHECK(kind_of_file(name) == file_kind::source);
  }
  CHECK(kind_of_file("shop.toml") == file_kind::setting);
}

TEST_CASE("temporary files of editors, data and documents do not count") {
  for (const auto* name : {".order.cpp.swp",
                           ".order.cpp.swx",
                           "4913",
                           "order.cpp~",
                           "#order.cpp#",
                           ".#order.cpp",
                           "order.cpp.tmp",
                           "order.cpp.orig",
                           "order.cpp___jb_tmp___",
                           ".goutputstream-XYZ123.cpp",
                           "order.o",
                           "order.cpp.o",
                           "shop.db",
                           "shop.db-wal",
                           "README.md",
                           "notes.txt",
                           "shop.log",
                           ".toml",
                           "cpp",
                           ".",
                           ""}) {
    INFO(name);
    CHECK(kind_of_file(name) == file_kind::other);
  }
}

TEST_CASE("hidden folders and build folders are not watched") {
  for (const auto* name : {".git", ".cache", "build", "build-debug", "cmake-build-release", "_deps", "CMakeFiles",
                           "node_modules", "__pycache__"}) {
    INFO(name);
    CHECK_FALSE(is_source_folder(name));
  }
  for (const auto* name : {"services", "orders", "builder", "rebuild", "buildings"}) {
    INFO(name);
    CHECK(is_source_folder(name));
  }
}
