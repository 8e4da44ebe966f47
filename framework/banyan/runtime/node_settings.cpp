#include <banyan/runtime/node_settings.hpp>

#include <banyan/core/json.hpp>
#include <banyan/http/authority.hpp>
#include <banyan/http/host_rules.hpp>
#include <banyan/http/request_rules.hpp>
#include <banyan/runtime/operator_token.hpp>
#include <banyan/runtime/otlp_settings.hpp>

#include <boost/describe.hpp>

#include <algorithm>
#include <charconv>

namespace banyan {
namespace {

bool is_engine_url(std::string_view text) {
  const auto scheme = text.substr(0, text.find(':'));
  const bool has_rest = scheme.size() + 1 < text.size();
  return has_rest && !scheme.empty() && std::all_of(scheme.begin(), scheme.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}
bool is_listen_address(std::string_view text) { return parse_listen_address(text).has_value(); }
bool are_hosts(std::string_view text) { return parse_hosts(text).has_value(); }
bool are_origins(std::string_view text) { return parse_origins(text).has_value(); }
bool is_not_empty(std::string_view text) { return !text.empty(); }

}  // namespace

node_settings default_settings(std::string_view application) {
  node_settings s;
  s.journal = "sqlite:" + std::string{application} + ".db";
  s.data = "./" + std::string{application} + "-data";
  return s;
}

std::vector<option> options_of(node_settings& s) {
  const std::string address = "an address and a port from 0 to 65535 such as 127.0.0.1:8080";
  constexpr double day = 86'400;
  std::vector<option> options;
  options.emplace_back("journal", s.journal, option_limits{.fits = is_engine_url, .form = "an engine such as sqlite:shop.db"});
  options.emplace_back("data", s.data, option_limits{.fits = is_not_empty, .form = "a folder such as ./shop-data"});
  options.emplace_back("listen", s.listen, option_limits{.fits = is_listen_address, .form = address});
  options.emplace_back("admin", s.admin, option_limits{.fits = is_listen_address, .form = address});
  options.emplace_back("allowed_hosts", s.allowed_hosts, option_limits{.fits = are_hosts, .form = "hosts such as shop.example, .internal"});
  options.emplace_back("max_connections", s.max_connections, option_limits{.min = 0, .max = 1e6});
  options.emplace_back("max_buffered_bytes", s.max_buffered_bytes,
                       option_limits{.min = 1024.0 * 1024, .max = 1e12, .unit = "bytes"});
  options.emplace_back("plaintext", s.plaintext);
  options.emplace_back("tls_certificate", s.tls_certificate);
  options.emplace_back("tls_key", s.tls_key);
  options.emplace_back("tls_client_authority", s.tls_client_authority);
  options.emplace_back("tls_client_certificates", s.tls_client_certificates,
                       option_limits{.one_of = {"off", "wanted", "required"}});
  options.emplace_back("admin_tls_certificate", s.admin_tls_certificate);
  options.emplace_back("admin_tls_key", s.admin_tls_key);
  options.emplace_back("admin_tls_client_authority", s.admin_tls_client_authority);
  options.emplace_back("admin_tls_client_certificates", s.admin_tls_client_certificates,
                       option_limits{.one_of = {"off", "wanted", "required"}});
  options.emplace_back("threads", s.threads, option_limits{.min = 0, .max = 1024});
  options.emplace_back("io_threads", s.io_threads, option_limits{.min = 0, .max = 64});
  options.emplace_back("io_busy_poll", s.io_busy_poll, option_limits{.min = 0, .max = 0.001});
  options.emplace_back("max_lag", s.max_lag, option_limits{.min = 0, .max = 1e15});
  options.emplace_back("request_deadline", s.request_deadline, option_limits{.min = 0.001, .max = day});
  options.emplace_back("drain_lead", s.drain_lead, option_limits{.min = 0, .max = day});
  options.emplace_back("allowed_origins", s.allowed_origins,
                       option_limits{.fits = are_origins, .form = "origins such as https://shop.example, with commas between them"});
  options.emplace_back("max_per_service", s.max_per_service, option_limits{.min = 0, .max = 1e6});
  options.emplace_back("max_waiting", s.max_waiting, option_limits{.min = 0, .max = 1e6});
  options.emplace_back("drain_timeout", s.drain_timeout, option_limits{.min = 0, .max = day});
  options.emplace_back("only", s.only);
  options.emplace_back("operator_token", s.operator_token,
                       option_limits{.fits = is_operator_token, .form = "16 to 256 letters, digits and -._~+/="})
      .make_secret();
  options.emplace_back("log_level", s.log_level, option_limits{.one_of = {"trace", "debug", "info", "warning", "error", "off"}});
  options.emplace_back("log_format", s.log_format, option_limits{.one_of = {"text", "json"}});
  options.emplace_back("otlp_endpoint", s.otlp_endpoint,
                       option_limits{.fits = is_otlp_endpoint, .form = "a URL such as http://127.0.0.1:4318"});
  options.emplace_back("otlp_headers", s.otlp_headers,
                       option_limits{.fits = are_otlp_headers, .form = "name=value, with commas between them"})
      .make_secret();
  options.emplace_back("otlp_timeout", s.otlp_timeout, option_limits{.min = 0.001, .max = 600});
  options.emplace_back("otlp_metric_interval", s.otlp_metric_interval, option_limits{.min = 0, .max = day});
  options.emplace_back("otlp_service_name", s.otlp_service_name);
  options.emplace_back("otlp_resource_attributes", s.otlp_resource_attributes,
                       option_limits{.fits = are_otlp_attributes, .form = "key=value, with commas between them"});
  options.emplace_back("otlp_disabled", s.otlp_disabled);
  options.emplace_back("trace_sampler", s.trace_sampler,
                       option_limits{.one_of = {"always_on", "always_off", "traceidratio", "parentbased_always_on",
                                                "parentbased_always_off", "parentbased_traceidratio"}});
  options.emplace_back("trace_sampler_ratio", s.trace_sampler_ratio, option_limits{.min = 0, .max = 1});
  for (auto& o : options) {
    const auto known = s.origins.find(o.name());
    o.from(known == s.origins.end() ? "default" : known->second);
  }
  return options;
}

namespace {

struct setting_view {
  std::string name, type, value, origin, expects;
  bool dynamic;
};
BOOST_DESCRIBE_STRUCT(setting_view, (), (name, type, value, origin, expects, dynamic))

}  // namespace

std::string describe_as_json(const node_settings& s) {
  auto copy = s;
  std::vector<setting_view> all;
  for (const auto& o : options_of(copy))
    all.push_back({o.name(), std::string{to_string(o.what())}, o.shown_value(), o.origin(), o.expects(),
                   o.is_dynamic()});
  return to_json(all);
}

std::string describe(const node_settings& s) {
  auto copy = s;
  const auto options = options_of(copy);
  std::size_t name = 0, value = 0;
  for (const auto& o : options) {
    name = std::max(name, o.name().size());
    value = std::max(value, o.shown_value().size());
  }
  std::string out;
  for (const auto& o : options) {
    out += o.name() + std::string(name + 2 - o.name().size(), ' ');
    const auto shown = o.shown_value();
    out += shown + std::string(value + 2 - shown.size(), ' ') + o.origin() + "\n";
  }
  return out;
}

std::vector<std::string> services_in(std::string_view only) {
  std::vector<std::string> names;
  while (!only.empty()) {
    const auto comma = only.find(',');
    auto name = only.substr(0, comma);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    names.emplace_back(name);
    only = comma == only.npos ? std::string_view{} : only.substr(comma + 1);
  }
  return names;
}

result<listen_address> parse_listen_address(std::string_view text) {
  const auto refuse = [](const char* why) { return error{code::invalid_argument, why}; };
  const auto colon = text.rfind(':');
  if (colon == text.npos) return refuse("an address needs a port: 127.0.0.1:8080");
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  listen_address out;
  const auto* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, out.port);
  if (digits.empty() || parsed.ec != std::errc{} || parsed.ptr != end) return refuse("a port is a number from 0 to 65535");
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  constexpr std::string_view of_ipv6 = "0123456789abcdefABCDEF:.";
  constexpr std::string_view of_names = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-.";
  if (host.empty() || host.size() > 255 || host.find_first_not_of(bracketed ? of_ipv6 : of_names) != host.npos)
    return refuse("a host is a name or an IP address; IPv6 stands in brackets: [::1]:8080");
  out.host = host;
  return out;
}

std::string destination_of(const listen_address& at) {
  const auto host = at.host == "0.0.0.0" ? "127.0.0.1" : at.host == "::" ? "::1" : at.host;
  return to_authority(host, at.port);
}

}  // namespace banyan
