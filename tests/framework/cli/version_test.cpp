#include <banyan/cli/doctor/version.hpp>

#include <catch2/catch.hpp>

using namespace banyan::doctor;

TEST_CASE("the version of a program is the first number with a dot outside of parentheses") {
  CHECK(version_in("c++ (Debian 12.2.0-14+deb12u1) 12.2.0") == version_number{12, 2, 0});
  CHECK(version_in("c++ (crosstool-NG 1.24.0) 8.3.0") == version_number{8, 3, 0});
  CHECK(version_in("g++ (GCC) 13.2.1 20230728 (Red Hat 13.2.1-1)") == version_number{13, 2, 1});
  CHECK(version_in("Debian clang version 14.0.6") == version_number{14, 0, 6});
  CHECK(version_in("cmake version 3.25.1") == version_number{3, 25, 1});
  CHECK(version_in("1.11.1") == version_number{1, 11, 1});
  CHECK(version_in("1.8") == version_number{1, 8, 0});
  CHECK_FALSE(version_in("no version"));
  CHECK_FALSE(version_in("build 17"));
  CHECK_FALSE(version_in("17."));
  CHECK_FALSE(version_in(""));
}

TEST_CASE("the version of a library is what its macro says, in the form of each") {
  CHECK(version_of_macro(R"("3.40.1")") == version_number{3, 40, 1});
  CHECK(version_of_macro(R"("1_81")") == version_number{1, 81, 0});
  CHECK(version_of_macro("1 . 10 . 0") == version_number{1, 10, 0});
  CHECK(version_of_macro("1706") == version_number{0, 17, 6});
  CHECK(version_of_macro("10205") == version_number{1, 2, 5});
  CHECK(version_of_macro("SPDLOG_VER_MAJOR") == version_number{});
  CHECK(to_string(version_number{3, 40, 1}) == "3.40.1");
}
