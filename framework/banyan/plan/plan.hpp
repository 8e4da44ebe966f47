// The plan of a service: what was declared, as data. Patterns contribute to it, the runtime interprets it, and `describe`,
// `check`, the configuration and the dashboard read it. Nothing runs here.
//
// A pattern is a small aggregate of options with one member function:
//
//   struct nightly {
//     required<"job", std::string> job;
//     required<"run", job_function> run;
//     timespan every = 24h;
//     std::string name = {};
//
//     void contribute(plan& p) const {
//       auto spec = p.add<nightly_spec>("nightly", name.empty() ? *job : name, phase::background);   // a place in the plan
//       spec->job = *job;
//       spec->run = *run;
//       spec->every = every;
//       spec.option("every", &nightly_spec::every).installed_by(&install);                           // overridable by configuration
//       p.implements(describe_operation<get_nightly_runs>(p.service()), "nightly." + *job);
//     }
//   };
//
// The whole of it runs: samples/patterns/custom.cpp.
//
// A node installs every item with the function that it names (assembly/assembly.hpp), which adds its actors, operations, metrics and health
// lines. Contributions are ordered by phase, so the order in which patterns are listed never changes meaning.
#pragma once

#include <banyan/core/message_type.hpp>
#include <banyan/core/result.hpp>
#include <banyan/plan/operation.hpp>
#include <banyan/plan/option.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace banyan {

class assembly;  // assembly/assembly.hpp
class plan;
class ports;     // assembly/ports.hpp
struct application;

template <class P>
concept pattern = requires(const P p, plan& into) {
  { p.contribute(into) } -> std::same_as<void>;
};

enum class phase : std::uint8_t { edge, routing, entity, outbound, background, supervision };
std::string_view to_string(phase p);

// Something wrong with a plan or a configuration, in words for the person who can mend it.
struct problem {
  std::string where;     // "orders.event_sourced.order.snapshot_every", or "shop.toml:12: orders.ambassador"
  std::string sentence;  // what is wrong and what to do
};

// What a pattern gives to, or needs from, the other patterns of its service or application: "view sales_by_month".
struct plan_claim {
  enum class scope_type : std::uint8_t { service, application };
  std::string what;
  scope_type scope = scope_type::application;
  // Given: what is wrong when somebody else gives it too, with "{}" for the other's path; empty: any number may. Needed: what is wrong when
  // nobody gives it.
  std::string otherwise;
};

// One pattern instance in a plan.
class plan_item {
 public:
  plan_item(std::string kind, std::string name, phase when, std::shared_ptr<void> spec, const message_type* type)
      : kind_{std::move(kind)}, name_{std::move(name)}, phase_{when}, spec_{std::move(spec)}, type_{type} {}

  const std::string& kind() const { return kind_; }
  const std::string& name() const { return name_; }
  phase when() const { return phase_; }
  std::vector<option>& options() { return options_; }
  const std::vector<option>& options() const { return options_; }

  // Facts shown by describe that are no settings ("events: orders.placed, orders.cancelled").
  void fact(std::string key, std::string value) { facts_.emplace_back(std::move(key), std::move(value)); }
  const std::vector<std::pair<std::string, std::string>>& facts() const { return facts_; }
  // An arrow of the picture: "asks" payments, "publishes" topic orders.placed, "reads" journal orders.
  struct link {
    std::string verb, target;
  };
  void links_to(std::string verb, std::string target) {
    arrows_.push_back({{std::move(verb), std::move(target)}, nullptr});
  }
  // One that ends at a value of the spec, which a configuration may change: "writes", "journal ", spec->journal.
  void links_to(std::string verb, std::string prefix, const std::string& value) {
    arrows_.push_back({{std::move(verb), std::move(prefix)}, &value});
  }
  std::vector<link> links() const {
    std::vector<link> all;
    for (const auto& a : arrows_) all.push_back({a.to.verb, a.value ? a.to.target + *a.value : a.to.target});
    return all;
  }

  void gives(plan_claim c) { given_.push_back(std::move(c)); }
  void needs(plan_claim c) { needed_.push_back(std::move(c)); }
  const std::vector<plan_claim>& given() const { return given_; }
  const std::vector<plan_claim>& needed() const { return needed_; }

  // A value for whoever looks for its type (plan::offered), such as a tool that is not to know the pattern.
  template <class T>
  void offers(std::shared_ptr<T> value) {
    offers_.emplace_back(type_of<T>(), std::move(value));
  }
  const std::vector<std::pair<const message_type*, std::shared_ptr<void>>>& offers() const { return offers_; }

