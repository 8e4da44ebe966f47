#include <banyan/scaffold/line_diff.hpp>
#include <banyan/scaffold/merge.hpp>
#include <banyan/scaffold/text_file.hpp>

#include <algorithm>
#include <span>

namespace banyan::scaffold {
namespace {

using part = std::span<const std::string_view>;

bool same(part a, part b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

// A line that was the last one of its text may have no end.
void add(std::string& text, std::string_view line) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += line;
}

void add(std::string& text, part lines) {
  for (const auto line : lines) add(text, line);
}

void add_merged(merged& to, part base, part ours, part theirs) {
  if (same(base, ours) || same(ours, theirs)) return add(to.text, theirs);
  if (same(base, theirs)) return add(to.text, ours);
  ++to.conflicts;
  add(to.text, "<<<<<<< yours\n");
  add(to.text, ours);
  add(to.text, "=======\n");
  add(to.text, theirs);
  add(to.text, ">>>>>>> template\n");
}

}  // namespace

merged merge(std::string_view base, std::string_view ours, std::string_view theirs) {
  const auto b = lines_with_ends(base), o = lines_with_ends(ours), t = lines_with_ends(theirs);
  const auto in_ours = common_lines(b, o), in_theirs = common_lines(b, t);
  merged to;
  std::size_t b_at = 0, o_at = 0, t_at = 0;
  const auto add_up_to = [&](std::size_t b_end, std::size_t o_end, std::size_t t_end) {
    const auto between = [](const lines& all, std::size_t begin, std::size_t end) {
      return part{all}.subspan(begin, end - begin);
    };
    add_merged(to, between(b, b_at, b_end), between(o, o_at, o_end), between(t, t_at, t_end));
    b_at = b_end;
    o_at = o_end;
    t_at = t_end;
  };
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (!in_ours[i] || !in_theirs[i]) continue;
    add_up_to(i, *in_ours[i], *in_theirs[i]);
    add_up_to(i + 1, *in_ours[i] + 1, *in_theirs[i] + 1);
  }
  add_up_to(b.size(), o.size(), t.size());
  return to;
}

}  // namespace banyan::scaffold
