#include <shop/byte_source.hpp>

#include <catch2/catch.hpp>

#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace {

class scratch_directory {
 public:
  scratch_directory() {
    auto pattern = (std::filesystem::temp_directory_path() / "banyan-shop-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()));
    path_ = pattern;
  }
  ~scratch_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

void write_file(const std::string& path, const std::string& bytes) { std::ofstream{path, std::ios::binary} << bytes; }

std::string read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write_gzip(const std::string& path, const std::string& text, const char* mode = "wb") {
  auto file = gzopen(path.c_str(), mode);
  REQUIRE(gzwrite(file, text.data(), static_cast<unsigned>(text.size())) == static_cast<int>(text.size()));
  REQUIRE(gzclose(file) == Z_OK);
}

banyan::result<std::string> slurp(const std::string& path) {
  auto source = shop::open_file(path);
  if (!source) return source.error();
  std::string text;
  char buffer[1000];
  for (;;) {
    auto got = (*source)->read(buffer);
    if (!got) return got.error();
    if (*got == 0) return text;
    text.append(buffer, *got);
  }
}

std::string some_text() {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i * 7919) + (i % 7 ? "," : "\n");
  return text;
}

}  // namespace

TEST_CASE("a plain file and a gzip file read the same") {
  scratch_directory dir;
  auto text = some_text();
  write_file(dir.file("plain"), text);
  write_gzip(dir.file("packed"), text);
  CHECK(slurp(dir.file("plain")).value() == text);
  CHECK(slurp(dir.file("packed")).value() == text);
}

TEST_CASE("gzip members in a row read as one text") {
  scratch_directory dir;
  write_gzip(dir.file("two"), "first,");
  write_gzip(dir.file("two"), "second", "ab");
  CHECK(slurp(dir.file("two")).value() == "first,second");
}

TEST_CASE("an empty file reads as nothing") {
  scratch_directory dir;
  write_file(dir.file("empty"), "");
  CHECK(slurp(dir.file("empty")).value().empty());
}

TEST_CASE("a gzip file that is cut anywhere is an error, never a shorter text") {
  scratch_directory dir;
  write_gzip(dir.file("whole"), some_text());
  auto whole = read_file(dir.file("whole"));
  for (std::size_t keep : {whole.size() - 1, whole.size() - 8, whole.size() - 9, whole.size() / 2, std::size_t{20}, std::size_t{11}}) {
    CAPTURE(keep);
    write_file(dir.file("cut"), whole.substr(0, keep));
    auto got = slurp(dir.file("cut"));
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().code == banyan::code::corrupt);
    CHECK(got.error().message.find("ends too early") != std::string::npos);
  }
}

TEST_CASE("what stands behind the last gzip member is left out with a warning; zeros are none") {
  scratch_directory dir;
  write_gzip(dir.file("whole"), some_text());
  const auto whole = read_file(dir.file("whole"));
  const auto warning_of = [&](const std::string& behind) {
    write_file(dir.file("more"), whole + behind);
    CHECK(slurp(dir.file("more")).value() == some_text());
    auto source = shop::open_file(dir.file("more")).value();
    char buffer[1000];
    while (source->read(buffer).value() > 0) CHECK(source->warning().empty());
    return source->warning();
  };
  CHECK(warning_of("").empty());
  CHECK(warning_of(std::string(600, '\0')).empty());
  CHECK(warning_of("trailing\n") == "what stands behind the end of the gzip data was left out (9 bytes)");
  CHECK(warning_of("\x1F") == "what stands behind the end of the gzip data was left out (1 bytes)");
  CHECK(warning_of(std::string(600, '\0') + "x") == "what stands behind the end of the gzip data was left out (601 bytes)");
  write_file(dir.file("more"), whole + "\x1F\x8B");
  CHECK(slurp(dir.file("more")).error().code == banyan::code::corrupt);
  write_file(dir.file("plain"), "a,b\n");
  CHECK(slurp(dir.file("plain")).value() == "a,b\n");
}

TEST_CASE("a damaged gzip file is an error") {
  scratch_directory dir;
  write_gzip(dir.file("whole"), some_text());
  auto bytes = read_file(dir.file("whole"));
  SECTION("in its checksum") { bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 1); }
  SECTION("in its data") { bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55); }
  write_file(dir.file("damaged"), bytes);
  auto got = slurp(dir.file("damaged"));
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().code == banyan::code::corrupt);
}

TEST_CASE("what cannot be opened says why") {
  scratch_directory dir;
  CHECK(slurp(dir.file("absent")).error().message == "cannot open: No such file or directory");
  CHECK(slurp(dir.file(".")).error().message == "is a directory, not a file");
}
