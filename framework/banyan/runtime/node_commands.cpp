#include <banyan/runtime/node_commands.hpp>

#include <banyan/core/json.hpp>
#include <banyan/core/text.hpp>
#include <banyan/runtime/check_report.hpp>
#include <banyan/runtime/event_json.hpp>
#include <banyan/runtime/plan_page.hpp>
#include <banyan/runtime/topology.hpp>

#include <boost/json.hpp>

#include <ostream>

namespace banyan {

namespace {

int fail(const error& e, std::ostream& err) {
  err << printable(to_string(e)) << '\n';
  return 1;
}

// The elements of the member `name` of a page, each read by `read`.
template <class T>
result<std::vector<T>> list_of(const result<std::string>& page, const char* name,
                               result<T> (*read)(const boost::json::value&), const operations_client& node) {
  if (!page) return page.error();
  const auto content = parse_json(*page, page->size());
  const auto* list = content && content->is_object() ? content->get_object().if_contains(name) : nullptr;
  if (!list || !list->is_array()) return node.no_node(std::string{"its answer has no "} + name);
  std::vector<T> all;
  for (const auto& element : list->get_array()) {
    auto one = read(element);
    if (!one) return node.no_node(one.error().message);
    all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace

int show_topology(operations_client& node, bool as_json, std::ostream& out, std::ostream& err) {
  const auto page = node.page("/topology");
  if (!page) return fail(page.error(), err);
  const auto report = from_json<topology_report>(*page);
  if (!report) return fail(node.no_node(report.error().message), err);
  out << (as_json ? *page + "\n" : to_tree(*report));
  return 0;
}

int show_plan(operations_client& node, describe_form form, std::ostream& out, std::ostream& err) {
  const bool as_json = form == describe_form::json;
  const auto* const page = form == describe_form::dot ? "/plan?form=dot" : "/plan?form=text";
  const auto plan = as_json ? node.page("/plan") : node.text(page, media_type(form));
  if (!plan) return fail(plan.error(), err);
  out << *plan << (as_json ? "\n" : "");
  return 0;
}

int show_check(operations_client& node, bool as_json, std::ostream& out, std::ostream& err) {
  const auto page = node.page("/check");
  if (!page) return fail(page.error(), err);
  const auto report = from_json<check_report>(*page);
  if (!report) return fail(node.no_node(report.error().message), err);
  return print(*report, as_json, out, err);
}

result<std::vector<stream_info>> node_events::list_streams(std::string prefix, std::string after, std::size_t limit) {
  operator_arguments with;
  with.set("prefix", std::move(prefix));
  with.set("after", std::move(after));
  with.set("limit", std::to_string(limit));
  const auto target = operator_target("/streams?prefix={prefix}&after={after}&limit={limit}", with);
  return list_of(node_.protected_page(target), "streams", stream_from, node_);
}

result<std::vector<recorded_event>> node_events::read_stream(read_stream_request request) {
  operator_arguments with;
  with.set("stream", std::move(request.stream));
  with.set("from", std::to_string(request.from));
  with.set("limit", std::to_string(request.limit));
  with.set("backwards", request.backwards ? "true" : "");
  const auto target =
      operator_target("/events?stream={stream}&from={from}&limit={limit}&backwards={backwards}", with);
  return list_of(node_.protected_page(target), "events", event_from, node_);
}

}  // namespace banyan
