// Reads a stored turn as this program writes it, without a tree of values: the members in their order, nested values as
// they stand there. A turn that looks otherwise (white space, another order, members of a newer program) is read with
// from_json, which also says what is wrong with one that is none.
#include <banyan/saga/own_json.hpp>
#include <banyan/saga/record.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace banyan {
namespace {

template <class T>
bool read_own(T& x, own_json& text);

template <class T>
bool read_leaf(T& x, result<T> (*parse)(std::string_view), own_json& text) {
  const auto written = text.plain_text();
  if (!written) return false;
  const auto parsed = parse(*written);
  if (parsed) x = *parsed;
  return parsed.has_value();
}
bool read_own(int& x, own_json& text) {
  const auto n = text.integer();
  if (!n || *n < std::numeric_limits<int>::min() || *n > std::numeric_limits<int>::max()) return false;
  x = static_cast<int>(*n);
  return true;
}
bool read_own(std::string& x, own_json& text) {
  const auto written = text.plain_text();
  if (written) x = *written;
  return written.has_value();
}
bool read_own(uuid& x, own_json& text) { return read_leaf(x, &parse_uuid, text); }
bool read_own(instant& x, own_json& text) { return read_leaf(x, &parse_rfc3339, text); }
bool read_own(nested_json& x, own_json& text) {
  const auto written = text.value();
  if (written) x.text = *written;
  return written.has_value();
}
bool read_own(error& x, own_json& text) {
  const auto written = text.value();
  if (!written) return false;
  const auto read = parse_json(*written);
  fault why;
  return read && codec<error>::read(x, *read, why);
}
template <detail::described_enum T>
bool read_own(T& x, own_json& text) {
  const auto written = text.plain_text();
  const auto& names = detail::enumerator_names<T>;
  const auto found = written ? std::find(names.begin(), names.end(), *written) : names.end();
  if (found == names.end()) return false;
  x = detail::enumerator_values<T>[static_cast<std::size_t>(found - names.begin())];
  return true;
}
template <class T>
bool read_own(std::optional<T>& x, own_json& text) {
  return !text.is_next('n') && read_own(x.emplace(), text);
}
template <class T>
bool read_own(std::vector<T>& x, own_json& text) {
  if (!text.take('[')) return false;
  if (text.take(']')) return true;
  do {
    if (!read_own(x.emplace_back(), text)) return false;
  } while (text.take(','));
  return text.take(']');
}

template <class T, class M>
constexpr bool is_required(std::string_view name) {
  if constexpr (requires { T::required_fields; }) return detail::is_among(name, T::required_fields);
  else return !detail::is_optional<M>::value;
}
template <class T, class M>
bool read_own_member(M& member, std::string_view name, bool& is_first, own_json& text) {
  if (!text.take_member(name, is_first)) return !is_required<T, M>(name);
  is_first = false;
  return read_own(member, text);
}
template <class T, template <class...> class L, class... D>
bool read_own_members(T& x, own_json& text, L<D...>) {
  bool is_first = true;
  return (read_own_member<T>(x.*D::pointer, D::name, is_first, text) && ...);
}
template <class T>
bool read_own(T& x, own_json& text) {
  static_assert(detail::described_struct<T>);
  return text.take('{') && read_own_members(x, text, detail::members_of<T>{}) && text.take('}');
}

}  // namespace

result<saga_turned> read_turn(std::string_view payload) {
  if (payload.size() <= max_json_bytes) {
    own_json text{payload};
    saga_turned turn;
    if (read_own(turn, text) && text.is_at_end()) return turn;
  }
  return from_json<saga_turned>(payload);
}

std::optional<saga_notice> notice_of_turn(std::string_view payload) {
  own_json text{payload};
  int turn = 0;
  saga_notice kind{};
  const bool is_known = text.take('{') && text.take_member("turn", true) && read_own(turn, text) &&
                        text.take_member("now", false) && text.plain_text() && text.take_member("because", false) &&
                        text.take('{') && text.take_member("kind", true) && read_own(kind, text);
  if (is_known) return kind;
  const auto read = read_turn(payload);
  if (!read) return std::nullopt;
  return read->because.kind;
}

}  // namespace banyan
