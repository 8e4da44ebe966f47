// `header_list`: the fields of an HTTP message in their order of arrival, found by case-insensitive name (RFC 9110,
// 5.1).
//
//   header_list h{{"Content-Type", "application/json"}};
//   h.add("Vary", "Origin");
//   if (auto* type = h.find("content-type")) ...
//
// A list has at most about a hundred fields (the parser's limit), so it is searched linearly: a table is not faster
// at that size. Names and values are checked when a message is written (`wire.hpp`), not here: those that were read
// are valid.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// ASCII only, sufficient for field names, schemes and tokens.
bool equal_ignoring_case(std::string_view a, std::string_view b);

bool is_token(std::string_view text);        // RFC 9110, 5.6.2: field names and methods; never empty
bool is_field_value(std::string_view text);  // no control characters except tab, so no line break

class header_list {
 public:
  struct field {
    std::string name;
    std::string value;
    friend bool operator==(const field&, const field&) = default;
  };

  header_list() = default;
  header_list(std::initializer_list<field> fields) : fields_{fields} {}

  const std::string* find(std::string_view name) const;  // the first match, or null
  std::string_view get(std::string_view name) const;     // the first match, or ""
  std::size_t count(std::string_view name) const;
  // Searches the comma lists of all fields of that name.
  bool has_token(std::string_view name, std::string_view token) const;

  void add(std::string name, std::string value) { fields_.push_back({std::move(name), std::move(value)}); }
  void set(std::string_view name, std::string value);  // replaces all fields of that name
  void remove(std::string_view name);

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }
  friend bool operator==(const header_list&, const header_list&) = default;

 private:
  std::vector<field> fields_;
};

}  // namespace banyan
