#include <banyan/plan/plan.hpp>

#include <algorithm>

namespace banyan {

std::string_view to_string(phase p) {
  switch (p) {
    case phase::edge: return "edge";
    case phase::routing: return "routing";
    case phase::entity: return "entity";
    case phase::outbound: return "outbound";
    case phase::background: return "background";
    case phase::supervision: return "supervision";
  }
  return {};
}

plan_item::plan_item(std::string kind, std::string name, phase when, std::shared_ptr<void> spec, const message_type* type)
    : kind_{std::move(kind)}, name_{std::move(name)}, phase_{when}, spec_{std::move(spec)}, type_{type} {}
plan_item::plan_item(plan_item&&) noexcept = default;
plan_item::~plan_item() = default;

option& plan_item::add(option o) { return options_.emplace_back(std::move(o)); }
void plan_item::fact(std::string key, std::string value) { facts_.emplace_back(std::move(key), std::move(value)); }
void plan_item::links_to(std::string verb, std::string target) {
  arrows_.push_back({{std::move(verb), std::move(target)}, nullptr});
}
void plan_item::links_to(std::string verb, std::string prefix, const std::string& value) {
  arrows_.push_back({{std::move(verb), std::move(prefix)}, &value});
}
std::vector<plan_item::link> plan_item::links() const {
  std::vector<link> all;
  for (const auto& a : arrows_) all.push_back({a.to.verb, a.value ? a.to.target + *a.value : a.to.target});
  return all;
}
void plan_item::gives(plan_claim c) { given_.push_back(std::move(c)); }
void plan_item::needs(plan_claim c) { needed_.push_back(std::move(c)); }
void plan_item::offer(const message_type* type, std::shared_ptr<void> value) {
  offers_.emplace_back(type, std::move(value));
}
void plan_item::installed_by(std::function<result<void>(assembly&)> f) { install_ = std::move(f); }
void plan_item::read_by(std::string reader) { reader_ = std::move(reader); }
result<void> plan_item::install(assembly& into) const { return install_ ? install_(into) : result<void>{}; }

plan::plan(std::string service) : service_{std::move(service)} {}
plan::plan(const plan&) = default;
plan::plan(plan&&) noexcept = default;
plan& plan::operator=(const plan&) = default;
plan& plan::operator=(plan&&) noexcept = default;
plan::~plan() = default;

void plan::offers(operation o) { operations_.push_back(std::move(o)); }
void plan::implements(operation o, std::string by) { implementations_.push_back({std::move(o), std::move(by)}); }
void plan::rule(std::function<void(const plan&, std::vector<problem>&)> r) { rules_.push_back(std::move(r)); }
void plan::rule(application_rule r) { application_rules_.push_back(r); }
void plan::rule(engine_rule r) { engine_rules_.push_back(r); }
void plan::notes(application_notes n) { notes_.push_back(n); }

void plan::declared_by(std::function<plan()> declare) { declare_ = std::move(declare); }
std::optional<plan> plan::declare_again() const { return declare_ ? std::optional{declare_()} : std::nullopt; }

result<application> declare_again(const application& app) {
  application fresh{app.name, {}};
  for (const auto& service : app.services) {
    auto again = service.declare_again();
    if (!again)
      return error{code::unimplemented, "the plan of the service " + service.service() + " can not be declared again"};
    fresh.services.push_back(std::move(*again));
  }
  return fresh;
}

plan_item& plan::insert(plan_item item) {
  const auto comes_before = [](phase when, const auto& other) { return when < other->when(); };
  const auto place = std::upper_bound(items_.begin(), items_.end(), item.when(), comes_before);
  return **items_.insert(place, std::make_shared<plan_item>(std::move(item)));
}

std::vector<std::string> plan::implementers(const message_type* request) const {
  std::vector<std::string> names;
  for (const auto& i : implementations_)
    if (i.of.request == request) names.push_back(i.by);
  return names;
}

const operation* plan::find_operation(const message_type* request) const {
  for (const auto& o : operations_)
    if (o.request == request) return &o;
  for (const auto& i : implementations_)
    if (i.of.request == request) return &i.of;
  return nullptr;
}

}  // namespace banyan
