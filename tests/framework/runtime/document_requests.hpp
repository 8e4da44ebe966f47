// Requests made from an OpenAPI document and from nothing else, for tests that the server is what its document says.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/http/message.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace banyan::test {

namespace json = boost::json;

// How much of what is optional a request has. `by_query`: what may come in the query string instead of the body does.
enum class extent { minimal, full, by_query };

class document_requests {
 public:
  // `samples`: values of members for which the schema alone does not say enough, by name.
  document_requests(json::value document, std::map<std::string, json::value> samples)
      : document_(std::move(document)), samples_{std::move(samples)} {}

  struct operation {
    std::string method, path;
    json::object described;
    std::string id() const { return described.at("operationId").as_string().c_str(); }
    bool answers(int status) const { return described.at("responses").as_object().contains(std::to_string(status)); }
    int success() const {
      for (auto& r : described.at("responses").as_object())
        if (r.key().starts_with('2')) return std::stoi(std::string{r.key()});
      return 0;
    }
    const json::object* body() const {
      auto* b = described.if_contains("requestBody");
      return b ? &b->at("content").at("application/json").at("schema").as_object() : nullptr;
    }
    std::vector<json::object> parameters(std::string_view in) const {
      std::vector<json::object> found;
      if (auto* list = described.if_contains("parameters"))
        for (auto& p : list->as_array())
          if (p.at("in").as_string() == in) found.push_back(p.as_object());
      return found;
    }
  };

  std::vector<operation> operations() const {
    std::vector<operation> all;
    for (auto& path : document_.at("paths").as_object())
      for (auto& o : path.value().as_object()) {
        std::string method{o.key()};
        std::transform(method.begin(), method.end(), method.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
        all.push_back({method, std::string{path.key()}, o.value().as_object()});
      }
    return all;
  }

  http_request make(const operation& o, extent how) const {
    http_request r;
    r.method = o.method;
    r.target = o.path;
    for (auto& p : o.parameters("path")) {
      const auto name = "{" + std::string{p.at("name").as_string()} + "}";
      r.target.replace(r.target.find(name), name.size(), encoded(text_of(p, value_of(p))));
    }
    for (auto& p : o.parameters("query")) {
      const std::string name{p.at("name").as_string()};
      const bool also_in_body = o.body() && o.body()->at("properties").as_object().contains(name);
      if (p.at("required").as_bool() || (also_in_body ? how == extent::by_query : how == extent::full)) add_to_query(r, p);
    }
    for (auto& p : o.parameters("header"))
      if (how == extent::full) r.headers.add(std::string{p.at("name").as_string()}, text_of(p, value_of(p)));
    if (o.body() && (o.described.at("requestBody").at("required").as_bool() || how == extent::full)) {
      r.body = json::serialize(value(*o.body(), {}, how == extent::full));
      r.headers.add("Content-Type", "application/json");
    }
    return r;
  }

  json::value value(const json::object& schema, const std::string& name, bool full = true) const {
    if (auto sample = samples_.find(name); sample != samples_.end()) return sample->second;
    if (auto* names = schema.if_contains("enum")) return names->as_array().back();
    if (auto* choices = schema.if_contains("oneOf")) return value(choices->as_array().front().as_object(), {}, full);
    if (auto* choices = schema.if_contains("anyOf")) return value(choices->as_array().front().as_object(), {}, full);
    auto* type = schema.if_contains("type");
    if (!type || type->as_string() == "null") return nullptr;
    if (type->as_string() == "string") return text(schema);
    if (type->as_string() == "boolean") return true;
    if (type->as_string() == "number") return 1.5;
    if (type->as_string() == "integer") return schema.contains("maximum") ? schema.at("maximum") : json::value(7);
    if (type->as_string() == "array") {
      json::array items;
      const auto n = schema.contains("minItems") ? schema.at("minItems").to_number<std::size_t>() : 1;
      for (std::size_t i = 0; i < n; ++i) items.push_back(value(schema.at("items").as_object(), name, full));
      return items;
    }
    json::object members;
    if (auto* more = schema.if_contains("additionalProperties")) members["k"] = value(more->as_object(), {}, full);
    if (auto* properties = schema.if_contains("properties"))
      for (auto& p : properties->as_object())
        if (full || is_required(schema, p.key())) members[p.key()] = value(p.value().as_object(), std::string{p.key()}, full);
    return members;
  }

  static bool is_required(const json::object& schema, std::string_view name) {
    auto* list = schema.if_contains("required");
    return list && std::any_of(list->as_array().begin(), list->as_array().end(), [&](auto& v) { return v.as_string() == name; });
  }
  static std::string encoded(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text)
      if (std::isalnum(static_cast<unsigned char>(c)))
        out += c;
      else
        out += {'%', digits[static_cast<unsigned char>(c) >> 4], digits[c & 15]};
    return out;
  }

 private:
  static json::object schema_of(const json::object& parameter) {
    auto* content = parameter.if_contains("content");
    return (content ? content->at("application/json").at("schema") : parameter.at("schema")).as_object();
  }
  json::value value_of(const json::object& parameter) const {
    return value(schema_of(parameter), std::string{parameter.at("name").as_string()});
  }
  static std::string text_of(const json::object& parameter, const json::value& v) {
    return v.is_string() && !parameter.contains("content") ? std::string{v.as_string()} : json::serialize(v);
  }
  void add_to_query(http_request& r, const json::object& p) const {
    const auto v = value_of(p);
    const auto add = [&](const json::value& one) {
      r.target +=
          (r.target.find('?') == std::string::npos ? "?" : "&") + encoded(p.at("name").as_string()) + "=" + encoded(text_of(p, one));
    };
    if (!v.is_array() || p.contains("content")) return add(v);
    for (auto& item : v.as_array()) add(item);
  }
  static json::value text(const json::object& schema) {
    const auto* format = schema.if_contains("format");
    const std::string_view is = format ? std::string_view{format->as_string()} : std::string_view{};
    if (is == "uuid") return "018f6d2e-0000-7000-8000-000000000000";
    if (is == "date-time") return "2026-01-02T03:04:05Z";
    if (is == "timespan") return "800ms";
    return "a b";
  }

  json::value document_;
  std::map<std::string, json::value> samples_;
};

}  // namespace banyan::test