  void installed_by(std::function<result<void>(assembly&)> f) { install_ = std::move(f); }
  // An item that others read, with who does: "the edge". Nothing of its own runs.
  void read_by(std::string reader) { reader_ = std::move(reader); }
  bool is_run() const { return install_ || !reader_.empty(); }
  result<void> install(assembly& into) const { return install_ ? install_(into) : result<void>{}; }

  void* spec() const { return spec_.get(); }
  const message_type* type() const { return type_; }

 private:
  std::string kind_, name_;
  phase phase_;
  std::vector<option> options_;
  std::vector<std::pair<std::string, std::string>> facts_;
  struct arrow {
    link to;
    const std::string* value;  // what the target ends with; null: nothing more. It is in the spec
  };
  std::vector<arrow> arrows_;
  std::vector<plan_claim> given_, needed_;
  std::vector<std::pair<const message_type*, std::shared_ptr<void>>> offers_;
  std::function<result<void>(assembly&)> install_;
  std::string reader_;
  std::shared_ptr<void> spec_;
  const message_type* type_;
};

// A spec being filled in: the item and its typed content.
template <class Spec>
class place {
 public:
  place(plan_item& item, Spec& spec) : item_{item}, spec_{spec} {}
  Spec* operator->() const { return &spec_; }
  Spec& operator*() const { return spec_; }
  // A setting that must be named, or whose default is nobody's business: its origin is "code".
  template <class T>
  const place& option(std::string name, T& target, option_limits limits = {}) const {
    item_.options().emplace_back(std::move(name), target, limits);
    return *this;
  }
  // One that may be left alone: its origin is "default" while it has that value.
  template <class T>
  const place& option(std::string name, T& target, const std::type_identity_t<T>& by_default, option_limits limits = {}) const {
    option(std::move(name), target, std::move(limits));
    if (target == by_default) item_.options().back().from("default");
    return *this;
  }
  // The same for a member of the spec, which knows its default.
  template <class T>
  const place& option(std::string name, T Spec::*member, option_limits limits = {}) const {
    return option(std::move(name), spec_.*member, Spec{}.*member, std::move(limits));
  }
  const place& fact(std::string key, std::string value) const {
    item_.fact(std::move(key), std::move(value));
    return *this;
  }
  const place& links_to(std::string verb, std::string target) const {
    item_.links_to(std::move(verb), std::move(target));
    return *this;
  }
  const place& gives(std::string what, std::string when_given_twice, plan_claim::scope_type scope = plan_claim::scope_type::application) const {
    item_.gives({std::move(what), scope, std::move(when_given_twice)});
    return *this;
  }
  const place& needs(std::string what, std::string when_missing, plan_claim::scope_type scope = plan_claim::scope_type::application) const {
    item_.needs({std::move(what), scope, std::move(when_missing)});
    return *this;
  }
  template <class T>
  const place& offers(std::shared_ptr<T> value) const {
    item_.offers(std::move(value));
    return *this;
  }
  // What a node calls to run this item. An item that nobody installs, and that nobody is said to read, is a problem of `check`.
  const place& installed_by(result<void> (*install)(const Spec&, assembly&)) const {
    item_.installed_by([install, spec = &spec_](assembly& a) { return install(*spec, a); });
    return *this;
  }
  const place& read_by(std::string reader) const {
    item_.read_by(std::move(reader));
    return *this;
  }
  // `value` is a member of the spec.
  const place& links_to(std::string verb, std::string prefix, const std::string& value) const {
    item_.links_to(std::move(verb), std::move(prefix), value);
    return *this;
  }

 private:
  plan_item& item_;
  Spec& spec_;
};

// Made by `service<Api>(...)` (service.hpp). A copy shares its items, so that plans travel in braced lists; describe the service
// again to get a plan of its own.
class plan {
 public:
  explicit plan(std::string service) : service_{std::move(service)} {}

  const std::string& service() const { return service_; }

  template <class Spec>
  place<Spec> add(std::string kind, std::string name, phase when) {
    auto spec = std::make_shared<Spec>();
    auto& content = *spec;
    return {insert(plan_item{std::move(kind), std::move(name), when, std::move(spec), type_of<Spec>()}), content};
  }

