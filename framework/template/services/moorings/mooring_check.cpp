#include <services/moorings/mooring_check.hpp>

namespace harbour::moorings {

namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
constexpr std::size_t longest_id = 64, longest_note = 500;

banyan::error wrong(std::string field, std::string sentence) {
  return banyan::error{banyan::code::invalid_argument, std::move(sentence)}.at(std::move(field));
}

}  // namespace

banyan::result<void> check_text(std::string_view id, std::string_view note) {
  if (id.empty() || id.size() > longest_id) return wrong("id", "an id has 1 to 64 characters");
  if (id.find_first_not_of(letters) != id.npos) return wrong("id", "an id has letters, digits, '-' and '_' only");
  if (note.size() > longest_note) return wrong("note", "a note has at most 500 bytes");
  return {};
}

banyan::result<mooring_check> check(banyan::context<>, const check_mooring& m) {
  if (auto checked = check_text(m.id, m.note); !checked) return mooring_check{false, checked.error().message};
  return mooring_check{true};
}

}  // namespace harbour::moorings
