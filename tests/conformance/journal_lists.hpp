// What the conformance tests compare of a journal's answers.
#pragma once

#include <tests/conformance/journal_calls.hpp>
#include <tests/conformance/journal_engines.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace journal_test {

inline std::vector<version> versions(const std::vector<recorded_event>& events) {
  std::vector<version> out;
  for (const auto& e : events) out.push_back(e.version);
  return out;
}

inline std::vector<position> positions(const std::vector<recorded_event>& events) {
  std::vector<position> out;
  for (const auto& e : events) out.push_back(e.position);
  return out;
}

inline std::vector<std::string> names(const std::vector<stream_info>& streams) {
  std::vector<std::string> out;
  for (const auto& s : streams) out.push_back(s.name);
  return out;
}

template <class T>
void refused_as(const result<T>& answer, code c, std::string reason) {
  REQUIRE(answer.has_error());
  CHECK(answer.error().code == c);
  CHECK(answer.error().reason == reason);
  CHECK(answer.error().outcome == outcome::not_applied);
}

// What is asked in steps, until all streams were looked at: how many commands are forgotten.
inline std::int64_t forget_all(journal& j, forget_request r) {
  std::int64_t all = 0;
  do {
    auto step = forget(j, r).value();
    all += step.commands;
    r.from = std::move(step.next);
  } while (!r.from.empty());
  return all;
}

using list_of = std::vector<std::int64_t>;

}  // namespace journal_test
