#include <banyan/test_kit/given_when_then.hpp>

#include <boost/json.hpp>

#include <map>

namespace banyan::test_kit {

namespace {

using lines = std::vector<std::pair<std::string, std::string>>;  // path, value

void flatten(const std::string& path, const boost::json::value& v, lines& out) {
  if (auto* o = v.if_object(); o && !o->empty()) {
    for (auto& member : *o) flatten((path.empty() ? "" : path + ".") + std::string{member.key()}, member.value(), out);
  } else if (auto* a = v.if_array(); a && !a->empty()) {
    for (std::size_t i = 0; i < a->size(); ++i) flatten(path + "[" + std::to_string(i) + "]", (*a)[i], out);
  } else {
    out.emplace_back(path.empty() ? "value" : path, boost::json::serialize(v));
  }
}

lines flatten(const boost::json::value& v) {
  lines out;
  flatten({}, v, out);
  return out;
}

}  // namespace

std::string difference(const boost::json::value& expected, const boost::json::value& actual) {
  if (expected == actual) return {};
  auto came = flatten(actual);
  auto left = std::map<std::string, std::string>(came.begin(), came.end());
  std::string text;
  for (auto& [path, value] : flatten(expected)) {
    auto found = left.find(path);
    if (found != left.end() && found->second == value) {
      text += "  " + path + " = " + value + "\n";
    } else {
      text += "- " + path + " = " + value + "\n";
      if (found != left.end()) text += "+ " + path + " = " + found->second + "\n";
    }
    if (found != left.end()) left.erase(found);
  }
  for (auto& [path, value] : came)
    if (left.contains(path)) text += "+ " + path + " = " + value + "\n";
  return text;
}

void expect_same(const std::string& what, const boost::json::value& expected, const boost::json::value& actual) {
  if (auto d = difference(expected, actual); !d.empty()) throw expectation_failed{what + " (- expected, + actual)\n" + d};
}

void expect_error(const error& actual, code c, const std::string& field) {
  if (actual.code == c && (field.empty() || actual.field == field)) return;
  throw expectation_failed{"expected: " + std::string{to_string(c)} + (field.empty() ? "" : " at " + field) +
                           "\n  actual: " + to_string(actual)};
}

void expect_refused(const error& actual, const std::string& reason) {
  if (actual.code != code::refused || actual.reason != reason)
    throw expectation_failed{"expected: refused (" + reason + ")\n  actual: " + to_string(actual)};
}

}  // namespace banyan::test_kit
