#include <shop/acquirer_api.hpp>

#include <services/acquirer/fault_settings.hpp>

#include <banyan/http/request_rules.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace shop {
namespace {

std::string url_encoded(std::string_view text) { return boost::urls::encode(text, boost::urls::unreserved_chars); }

// Two assignments may name members of one object: "latency.mean=1ms,latency.jitter=1ms".
void add_members(boost::json::object& into, const boost::json::object& from) {
  for (const auto& [name, value] : from) {
    auto* there = into.if_contains(name);
    if (there && there->is_object() && value.is_object())
      add_members(there->get_object(), value.get_object());
    else
      into[name] = value;
  }
}

}  // namespace

banyan::result<acquirer_api> acquirer_api::at(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  auto base = banyan::request_to("GET", url);
  if (!base) return base.error();
  if (!base->query.empty() || base->target != "/")
    return banyan::error{banyan::code::invalid_argument, "the acquirer's URL has neither path nor query"}.at(
        "acquirer");
  acquirer_api api;
  api.url_ = std::move(url);
  api.authority_ = base->authority;
  return api;
}

banyan::http_request acquirer_api::request(std::string_view method, std::string target, std::string body) const {
  banyan::http_request r;
  r.method = std::string{method};
  r.target = std::move(target);
  r.authority = authority_;
  r.body = std::move(body);
  r.headers.add("Accept", "application/json");
  if (!r.body.empty()) r.headers.add("Content-Type", "application/json");
  return r;
}

banyan::http_request acquirer_api::get_charges(std::string_view after) const {
  return request("GET", after.empty() ? "/charges?limit=1000" : "/charges?limit=1000&after=" + url_encoded(after));
}
banyan::http_request acquirer_api::get_refunds(std::string_view charge_key) const {
  return request("GET", "/charges/" + url_encoded(charge_key) + "/refunds");
}
banyan::http_request acquirer_api::get_book() const { return request("GET", "/book"); }
banyan::http_request acquirer_api::put_faults(const std::string& faults) const {
  return request("PUT", "/faults", faults);
}
banyan::http_request acquirer_api::delete_faults() const { return request("DELETE", "/faults"); }

banyan::result<std::string> faults_body(std::string_view assignments, std::uint64_t seed) {
  boost::json::object all;
  for (auto rest = assignments; !rest.empty();) {
    const auto comma = rest.find(',');
    auto one = acquirer::fault_assignment(rest.substr(0, comma));
    if (!one) return one.error();
    add_members(all, one->get_object());
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  if (auto checked = acquirer::merge_faults({}, all); !checked) return checked.error();
  all["seed"] = seed;
  return boost::json::serialize(all);
}

}  // namespace shop
