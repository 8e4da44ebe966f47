// The three-way merge by lines: examples, and laws over generated texts.
#include <banyan/scaffold/line_diff.hpp>
#include <banyan/scaffold/merge.hpp>
#include <banyan/scaffold/text_file.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace banyan::scaffold;

namespace {

// Few different lines, so that many are equal.
std::string some_text(std::mt19937& random) {
  std::string text;
  for (auto n = random() % 9; n > 0; --n) text += std::string(1, static_cast<char>('a' + random() % 5)) + '\n';
  if (random() % 8 == 0 && !text.empty()) text.pop_back();
  return text;
}

// Own lines of the side: none of them is in another text.
std::string edited(std::string_view base, std::mt19937& random, const std::string& side) {
  std::string text;
  for (const auto line : lines_of(base)) {
    if (random() % 4 == 0) text += side + std::to_string(random() % 100) + '\n';
    if (random() % 5 != 0) text += std::string{line} + '\n';
  }
  return text;
}

bool is_subsequence(const lines& part, const lines& whole) {
  auto at = whole.begin();
  for (const auto line : part) {
    at = std::find(at, whole.end(), line);
    if (at == whole.end()) return false;
    ++at;
  }
  return true;
}

}  // namespace

TEST_CASE("each side's changes are taken where the other one changed nothing") {
  const auto both = merge("a\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", "a\nb\nc\ne\nf\n");
  CHECK(both.text == "A\nb\nc\ne\nf\n");
  CHECK(both.conflicts == 0);
}

TEST_CASE("what both changed is marked, with all lines of both") {
  const auto both = merge("a\nb\nc\n", "a\nmine\nc\n", "a\nnew\nc\n");
  CHECK(both.text == "a\n<<<<<<< yours\nmine\n=======\nnew\n>>>>>>> template\nc\n");
  CHECK(both.conflicts == 1);
  CHECK(merge("a\nb\n", "a\n", "a\nnew\n").text == "a\n<<<<<<< yours\n=======\nnew\n>>>>>>> template\n");
  CHECK(merge("a\n", "mine", "new").text == "<<<<<<< yours\nmine\n=======\nnew\n>>>>>>> template\n");
}

TEST_CASE("a last line without an end is one of its own") {
  CHECK(merge("a\n", "a", "a\n").text == "a");
  CHECK(merge("a\nm\nb\n", "a\nm\nb", "x\nm\nb\n").text == "x\nm\nb");
  CHECK(merge("a", "a", "a\nb\n").text == "a\nb\n");
}

TEST_CASE("differences tell where lines came or went") {
  const lines from{"a", "b", "c"}, to{"a", "x", "b"};
  const auto all = differences(from, to);
  REQUIRE(all.size() == 2);
  CHECK((all[0].begin == 1 && all[0].end == 1 && all[0].new_begin == 1 && all[0].new_end == 2));
  CHECK((all[1].begin == 2 && all[1].end == 3 && all[1].new_begin == 3 && all[1].new_end == 3));
  CHECK(differences(from, from).empty());
}

TEST_CASE("added lines begin with what is new, and the differences make the new text of the former one") {
  const lines from{"p", "[a]", "x", "[c]", "x"}, to{"q", "[a]", "x", "[b]", "x", "[c]", "x"};
  const auto all = differences(from, to);
  REQUIRE(all.size() == 2);
  CHECK((all[1].begin == 3 && all[1].new_begin == 3 && all[1].new_end == 5));

  std::mt19937 random{3};
  for (int i = 0; i < 5000; ++i) {
    const auto former = some_text(random), changed = some_text(random);
    const auto old_lines = lines_with_ends(former), new_lines = lines_with_ends(changed);
    std::string text;
    std::size_t at = 0;
    for (const auto& d : differences(old_lines, new_lines)) {
      for (; at < d.begin; ++at) text += old_lines[at];
      for (auto j = d.new_begin; j < d.new_end; ++j) text += new_lines[j];
      at = d.end;
    }
    for (; at < old_lines.size(); ++at) text += old_lines[at];
    CHECK(text == changed);
  }
}

TEST_CASE("merging with an unchanged or an equal side yields the other") {
  std::mt19937 random{1};
  for (int i = 0; i < 5000; ++i) {
    const auto base = some_text(random), changed = some_text(random);
    CAPTURE(base, changed);
    CHECK(merge(base, base, changed).text == changed);
    CHECK(merge(base, changed, base).text == changed);
    CHECK(merge(base, changed, changed).text == changed);
    CHECK(merge(base, base, changed).conflicts + merge(base, changed, base).conflicts == 0);
  }
}

TEST_CASE("nothing that a side added is lost, and sides that swap differ in the order of conflicts alone") {
  std::mt19937 random{2};
  std::size_t conflicts = 0, clean = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto base = some_text(random);
    const auto ours = edited(base, random, "ours"), theirs = edited(base, random, "theirs");
    const auto both = merge(base, ours, theirs);
    CAPTURE(base, ours, theirs, both.text);
    for (const auto& side : {ours, theirs}) {
      auto added = lines_of(side);
      std::erase_if(added, [](auto line) { return line.size() == 1; });
      CHECK(is_subsequence(added, lines_of(both.text)));
    }
    const auto swapped = merge(base, theirs, ours);
    CHECK(swapped.conflicts == both.conflicts);
    if (both.conflicts == 0) CHECK(swapped.text == both.text);
    ++(both.conflicts ? conflicts : clean);
  }
  CHECK(conflicts > 500);
  CHECK(clean > 500);
}
