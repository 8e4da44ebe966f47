#include <banyan/core/json.hpp>
#include <banyan/plan/describe_forms.hpp>

// The operations page and scripts read the members below: new ones may be added; renaming or removing one needs a new
// `schema`.
namespace banyan::detail {
namespace {

struct option_view {
  std::string path, name, type, value, origin, expects;
  bool dynamic;
};
BOOST_DESCRIBE_STRUCT(option_view, (), (path, name, type, value, origin, expects, dynamic))

struct fact_view {
  std::string key;
  std::vector<std::string> values;
};
BOOST_DESCRIBE_STRUCT(fact_view, (), (key, values))

struct link_view {
  std::string verb, target;
};
BOOST_DESCRIBE_STRUCT(link_view, (), (verb, target))

struct item_view {
  std::string kind, name, phase;
  std::vector<option_view> options;
  std::vector<fact_view> facts;
  std::vector<link_view> links;
};
BOOST_DESCRIBE_STRUCT(item_view, (), (kind, name, phase, options, facts, links))

struct operation_view {
  std::string name, request, reply, idempotent;
  std::vector<std::string> answered_by;
};
BOOST_DESCRIBE_STRUCT(operation_view, (), (name, request, reply, idempotent, answered_by))

struct service_view {
  std::string name;
  std::vector<operation_view> operations;
  std::vector<item_view> items;
};
BOOST_DESCRIBE_STRUCT(service_view, (), (name, operations, items))

struct application_view {
  int schema = 1;
  std::string application;
  std::vector<service_view> services;
};
BOOST_DESCRIBE_STRUCT(application_view, (), (schema, application, services))

item_view view_of(const plan& p, const plan_item& item) {
  item_view v{item.kind(), item.name(), std::string{to_string(item.when())}, {}, {}, {}};
  for (const auto& o : item.options())
    v.options.push_back({option_path(p, item, o), o.name(), std::string{to_string(o.what())}, o.shown_value(),
                         o.origin(), o.expects(), o.is_dynamic()});
  for (auto& group : group_facts(item)) v.facts.push_back({std::move(group.key), std::move(group.values)});
  for (const auto& link : item.links()) v.links.push_back({link.verb, link.target});
  return v;
}

std::string type_name(const message_type* type) { return type ? std::string{type->name} : std::string{}; }

service_view view_of(const plan& p) {
  service_view v{p.service(), {}, {}};
  for (const auto& o : p.operations())
    v.operations.push_back({o.name, type_name(o.request), type_name(o.reply), std::string{to_string(o.how)}, p.implementers(o.request)});
  for (const auto& item : p.items()) v.items.push_back(view_of(p, *item));
  return v;
}

}  // namespace

std::string describe_as_json(const application& app) {
  application_view v;
  v.application = app.name;
  for (const auto& service : app.services) v.services.push_back(view_of(service));
  return to_json(v);
}

}  // namespace banyan::detail
