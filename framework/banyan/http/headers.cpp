#include <banyan/http/headers.hpp>

#include <banyan/http/character_set.hpp>

#include <algorithm>

namespace banyan {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr character_set token_characters{
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~"};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return token_characters.has(c); }); }

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); });
}

const std::string* header_list::find(std::string_view name) const {
  for (const auto& f : fields_)
    if (equal_ignoring_case(f.name, name)) return &f.value;
  return nullptr;
}

std::string_view header_list::get(std::string_view name) const {
  const auto* value = find(name);
  return value ? std::string_view{*value} : std::string_view{};
}

std::size_t header_list::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(fields_.begin(), fields_.end(), [&](const field& f) { return equal_ignoring_case(f.name, name); }));
}

bool header_list::has_token(std::string_view name, std::string_view token) const {
  for (const auto& f : fields_) {
    if (!equal_ignoring_case(f.name, name)) continue;
    std::string_view rest = f.value;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      if (equal_ignoring_case(trimmed(rest.substr(0, comma)), token)) return true;
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
  }
  return false;
}

void header_list::set(std::string_view name, std::string value) {
  remove(name);
  add(std::string{name}, std::move(value));
}

void header_list::remove(std::string_view name) {
  std::erase_if(fields_, [&](const field& f) { return equal_ignoring_case(f.name, name); });
}

}  // namespace banyan
