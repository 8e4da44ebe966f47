#include <banyan/scaffold/line_diff.hpp>
#include <banyan/scaffold/merge.hpp>
#include <banyan/scaffold/pieces.hpp>
#include <banyan/scaffold/text_file.hpp>

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <span>

namespace banyan::scaffold {
namespace {

std::string_view trimmed(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r\n") + 1 - first);
}

// A table of the configuration is in a comment until its user changes it.
std::string_view without_comment_sign(std::string_view line) {
  line = trimmed(line);
  return line.starts_with("# [") ? line.substr(2) : line;
}

bool is_comment(std::string_view line) { return line.starts_with("//") || line.starts_with("# "); }

std::size_t indentation_of(std::string_view line) {
  return line.size() - line.substr(line.find_first_not_of(' ')).size();
}

std::vector<std::string_view> words_of(std::string_view text) {
  const auto is_letter = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  std::vector<std::string_view> words;
  for (auto at = text.begin(); at != text.end();) {
    const auto begin = std::find_if(at, text.end(), is_letter);
    at = std::find_if_not(begin, text.end(), is_letter);
    if (begin != at) words.emplace_back(begin, at);
  }
  return words;
}

// A line by which a piece is known.
struct declaration {
  std::string_view text;
  bool is_whole = false;  // the line, and not only its beginning
};

class finder {
 public:
  finder(std::string_view base, const lines& ours) {
    for (const auto word : words_of(base)) former_.insert(word);
    for (const auto line : ours) ours_.push_back(without_comment_sign(line));
  }

  // Whether the declarations of the piece are there: all, some or, also if it has none, none of them.
  enum class found { none, some, all };
  found find(std::span<const std::string_view> piece) const {
    std::size_t there = 0, number = 0;
    for (const auto& d : declarations_of(piece)) {
      ++number;
      there += std::any_of(ours_.begin(), ours_.end(),
                           [&](auto line) { return d.is_whole ? line == d.text : line.starts_with(d.text); });
    }
    if (there == 0) return found::none;
    return there == number ? found::all : found::some;
  }
  bool has_declarations(std::span<const std::string_view> piece) const { return !declarations_of(piece).empty(); }

 private:
  bool is_new(std::string_view text) const {
    const auto words = words_of(text);
    return std::any_of(words.begin(), words.end(), [&](auto word) { return !former_.contains(word); });
  }
  std::vector<declaration> declarations_of(std::span<const std::string_view> piece) const {
    std::vector<declaration> all;
    std::optional<std::size_t> indentation;  // what is further right belongs to the line above it
    for (const auto whole : piece) {
      const auto line = without_comment_sign(whole);
      if (line.empty() || is_comment(line)) continue;
      if (!indentation) indentation = indentation_of(whole);
      if (indentation_of(whole) > *indentation) continue;
      const auto head = line.substr(0, line.find('{'));
      if (is_new(head))
        all.push_back({head, head.size() == line.size()});
      else if (is_new(line))
        all.push_back({line, true});
    }
    return all;
  }

  std::set<std::string_view> former_;
  std::vector<std::string_view> ours_;
};

// The index in the edited file where lines between base[at - 1] and base[at] go.
std::optional<std::size_t> place(const lines& base, const std::vector<std::optional<std::size_t>>& in_ours,
                                 std::size_t at) {
  std::optional<std::size_t> below, above;
  if (at < base.size()) below = in_ours[at];
  if (at > 0 && in_ours[at - 1]) above = *in_ours[at - 1] + 1;
  if (!below || !above) return below ? below : above;
  return trimmed(base[at]).empty() ? above : below;
}

std::string joined(std::span<const std::string_view> lines) {
  std::string text;
  for (const auto line : lines) text += line;
  return text;
}

// The pieces are one.
pieces merge_whole(std::string_view base, std::string_view wanted, std::string_view ours, bool is_there,
                   bool is_inserting) {
  if (is_there) return {std::string{ours}, {{wired::already_there, std::string{wanted}}}};
  auto whole = merge(base, ours, wanted);
  if (!is_inserting || whole.conflicts > 0) return {std::string{ours}, {{wired::no_place, std::string{wanted}}}};
  return {std::move(whole.text), {{wired::inserted, std::string{wanted}}}};
}

}  // namespace

pieces insert_pieces(std::string_view base, std::string_view wanted, std::string_view ours, bool is_inserting) {
  const auto b = lines_with_ends(base), w = lines_with_ends(wanted), o = lines_with_ends(ours);
  const finder there{base, o};
  const auto all = differences(b, w);
  const auto lines_of_piece = [&](const difference& d) {
    return std::span{w}.subspan(d.new_begin, d.new_end - d.new_begin);
  };
  if (std::any_of(all.begin(), all.end(), [](const auto& d) { return d.begin < d.end; })) {
    const bool is_there = ours == wanted || std::any_of(all.begin(), all.end(), [&](const auto& d) {
                            return there.find(lines_of_piece(d)) == finder::found::all;
                          });
    return merge_whole(base, wanted, ours, is_there, is_inserting);
  }

  const auto in_ours = common_lines(b, o);
  pieces done;
  std::vector<std::string> added(o.size() + 1);  // before each line, and at the end
  for (const auto& d : all) {
    const auto lines = lines_of_piece(d);
    const auto found = there.find(lines);
    const auto where = place(b, in_ours, d.begin);
    const bool is_there = found == finder::found::all || (!is_inserting && !there.has_declarations(lines));
    const bool is_placed = !is_there && is_inserting && found == finder::found::none && where;
    if (is_placed) added[*where] += joined(lines);
    done.all.push_back({is_there    ? wired::already_there
                        : is_placed ? wired::inserted
                                    : wired::no_place,
                        joined(lines)});
  }
  for (std::size_t i = 0; i <= o.size(); ++i) {
    if (!added[i].empty() && !done.text.empty() && done.text.back() != '\n') done.text += '\n';
    done.text += added[i];
    if (i < o.size()) done.text += o[i];
  }
  return done;
}

}  // namespace banyan::scaffold
