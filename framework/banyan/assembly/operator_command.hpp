// An operator's command to a pattern of a running node. The operations port serves it under its path, where the
// command line calls it. Answers are JSON.
//
//   a.command({.method = "POST", .path = "/nightly/" + spec.job + "/run", .run = run_now});
#pragma once

#include <banyan/core/completion.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace banyan {

struct operator_request {
  std::map<std::string, std::string, std::less<>> captures = {};    // placeholders of the path: {view}
  std::map<std::string, std::string, std::less<>> parameters = {};  // of the URL's query; the first of a repeated name

  // `name` must be in `path`.
  const std::string& capture(std::string_view name) const { return captures.find(name)->second; }
  const std::string* parameter(std::string_view name) const {                                      // null: absent
    const auto found = parameters.find(name);
    return found == parameters.end() ? nullptr : &found->second;
  }
};

struct operator_command {
  std::string method;  // "GET" reads; "POST" changes something and requires the operator's token
  std::string path;    // "/dead-letters/{topic}/{group}/{position}"
  std::function<void(const operator_request&, completion<std::string>)> run;
};

}  // namespace banyan
