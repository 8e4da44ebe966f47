// Subcommands of a program's command line by which an operator inspects or changes a running node, such as `shop
// dead-letters replay ...`, as data; called words here. A pattern offers them with its item, and every program whose
// plan has such an item has these subcommands, with help, completion, --admin and --json. A word calls an operator
// command of the node (operator_command.hpp), which the pattern installs under the same path.
//
//   const operator_word run_now{
//       .name = "run",
//       .help = "Run one now, whatever the time",
//       .arguments = {operators_token(), {.name = "job", .help = "Such as cleanup", .is_required = true}},
//       .method = "POST",
//       .path = "/nightly/{job}/run",
//       .show = show};                                  // without it the answer is printed as it is
//   return std::make_shared<operator_words>(operator_words{"nightly", "Jobs of the running node", {run_now}});
//   spec.offers(nightly_words());                       // in contribute()
//
// Then `custom nightly run cleanup` sends the request to the running node; the whole program is
// samples/patterns/custom.cpp. Not for subcommands that need no running node: these are commands of the program itself
// (runtime/run.hpp). Several items of a pattern may offer the same words. Two patterns that offer the same name, or a
// name that every program has, are a defect of the program: it ends with an exception that says so.
//
// Pure: independent of the command line library and of HTTP. The exit code is 0; 1 when the node refuses or does not
// answer (the error is printed); or 2 when the arguments are wrong.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/core/time.hpp>

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct application;

struct operator_argument {
  struct bounds {
    std::int64_t first = 0, last = 0;
  };
  std::string name;  // "topic": by its place; "--limit": by its name
  std::string help;
  std::string type = "TEXT";  // as help shows it; empty: a flag, which has no value
  bool is_required = false;
  std::string otherwise = {};                                 // its value when it is not given
  std::optional<bounds> number = {};                          // it is a whole number within these
  std::function<std::string(const std::string&)> check = {};  // what would fit instead; "": it fits
};
operator_argument operators_token();  // "--token", for a word that changes something

// By the names of the arguments. What is not given has the value that its argument says, and no value is "".
class operator_arguments {
 public:
  void set(std::string name, std::string value) { values_.insert_or_assign(std::move(name), std::move(value)); }
  const std::string& text(std::string_view name) const;
  std::int64_t number(std::string_view name) const;
  bool flag(std::string_view name) const { return !text(name).empty(); }
  bool as_json() const { return flag("--json"); }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// What a word prints, and how it ends.
struct operator_text {
  std::string out, err = {};
  int code = 0;
};

// The running node, as a word sees it; each call waits for the answer, a JSON text. Errors: the node's, unavailable
// when none answers, corrupt when what answers is none.
class operator_port {
 public:
  virtual ~operator_port() = default;
  virtual result<std::string> ask(const std::string& method, const std::string& target) = 0;
  // GET of a page that each node has on which something of the pattern runs: not_found says that nothing does.
  virtual result<std::string> page(const std::string& target) = 0;
  // For an answer that is none of such a node.
  virtual error no_node(const std::string& why) const = 0;
};

// A word that asks more than once.
struct operator_call {
  const operator_arguments& with;
  operator_port& node;
  const application& program;                  // that asks; the node may run another build of it
  std::ostream& err;                           // for what is said while it goes on
  const std::function<void(timespan)>& pause;  // waits
};

using show_answer = std::function<result<operator_text>(const operator_arguments&, const std::string& answer)>;
// An answer that is an object, behind `label`; alone as JSON.
show_answer show_object(std::string label);

struct operator_word {
  std::string name, help;
  std::vector<operator_argument> arguments = {};
  // What is asked: "/dead-letters/{topic}/{group}?event={--event}". Values are percent-encoded; a parameter whose value
  // is empty is left out. A GET of a path without a value is one of a page.
  std::string method = "GET", path;
  // What the answer, JSON text, looks like. An error says in which way it is no answer of such a node. Default: the
  // text.
  show_answer show = {};
  // What is wrong with the arguments together, as a sentence; "": nothing.
  std::function<std::string(const operator_arguments&)> check = {};
  // Asks more than once, instead; none: these arguments are for the one request.
  std::function<std::optional<result<operator_text>>(const operator_call&)> instead = {};
  // It asks the node also when the program's own configuration has mistakes, as far as that says where the node is.
  bool despite_mistakes = false;
};

struct operator_words {
  std::string name, help;
  std::vector<operator_word> words;
};

// The path of a request.
std::string operator_target(std::string_view path, const operator_arguments& with);
// Columns as wide as what is in them; the last one is as it is. Control characters, which texts of clients may have,
// become '?'.
std::string operator_table(std::vector<std::vector<std::string>> rows);

}  // namespace banyan