  // Every spec of a type, with its item, in phase order.
  template <class Spec>
  std::vector<std::pair<const plan_item*, Spec*>> all() const {
    std::vector<std::pair<const plan_item*, Spec*>> found;
    for (auto& item : items_)
      if (item->type() == type_of<Spec>()) found.emplace_back(item.get(), static_cast<Spec*>(item->spec()));
    return found;
  }

  // What items offer of a type, in phase order.
  template <class T>
  std::vector<const T*> offered() const {
    std::vector<const T*> found;
    for (auto& item : items_)
      for (auto& [type, value] : item->offers())
        if (type == type_of<T>()) found.push_back(static_cast<const T*>(value.get()));
    return found;
  }

  const std::vector<std::shared_ptr<plan_item>>& items() const { return items_; }   // in phase order

  // What the service's API offers, and who implements each operation.
  void offers(operation o) { operations_.push_back(std::move(o)); }
  void implements(operation o, std::string by) { implementations_.push_back({std::move(o), std::move(by)}); }
  const std::vector<operation>& operations() const { return operations_; }
  // By request type, offered by the API or answered for the service's own use; null: neither.
  const operation* find_operation(const message_type* request) const;
  std::vector<std::string> implementers(const message_type* request) const;   // "event_sourced.order"; a sound plan has one
  struct implementation {
    operation of;
    std::string by;  // "event_sourced.order"
  };
  const std::vector<implementation>& implementations() const { return implementations_; }

  // A rule of a pattern that holds only once the whole plan is known: adds to the problems.
  void rule(std::function<void(const plan&, std::vector<problem>&)> r) { rules_.push_back(std::move(r)); }

  // The same over the whole application; a rule that several patterns add is asked once. `with_engines`: it tries something out, in engines that
  // the caller provides (in memory).
  using application_rule = void (*)(const application&, std::vector<problem>&);
  using engine_rule = void (*)(const application&, const ports& engines, std::vector<problem>&);
  using application_notes = void (*)(const application&, std::vector<std::string>&);
  void rule(application_rule r) { application_rules_.push_back(r); }
  void rule(engine_rule r) { engine_rules_.push_back(r); }
  // What a user should know of a plan that is sound.
  void notes(application_notes n) { notes_.push_back(n); }
  const std::vector<application_rule>& application_rules() const { return application_rules_; }
  const std::vector<engine_rule>& engine_rules() const { return engine_rules_; }
  const std::vector<application_notes>& notes() const { return notes_; }

  // Everything wrong with this plan alone: duplicate and unusable names, values out of their limits, operations that nobody or more
  // than one answers, the patterns' own rules.
  std::vector<problem> check() const;

 private:
  plan_item& insert(plan_item item);
  std::string service_;
  std::vector<std::shared_ptr<plan_item>> items_;
  std::vector<operation> operations_;
  std::vector<implementation> implementations_;
  std::vector<std::function<void(const plan&, std::vector<problem>&)>> rules_;
  std::vector<application_rule> application_rules_;
  std::vector<engine_rule> engine_rules_;
  std::vector<application_notes> notes_;
};

// Several services that run as one system: what `banyan::run` is given.
struct application {
  std::string name;
  std::vector<plan> services;
};

// All problems of all plans, and those between them: two services of one name, a request that two of them answer, a
// link to a service that is not here, a topic that nobody publishes, a journal with two writers or with none, services
// that ask each other in a ring, a pattern that nothing runs or that misses another one, and the patterns' own rules.
std::vector<problem> check(const application& app);
// What the patterns' rules find that try something out: SQL that does not run.
std::vector<problem> check(const application& app, const ports& engines);
// What should be known before it runs, a sentence each.
std::vector<std::string> notes(const application& app);

// The path of an option is "<service>.<kind>.<name>.<option>" ("orders.event_sourced.order.snapshot_every"); the kind may be left
// out where what remains fits one option only ("orders.order.snapshot_every").
std::string item_path(const plan& p, const plan_item& item);  // "orders.event_sourced.order"
std::string option_path(const plan& p, const plan_item& item, const option& o);
option* find_option(application& app, std::string_view path);                        // nullptr: none, or more than one
std::vector<option*> find_options(const application& app, std::string_view path);    // every option that the path may mean
std::string nearest_option(const application& app, std::string_view path);           // what was perhaps meant; empty when nothing is close

enum class describe_form : std::uint8_t { text, json, dot };
// For people; for programs (described structs, see describe_json.cpp); for `dot -Tsvg` (Graphviz).
std::string describe(const application& app, describe_form form);

}  // namespace banyan
