#include <banyan/ambassador/operator_words.hpp>

#include <banyan/assembly/operator_lines.hpp>
#include <banyan/core/json.hpp>
#include <banyan/core/text.hpp>

#include <boost/json.hpp>

#include <cmath>

namespace banyan {

namespace {

namespace json = boost::json;

std::string text_at(const json::object& o, std::string_view name) {
  const auto* v = o.if_contains(name);
  return v && v->is_string() ? std::string{std::string_view{v->get_string()}} : std::string{};
}
std::string number_at(const json::object& o, std::string_view name) {
  const auto* v = o.if_contains(name);
  if (!v || !v->is_number()) return "-";
  return std::to_string(std::llround(v->is_double() ? v->get_double() : v->to_number<double>()));
}
std::string state_of(const json::object& link) {
  const auto* b = link.if_contains("breaker");
  return b && b->is_object() ? text_at(b->get_object(), "state") : "-";
}

result<json::object> object_of(const std::string& answer) {
  auto value = parse_json(answer);
  if (!value) return value.error();
  if (!value->is_object()) return error{code::corrupt, "the answer is no object"};
  return std::move(value->get_object());
}

result<operator_text> show_links(const operator_arguments& with, const std::string& answer) {
  const auto page = object_of(answer);
  if (!page) return page.error();
  const auto* links = page->if_contains("links");
  if (!links || !links->is_array()) return error{code::corrupt, "the answer has no links"};
  if (with.as_json()) return operator_text{answer + "\n"};
  std::vector<std::vector<std::string>> rows{
      {"LINK", "BREAKER", "IN FLIGHT", "SUCCEEDED", "FAILED", "REFUSED", "RETRIED"}};
  for (const auto& l : links->get_array()) {
    if (!l.is_object()) return error{code::corrupt, "the answer has a link that is no object"};
    const auto& o = l.get_object();
    const auto* calls = o.if_contains("calls");
    const auto& c = calls && calls->is_object() ? calls->get_object() : json::object{};
    rows.push_back({text_at(o, "link"), state_of(o), number_at(c, "in_flight"), number_at(c, "succeeded"),
                    number_at(c, "failed"), number_at(c, "refused"), number_at(c, "retried")});
  }
  return operator_text{operator_table(std::move(rows))};
}

result<operator_text> show_link(const operator_arguments& with, const std::string& answer) {
  const auto o = object_of(answer);
  if (!o) return o.error();
  if (with.as_json()) return operator_text{answer + "\n"};
  std::string out = printable(text_at(*o, "link")) + "\n";
  if (const auto* chain = o->if_contains("chain"); chain && chain->is_array())
    for (const auto& line : chain->get_array())
      if (line.is_string()) out += "  " + printable(std::string{std::string_view{line.get_string()}}) + "\n";
  if (state_of(*o) != "-") {
    const auto& b = o->at("breaker").get_object();
    out += "breaker " + state_of(*o) + ", " + number_at(b, "trips") + " trips, " + number_at(b, "refused") +
           " calls refused";
    if (const auto wait = number_at(b, "retry_after_ms"); b.contains("retry_after_ms"))
      out += wait == "0" ? ", the next call probes" : ", for " + wait + " ms more";
    out += "\n";
  }
  const auto* endpoints = o->if_contains("endpoints");
  if (!endpoints || !endpoints->is_array() || endpoints->get_array().empty()) return operator_text{out};
  std::vector<std::vector<std::string>> rows{
      {"ENDPOINT", "BREAKER", "EJECTED", "LATENCY MS", "IN FLIGHT", "SUCCEEDED", "FAILED"}};
  for (const auto& e : endpoints->get_array()) {
    if (!e.is_object()) return error{code::corrupt, "the answer has an endpoint that is no object"};
    const auto& one = e.get_object();
    const auto* ejected = one.if_contains("ejected");
    rows.push_back({text_at(one, "name"), text_at(one, "state"),
                    ejected && ejected->is_bool() && ejected->get_bool() ? text_at(one, "ejected_because") : "no",
                    number_at(one, "latency_ms"), number_at(one, "in_flight"), number_at(one, "succeeded"),
                    number_at(one, "failed")});
  }
  return operator_text{out + operator_table(std::move(rows))};
}

operator_argument from() {
  return {.name = "from", .help = "The service that calls, such as payments", .is_required = true};
}
operator_argument to() { return {.name = "to", .help = "What it calls, such as acquirer", .is_required = true}; }

std::string check_state(const std::string& text) {
  const bool known = text == "auto" || text == "forced_open" || text == "forced_closed" || text == "observe_only";
  return known ? "" : "auto, forced_open, forced_closed or observe_only";
}

}  // namespace

std::shared_ptr<operator_words> links_words() {
  const operator_word list{
      .name = "list", .help = "All of them, with breaker and calls", .path = "/links", .show = show_links};
  const operator_word show{.name = "show",
                           .help = "One, with its chain and its endpoints",
                           .arguments = {from(), to()},
                           .path = "/links/{from}/{to}",
                           .show = show_link};
  const operator_word force{.name = "breaker",
                            .help = "Open or close its breakers, or have them only observe; auto gives them back",
                            .arguments = {operators_token(), from(), to(),
                                          {.name = "state",
                                           .help = "auto, forced_open, forced_closed or observe_only",
                                           .is_required = true,
                                           .check = check_state}},
                            .method = "POST",
                            .path = "/links/{from}/{to}/breaker/{state}",
                            .show = show_link};
  const operator_word set{
      .name = "set",
      .help = "Set an option until the next start: deadline, retry.attempts, limit.concurrency, ...",
      .arguments = {operators_token(),
                    from(),
                    to(),
                    {.name = "option", .help = "Such as retry.attempts", .is_required = true},
                    {.name = "value", .help = "Such as 5, or 800ms", .is_required = true}},
      .method = "POST",
      .path = "/links/{from}/{to}/options/{option}/{value}",
      .show = show_link};
  return std::make_shared<operator_words>(
      operator_words{"links", "Calls of services to others: breakers, endpoints, options", {list, show, force, set}});
}

}  // namespace banyan
