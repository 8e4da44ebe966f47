// A quick look at JSON in the form that core/json.hpp writes: no white space, whole numbers, no escapes but \" \\ \b \f
// \n \r \t, each name once in an object. Such text is what a parse and a second writing of it would give, so a part of
// it can be taken as it is. Other JSON is not refused: whoever meets it reads it with from_json.
#pragma once

#include <banyan/saga/nested_json.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace banyan {

// Goes through a text from its beginning. Each function returns false, or nothing, when the text is not of that form
// there; then the place where it stopped is of no use.
class own_json {
 public:
  explicit own_json(std::string_view text) : rest_{text} {}
  bool is_at_end() const { return rest_.empty(); }
  bool is_next(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool take(char c);
  // A member's name and the colon, "name":, with the comma before it unless it is the first one.
  bool take_member(std::string_view name, bool is_first);
  std::optional<std::int64_t> integer();          // of at most 18 digits
  std::optional<std::string_view> plain_text();   // one without escapes
  std::optional<std::string_view> value();        // any value, as it stands there

 private:
  static constexpr int most_nested = 16;
  static constexpr std::size_t most_members = 16;  // of one object
  bool skip_value(int depth);
  bool skip_text();
  bool skip_object(int depth);
  bool skip_array(int depth);
  bool skip_word(std::string_view word);

  std::string_view rest_;
};

// The text as our own writer would write it. invalid_argument: it is no JSON.
result<nested_json> read_nested(std::string_view text);

}  // namespace banyan
