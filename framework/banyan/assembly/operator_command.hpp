// What an operator can ask of a pattern on a running node. The operations port serves each command under its path; the command line reaches it
// there. Answers are JSON texts.
//
//   a.command({.method = "POST", .path = "/nightly/" + spec.job + "/run", .run = run_now});     // needs the operator's token
#pragma once

#include <banyan/core/completion.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace banyan {

struct operator_request {
  std::map<std::string, std::string, std::less<>> captures = {};    // of the path: {view}
  std::map<std::string, std::string, std::less<>> parameters = {};  // of the URL's query; of a name that occurs twice the first

  const std::string& capture(std::string_view name) const { return captures.find(name)->second; }  // one that the path has
  const std::string* parameter(std::string_view name) const {                                      // null: not given
    const auto found = parameters.find(name);
    return found == parameters.end() ? nullptr : &found->second;
  }
};

struct operator_command {
  std::string method;  // "GET": reads; "POST": changes something, and needs the operator's token
  std::string path;    // "/dead-letters/{topic}/{group}/{position}"
  std::function<void(const operator_request&, completion<std::string>)> run;
};

}  // namespace banyan
