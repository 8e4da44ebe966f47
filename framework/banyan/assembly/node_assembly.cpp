#include <banyan/assembly/node_assembly.hpp>

#include <banyan/transport/remote_service.hpp>

#include <algorithm>
#include <atomic>

namespace banyan {

namespace {

error at_item(error e, const std::string& path) {
  e.message = path + ": " + e.message;
  return e;
}

std::vector<health_line> lines_of(const std::vector<assembly::health_source>& sources) {
  std::vector<health_line> lines;
  for (const auto& add : sources) add(lines);
  return lines;
}

}  // namespace

node_assembly::node_assembly(const application& app, actor_system& system, metrics_registry& metrics, node_base base)
    : app_{app}, system_{system}, metrics_{metrics}, base_{std::move(base)} {
  for (const auto* service : services()) {
    auto scope = std::make_unique<service_scope>();
    scope->service = service->service();
    scope->directory = &directory_;
    scope->own = std::make_shared<plain_link>(directory_, own_link_deadline);
    services_[service->service()].scope = std::move(scope);
  }
}

std::vector<const plan*> node_assembly::services() const {
  std::vector<const plan*> all;
  for (const auto& service : app_.services)
    if (base_.only.empty() || std::find(base_.only.begin(), base_.only.end(), service.service()) != base_.only.end()) all.push_back(&service);
  return all;
}

std::vector<const plan*> node_assembly::remote() const {
  std::vector<const plan*> all;
  const auto here = services();
  for (const auto& service : app_.services)
    if (std::find(here.begin(), here.end(), &service) == here.end() && base_.elsewhere.contains(service.service()))
      all.push_back(&service);
  return all;
}

result<void> node_assembly::install() {
  if (const auto others = remote(); !others.empty()) {
    const auto by = base_.engines.open<transport>();
    if (!by) return by.error();
    for (const auto* service : others) reach(*service, *by);
  }
  for (const auto* service : services())
    if (auto ok = install(*service); !ok) return ok;
  for (const auto& [path, then] : later_)
    if (auto ok = then(); !ok) return at_item(ok.error(), path);
  return {};
}

result<void> node_assembly::install(const plan& service) {
  for (const auto& item : service.items()) {
    assembly a{*this, service, *item};
    if (auto ok = item->install(a); !ok) return at_item(ok.error(), item_path(service, *item));
  }
  return {};
}

// Several equal actors, so that encoding one call does not delay another.
void node_assembly::reach(const plan& service, const std::shared_ptr<transport>& by) {
  constexpr int proxies = 2;
  auto& parts = services_[service.service()];
  std::vector<const operation*> operations;
  for (const auto& o : service.operations()) operations.push_back(&o);
  std::vector<part> all;
  for (int i = 0; i < proxies; ++i) {
    auto at = std::make_shared<actor_ref>();
    auto name = "remote." + service.service() + "." + std::to_string(i);
    parts.where.emplace(name, at);
    parts.serving.push_back(
        {.name = std::move(name),
         .make = [service = service.service(), operations, nodes = base_.elsewhere.at(service.service()), by] {
           return std::make_unique<remote_service>(service, operations, nodes, by);
         }});
    all.push_back(std::move(at));
  }
  const auto choose = round_robin(std::move(all));
  for (const auto* o : operations)
    parts.answers.emplace_back(
        o->request, directory::endpoint{.service = service.service(), .choose = choose, .of = o, .is_remote = true});
}

void node_assembly::connect(const std::string& service) {
  for (auto& [request, how] : of(service).answers) directory_.add(request, how);
}

std::vector<health_line> node_assembly::liveness() const { return lines_of(alive_); }
std::vector<health_line> node_assembly::readiness() const { return lines_of(ready_); }

const option_setter* node_assembly::setter_of(const std::string& item) const {
  const auto found = setters_.find(item);
  return found == setters_.end() ? nullptr : &found->second;
}

// --- assembly --------------------------------------------------------------------------------------------------------

const application& assembly::whole() const { return node_.app_; }

part assembly::add(part_spec p) {
  auto& parts = node_.of(service_.service());
  auto at = std::make_shared<actor_ref>();
  parts.where.emplace(p.name, at);
  auto& group = p.group == part_group::serving ? parts.serving : parts.background;
  group.push_back({.name = std::move(p.name), .make = std::move(p.make)});
  return at;
}

std::vector<part> assembly::add(const std::string& stem, int count, const std::function<actor_factory(int)>& make) {
  std::vector<part> all;
  for (int i = 0; i < count; ++i) all.push_back(add({.name = stem + "." + std::to_string(i), .make = make(i)}));
  return all;
}

void assembly::answers(const message_type* request, directory::endpoint how) {
  how.service = service_.service();
  how.of = service_.find_operation(request);
  node_.of(service_.service()).answers.emplace_back(request, std::move(how));
}

void assembly::asks(const std::string& service, std::shared_ptr<service_link> through) {
  node_.of(service_.service()).scope->links.insert_or_assign(service, std::move(through));
}
std::shared_ptr<const endpoint_set> assembly::nodes_of(const std::string& service) const {
  const auto others = node_.remote();
  const bool is_remote =
      std::any_of(others.begin(), others.end(), [&](const plan* p) { return p->service() == service; });
  return is_remote ? node_.base_.elsewhere.at(service) : nullptr;
}
const service_scope& assembly::scope() const { return *node_.of(service_.service()).scope; }
const ports& assembly::engines() const { return node_.base_.engines; }

void assembly::keep(const message_type* type, std::string_view key, std::shared_ptr<void> what) {
  node_.offers_.insert_or_assign({type, std::string{key}}, std::move(what));
}

std::shared_ptr<void> assembly::found(const message_type* type, std::string_view key) const {
  const auto offer = node_.offers_.find({type, std::string{key}});
  return offer == node_.offers_.end() ? nullptr : offer->second;
}

actor_system& assembly::system() const { return node_.system_; }
metrics_registry& assembly::metrics() const { return node_.metrics_; }
std::int64_t assembly::max_lag() const { return node_.base_.max_lag; }
const std::string& assembly::last_end() const { return node_.base_.last_end; }
void assembly::alive(health_source lines) { node_.alive_.push_back(std::move(lines)); }
void assembly::ready(health_source lines) { node_.ready_.push_back(std::move(lines)); }
void assembly::inspect(std::string name, std::function<std::string()> json) { node_.inspections_.insert_or_assign(std::move(name), std::move(json)); }
std::shared_ptr<const change_signal> assembly::changes() const { return node_.changes_; }
void assembly::takes_options(option_setter set) {
  node_.setters_.insert_or_assign(item_path(service_, item_), std::move(set));
}
void assembly::command(operator_command c) { node_.commands_.push_back(std::move(c)); }

void assembly::when_installed(std::function<result<void>()> then) {
  node_.later_.emplace_back(item_path(service_, item_), std::move(then));
}

std::function<address(message&)> round_robin(std::vector<part> among) {
  return [among = std::move(among), next = std::make_shared<std::atomic<std::size_t>>(0)](message&) {
    return among[next->fetch_add(1, std::memory_order_relaxed) % among.size()]->now();
  };
}

}  // namespace banyan
