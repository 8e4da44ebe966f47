// A finding of `banyan doctor`: one thing that was looked at, and what to do about it.
//
// `error`: Banyan can not be built, or a node can not run or keep its data. `warning`: it works, but less well.
#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace banyan::doctor {

enum class severity : std::uint8_t { ok, warning, error };
BOOST_DESCRIBE_ENUM(severity, ok, warning, error)

struct finding {
  std::string name;
  severity status = severity::ok;
  std::string value;        // what was found: "g++ 12.2.0 (/usr/bin/c++)"
  std::string advice = {};  // what to do; empty: nothing
};
BOOST_DESCRIBE_STRUCT(finding, (), (name, status, value, advice))

// A line per finding, in columns; advice below it; a summary at the end.
std::string to_text(const std::vector<finding>& findings, bool color);
// 1 when a finding is an error, else 0.
int exit_code(const std::vector<finding>& findings);

}  // namespace banyan::doctor
