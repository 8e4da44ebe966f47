#include <banyan/runtime/otlp_settings.hpp>

#include <banyan/core/text.hpp>
#include <banyan/core/utf8.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace banyan {

namespace {

enum class form { text, milliseconds, truth };
struct known_variable {
  std::string_view name, setting;
  form how = form::text;
};
constexpr std::array<known_variable, 9> variables{{
    {"OTEL_EXPORTER_OTLP_ENDPOINT", "otlp_endpoint"},
    {"OTEL_EXPORTER_OTLP_HEADERS", "otlp_headers"},
    {"OTEL_EXPORTER_OTLP_TIMEOUT", "otlp_timeout", form::milliseconds},
    {"OTEL_METRIC_EXPORT_INTERVAL", "otlp_metric_interval", form::milliseconds},
    {"OTEL_SERVICE_NAME", "otlp_service_name"},
    {"OTEL_RESOURCE_ATTRIBUTES", "otlp_resource_attributes"},
    {"OTEL_SDK_DISABLED", "otlp_disabled", form::truth},
    {"OTEL_TRACES_SAMPLER", "trace_sampler"},
    {"OTEL_TRACES_SAMPLER_ARG", "trace_sampler_ratio"},
}};

bool is_true(std::string_view text) {
  constexpr std::string_view word = "true";
  return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                    [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

int digit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? digit(text[i + 1]) : -1, low = high >= 0 ? digit(text[i + 2]) : -1;
    if (low < 0) return {};
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

trace_sampling sampling_of(const node_settings& s) {
  trace_sampling sampling;
  std::string_view name = s.trace_sampler;
  constexpr std::string_view parent = "parentbased_";
  sampling.follows_parent = name.starts_with(parent);
  if (sampling.follows_parent) name.remove_prefix(parent.size());
  sampling.ratio = name == "always_on" ? 1 : name == "always_off" ? 0 : s.trace_sampler_ratio;
  return sampling;
}

}  // namespace

std::optional<otlp_variable> read_otlp_variable(std::string_view name, std::string_view value) {
  const auto i = std::find_if(variables.begin(), variables.end(), [&](const auto& v) { return v.name == name; });
  if (i == variables.end() || trimmed(value).empty()) return {};
  std::string text{trimmed(value)};
  if (i->how == form::milliseconds) text += "ms";
  if (i->how == form::truth) text = is_true(text) ? "true" : "false";
  return otlp_variable{std::string{i->setting}, std::move(text)};
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_otlp_list(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> list;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto member = trimmed(text.substr(0, comma));
    text = comma == text.npos ? std::string_view{} : text.substr(comma + 1);
    if (member.empty()) continue;
    const auto equals = member.find('=');
    if (equals == member.npos) return {};
    const auto name = trimmed(member.substr(0, equals));
    auto value = percent_decoded(trimmed(member.substr(equals + 1)));
    if (name.empty() || !value || !is_utf8(name) || !is_utf8(*value)) return {};
    list.emplace_back(name, std::move(*value));
  }
  return list;
}

bool is_otlp_endpoint(std::string_view text) {
  if (text.empty()) return true;
  constexpr std::string_view plain = "http://", secure = "https://";
  const auto scheme = text.starts_with(secure) ? secure : plain;
  if (!text.starts_with(scheme) || text.find_first_of("?#") != text.npos) return false;
  return request_to("POST", std::string{plain}.append(text.substr(scheme.size()))).has_value();
}

bool are_otlp_headers(std::string_view text) {
  const auto list = parse_otlp_list(text);
  return list && std::all_of(list->begin(), list->end(),
                             [](const auto& h) { return is_token(h.first) && is_field_value(h.second); });
}

bool are_otlp_attributes(std::string_view text) { return parse_otlp_list(text).has_value(); }

bool exports_otlp(const node_settings& s) { return !s.otlp_endpoint.empty() && !s.otlp_disabled; }

otlp_options otlp_options_of(const node_settings& s, std::string_view application, const uuid& instance) {
  otlp_options o{.endpoint = s.otlp_endpoint};
  const auto headers = parse_otlp_list(s.otlp_headers), attributes = parse_otlp_list(s.otlp_resource_attributes);
  for (const auto& [name, value] : headers.value()) o.headers.add(name, value);
  o.timeout = s.otlp_timeout;
  o.metric_interval = s.otlp_metric_interval;
  o.sampling = sampling_of(s);
  std::vector<span_attribute> more;
  if (!s.otlp_service_name.empty()) more.push_back({"service.name", s.otlp_service_name});
  for (const auto& [key, value] : attributes.value())
    if (key != "service.name" || s.otlp_service_name.empty()) more.push_back({key, value});
  o.resource = make_resource(application, to_string(instance), BANYAN_VERSION, std::move(more));
  return o;
}

}  // namespace banyan
