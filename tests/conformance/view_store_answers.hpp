// What the conformance tests say of a view store's answers.
#pragma once

#include <tests/conformance/view_store_engines.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace view_test {

using texts = std::vector<std::string>;

struct note {
  std::int64_t id = 0;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(note, (), (id, text))

inline const view_options notes_view{.name = "notes"};

template <class T>
error failure_of(const result<T>& answer) {
  REQUIRE(answer.has_error());
  CHECK(answer.error().outcome == outcome::not_applied);
  return answer.error();
}
inline bool mentions(const error& e, std::string_view what) { return e.message.find(what) != std::string::npos; }

}  // namespace view_test
