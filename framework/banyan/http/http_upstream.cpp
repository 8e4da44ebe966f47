#include <banyan/http/http_upstream.hpp>

#include <banyan/http/request_members.hpp>

#include <algorithm>

namespace banyan {

namespace {

void add_problems_of(const http_call& c, std::vector<std::string>& found) {
  const auto pattern = route_pattern::parse(c.pattern);
  if (!pattern) return found.push_back(pattern.error().message);
  const auto all = c.request_shape();
  const auto has = [&](const std::string& member) {
    return all.kind == shape_kind::record &&
           std::any_of(all.parts.begin(), all.parts.end(), [&](const shape::part& p) { return p.name == member; });
  };
  for (const auto& s : pattern->segments)
    if (s.is != route_segment::kind::literal && !has(s.text))
      found.push_back("\"" + c.pattern + "\" captures " + s.text + ", which is no member of " + c.of.name);
  for (const auto& [header, member] : c.with.headers) {
    if (!is_token(header)) found.push_back("\"" + header + "\" is no name of a header");
    if (!has(member)) found.push_back("header " + header + " takes " + member + ", which is no member of " + c.of.name);
  }
}

}  // namespace

result<endpoint_list> endpoints_of(std::string_view to) {
  endpoint_list all;
  while (!to.empty()) {
    const auto comma = to.find(',');
    auto url = to.substr(0, comma);
    while (url.starts_with(' ')) url.remove_prefix(1);
    to = comma == std::string_view::npos ? std::string_view{} : to.substr(comma + 1);
    while (url.ends_with('/') || url.ends_with(' ')) url.remove_suffix(1);
    if (url.empty()) continue;
    const auto request = request_to("GET", url);
    if (!request)
      return error{code::invalid_argument, "'" + std::string{url} + "': " + request.error().message}.at("to");
    if (!request->query.empty())
      return error{code::invalid_argument, "'" + std::string{url} + "': a base URL has no query"}.at("to");
    const endpoint one{std::string{url}, std::string{url}};
    if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
  }
  if (all.empty()) return error{code::invalid_argument, "no URL is given"}.at("to");
  return all;
}

std::vector<std::string> problems_of(const http_upstream& upstream, const std::vector<operation>& operations) {
  std::vector<std::string> found;
  if (const auto list = endpoints_of(upstream.to); !list) found.push_back(list.error().message);
  for (const auto& c : upstream.calls) add_problems_of(c, found);
  for (const auto& o : operations) {
    const auto calls = std::count_if(upstream.calls.begin(), upstream.calls.end(),
                                     [&](const http_call& c) { return c.of.request == o.request; });
    if (calls == 0)
      found.push_back("nothing says how " + o.name + " is called: add call<...>(\"METHOD /path\") to its calls");
    if (calls > 1) found.push_back(o.name + " has two calls; remove one");
  }
  return found;
}

}  // namespace banyan
