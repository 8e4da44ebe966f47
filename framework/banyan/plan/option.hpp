// One setting of a pattern instance: its path, its value as text, the origin of the value, and how to set it.
// `describe` prints the options of a plan, `check` validates them, a configuration file overrides them.
//
//   int workers = 2;
//   option o{"workers", workers, {.min = 1, .max = 1024}};
//   o.set("8", "shop.toml:12");        // workers is 8 now
//   o.set("0", "command line");        // error: expected a whole number from 1 to 1024, found "0"; workers stays 8
//
// An option refers to the variable it sets and must not outlive it. Patterns usually make them by `spec.option(...)`
// (plan.hpp).
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/core/time.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct option_limits {
  double min = 0;
  double max = std::numeric_limits<double>::max();   // for durations in seconds
  std::vector<std::string> one_of = {};              // texts: the allowed values
  bool (*fits)(std::string_view) = nullptr;          // texts: checks their form ...
  std::string form = {};                             // ... described for errors: "an address such as 127.0.0.1:8080"
  std::string unit = {};                             // unit of whole numbers: "bytes"
};

class option {
 public:
  enum class kind : std::uint8_t { text, boolean, integer, number, duration };

  option(std::string name, std::string& target, option_limits limits = {});
  option(std::string name, bool& target, option_limits limits = {});
  option(std::string name, int& target, option_limits limits = {});
  option(std::string name, std::int64_t& target, option_limits limits = {});
  option(std::string name, double& target, option_limits limits = {});
  option(std::string name, timespan& target, option_limits limits = {});

  const std::string& name() const { return name_; }
  kind what() const { return kind_; }
  std::string value() const { return get_(); }                // in the form that `set` accepts
  std::string shown_value() const;                            // for people: of a secret only "(set)" or "(not set)"
  // "default", "code", "shop.toml:12", "environment BANYAN_...", "command line"
  const std::string& origin() const { return origin_; }
  std::string expects() const;                                // "a whole number from 1 to 1024"

  // Parses and sets the value; true when it differs from before. Errors: invalid_argument with the expected and the
  // found value (of a secret only the expected one); nothing changes.
  result<bool> set(std::string_view text, std::string origin);
  // The result that `set` would have; changes nothing.
  result<bool> try_set(std::string_view text) const;
  // Sets the origin of a value that was not set by `set`.
  void from(std::string origin) { origin_ = std::move(origin); }

  // A dynamic option may change while the node runs (assembly::takes_options); the others are read at the start.
  bool is_dynamic() const { return is_dynamic_; }
  void make_dynamic() { is_dynamic_ = !is_secret_; }

  // No sentence, no description and no log line has the value of a secret option. It is never dynamic.
  bool is_secret() const { return is_secret_; }
  void make_secret() { is_secret_ = true, is_dynamic_ = false; }

 private:
  template <class T>
  void bind(T& target);

  std::string name_;
  kind kind_;
  option_limits limits_;
  std::string origin_ = "code";
  bool is_dynamic_ = false, is_secret_ = false;
  std::function<std::string()> get_;
  std::function<result<bool>(const option&, std::string_view, bool assign)> set_;
};

std::string_view to_string(option::kind k);

struct option_value {
  std::string name, value;  // `value` in the form that option::set accepts

  friend bool operator==(const option_value&, const option_value&) = default;
};

}  // namespace banyan
