#include <banyan/observability/trace_state.hpp>

#include <algorithm>

namespace banyan {
namespace {

constexpr std::size_t long_member = 128;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_key_character(char c) {
  return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '*' || c == '/';
}

bool are_key_characters(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), is_key_character);
}

// A vendor's key, or one of a tenant of a vendor: "fw529a3039@dt".
bool is_key(std::string_view key) {
  const auto at = key.find('@');
  if (at == key.npos) return are_key_characters(key, 256) && is_lower(key.front());
  const auto tenant = key.substr(0, at), system = key.substr(at + 1);
  return are_key_characters(tenant, 241) && (is_lower(tenant.front()) || is_digit(tenant.front())) &&
         are_key_characters(system, 14) && is_lower(system.front());
}

bool is_value(std::string_view value) {
  const auto fits = [](char c) { return c >= 0x20 && c <= 0x7e && c != ',' && c != '='; };
  return !value.empty() && value.size() <= 256 && value.back() != ' ' && std::all_of(value.begin(), value.end(), fits);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white = " \t";
  const auto first = text.find_first_not_of(white);
  return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(white) + 1 - first);
}

std::string_view key_of(std::string_view member) { return member.substr(0, member.find('=')); }

// False: malformed, or too many.
bool add_members(std::string_view header, std::vector<std::string_view>& members) {
  while (!header.empty()) {
    const auto comma = header.find(',');
    const auto member = trimmed(header.substr(0, comma));
    header = comma == header.npos ? std::string_view{} : header.substr(comma + 1);
    if (member.empty()) continue;
    const auto equals = member.find('=');
    if (equals == member.npos || !is_key(member.substr(0, equals)) || !is_value(member.substr(equals + 1)))
      return false;
    if (members.size() == max_tracestate_members) return false;
    members.push_back(member);
  }
  return true;
}

std::size_t size_of(const std::vector<std::string_view>& members) {
  std::size_t size = members.empty() ? 0 : members.size() - 1;
  for (const auto& m : members) size += m.size();
  return size;
}

void shorten(std::vector<std::string_view>& members) {
  const auto is_long = [](std::string_view m) { return m.size() > long_member; };
  while (size_of(members) > max_tracestate_size) {
    const auto last_long = std::find_if(members.rbegin(), members.rend(), is_long);
    members.erase(last_long == members.rend() ? members.end() - 1 : last_long.base() - 1);
  }
}

}  // namespace

std::optional<std::string> read_tracestate(const std::vector<std::string_view>& headers) {
  std::vector<std::string_view> members;
  for (const auto& header : headers)
    if (!add_members(header, members)) return {};
  std::vector<std::string_view> kept;
  for (const auto& m : members) {
    const auto has_same_key = [&](std::string_view other) { return key_of(other) == key_of(m); };
    if (std::none_of(kept.begin(), kept.end(), has_same_key)) kept.push_back(m);
  }
  shorten(kept);
  if (kept.empty()) return {};
  std::string text;
  text.reserve(size_of(kept));
  for (const auto& m : kept) text.append(text.empty() ? "" : ",").append(m);
  return text;
}

}  // namespace banyan
