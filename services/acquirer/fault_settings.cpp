#include <services/acquirer/fault_settings.hpp>

#include <boost/json/object.hpp>

#include <charconv>
#include <string>

namespace acquirer {

namespace {

namespace json = boost::json;
using banyan::code;
using banyan::error;
using banyan::result;

std::string inside(const std::string& path, std::string_view name) {
  return path.empty() ? std::string{name} : path + "." + std::string{name};
}

// Both are what `to_value` makes of settings: objects within objects.
result<void> merge(json::object& into, const json::value& changes, const std::string& path) {
  const auto* members = changes.if_object();
  if (!members) return error{code::invalid_argument, "a JSON object is expected"}.at(path);
  for (const auto& [name, change] : *members) {
    const auto where = inside(path, name);
    auto* target = into.if_contains(name);
    if (!target)
      return error{code::invalid_argument, "there is no fault '" + where + "'"}.because("unknown_fault").at(where);
    if (auto* nested = target->if_object()) {
      if (auto merged = merge(*nested, change, where); !merged) return merged;
    } else if (where == "outage" && change.is_bool()) {
      *target = change.get_bool() ? "on" : "off";
    } else {
      *target = change;
    }
  }
  return {};
}

result<void> check_rate(double rate, const char* field) {
  if (rate >= 0 && rate <= 1) return {};
  return error{code::invalid_argument, "a rate is a number from 0 to 1"}.at(field);
}

result<void> check_time(timespan time, const char* field) {
  if (time.count() >= banyan::nanoseconds::zero() && time.count() <= longest_fault) return {};
  return error{code::invalid_argument, "a duration is from 0 to " + to_string(timespan{longest_fault})}.at(field);
}

result<void> check(const fault_settings& f) {
  const std::pair<double, const char*> rates[] = {{f.error_rate, "error_rate"},
                                                  {f.reset_rate, "reset_rate"},
                                                  {f.lose_answer_rate, "lose_answer_rate"},
                                                  {f.bad_json_rate, "bad_json_rate"},
                                                  {f.wrong_currency_rate, "wrong_currency_rate"},
                                                  {f.slow_body.rate, "slow_body.rate"},
                                                  {f.duplicate_callback_rate, "duplicate_callback_rate"},
                                                  {f.late_callback.rate, "late_callback.rate"}};
  for (const auto& [rate, field] : rates)
    if (auto checked = check_rate(rate, field); !checked) return checked;
  const std::pair<timespan, const char*> times[] = {{f.latency.mean, "latency.mean"},
                                                    {f.latency.jitter, "latency.jitter"},
                                                    {f.slow_body.by, "slow_body.by"},
                                                    {f.late_callback.by, "late_callback.by"}};
  for (const auto& [time, field] : times)
    if (auto checked = check_time(time, field); !checked) return checked;
  return {};
}

// A number where the text is one, else the text itself: a duration or a word.
json::value value_of(std::string_view text) {
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure == std::errc{} && end == text.data() + text.size()) return number;
  return json::value(json::string(text));  // in braces it would be an array of one
}

}  // namespace

result<fault_settings> merge_faults(const fault_settings& now, const json::value& changes) {
  auto all = banyan::to_value(now);
  if (auto merged = merge(all.as_object(), changes, ""); !merged) return merged.error();
  auto read = banyan::from_value<fault_settings>(all);
  if (!read) return read.error();
  if (auto checked = check(*read); !checked) return checked.error();
  return read;
}

result<json::value> fault_assignment(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size())
    return error{code::invalid_argument, "'" + std::string{text} + "' is not NAME=VALUE"};
  auto path = text.substr(0, equals);
  auto value = value_of(text.substr(equals + 1));
  while (true) {
    const auto dot = path.rfind('.');
    json::object outer;
    outer[dot == std::string_view::npos ? path : path.substr(dot + 1)] = std::move(value);
    value = std::move(outer);
    if (dot == std::string_view::npos) return value;
    path = path.substr(0, dot);
  }
}

}  // namespace acquirer
