// The plan of a service: its declaration as data. Patterns contribute to it; the runtime, `describe`, `check`, the
// configuration and the operations port read it. Nothing runs here.
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
//       auto spec = p.add<nightly_spec>("nightly", name.empty() ? *job : name, phase::background);  // its place
//       spec->job = *job;
//       spec->run = *run;
//       spec->every = every;
//       spec.option("every", &nightly_spec::every).installed_by(&install);  // overridable by configuration
//       p.implements(describe_operation<get_nightly_runs>(p.service()), "nightly." + *job);
//     }
//   };
//
// The complete program: samples/patterns/custom.cpp.
//
// A node installs every item by the function that it names (assembly/assembly.hpp), which adds actors, operations,
// metrics and health lines. Items are ordered by phase, so the order in which patterns are listed has no meaning.
#pragma once

#include <banyan/core/message_type.hpp>
#include <banyan/core/result.hpp>
#include <banyan/plan/operation.hpp>
#include <banyan/plan/option.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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

// A mistake in a plan or a configuration, with the remedy.
struct problem {
  std::string where;     // "orders.event_sourced.order.snapshot_every", or "shop.toml:12: orders.ambassador"
  std::string sentence;  // what is wrong and what to do
};

// Something that a pattern gives to, or needs from, the other patterns of its service or application: "view
// sales_by_month".
struct plan_claim {
  enum class scope_type : std::uint8_t { service, application };
  std::string what;
  scope_type scope = scope_type::application;
  // The sentence of the problem. Given: for a second giver, with "{}" for the path of the other one; empty: several
  // are allowed. Needed: when nobody gives it.
  std::string otherwise;
};

// A pattern instance in a plan.
class plan_item {
 public:
  plan_item(std::string kind, std::string name, phase when, std::shared_ptr<void> spec, const message_type* type);
  // Out of line, as all of this class that every service's source would else compile anew.
  plan_item(plan_item&&) noexcept;
  ~plan_item();

  const std::string& kind() const { return kind_; }
  const std::string& name() const { return name_; }
  phase when() const { return phase_; }
  std::vector<option>& options() { return options_; }
  option& add(option o);
  const std::vector<option>& options() const { return options_; }

  // A fact shown by describe that is no setting ("events: orders.placed, orders.cancelled").
  void fact(std::string key, std::string value);
  const std::vector<std::pair<std::string, std::string>>& facts() const { return facts_; }
  // An arrow of the diagram: "asks" payments, "publishes" topic orders.placed, "reads" journal orders.
  struct link {
    std::string verb, target;
  };
  void links_to(std::string verb, std::string target);
  // An arrow whose target ends with a value of the spec that a configuration may change: "writes", "journal ",
  // spec->journal.
  void links_to(std::string verb, std::string prefix, const std::string& value);
  std::vector<link> links() const;

  void gives(plan_claim c);
  void needs(plan_claim c);
  const std::vector<plan_claim>& given() const { return given_; }
  const std::vector<plan_claim>& needed() const { return needed_; }

  // Offers a value by type (plan::offered), for tools that do not know the pattern.
  template <class T>
  void offers(std::shared_ptr<T> value) {
    offer(type_of<T>(), std::move(value));
  }
  const std::vector<std::pair<const message_type*, std::shared_ptr<void>>>& offers() const { return offers_; }

  void installed_by(std::function<result<void>(assembly&)> f);
  // Marks an item that only others read, and by whom: "the edge". It is not installed.
  void read_by(std::string reader);
  bool is_run() const { return install_ || !reader_.empty(); }
  result<void> install(assembly& into) const;

  void* spec() const { return spec_.get(); }
  const message_type* type() const { return type_; }

 private:
  void offer(const message_type* type, std::shared_ptr<void> value);
  std::string kind_, name_;
  phase phase_;
  std::vector<option> options_;
  std::vector<std::pair<std::string, std::string>> facts_;
  struct arrow {
    link to;
    const std::string* value;  // end of the target, a member of the spec; null: none
  };
  std::vector<arrow> arrows_;
  std::vector<plan_claim> given_, needed_;
  std::vector<std::pair<const message_type*, std::shared_ptr<void>>> offers_;
  std::function<result<void>(assembly&)> install_;
  std::string reader_;
  std::shared_ptr<void> spec_;
  const message_type* type_;
};

// A spec being filled in: the plan item and its typed content.
template <class Spec>
class place {
 public:
  place(plan_item& item, Spec& spec) : item_{item}, spec_{spec} {}
  Spec* operator->() const { return &spec_; }
  Spec& operator*() const { return spec_; }
  // A setting without a known default: its origin is "code".
  template <class T>
  const place& option(std::string name, T& target, option_limits limits = {}) const {
    item_.add({std::move(name), target, std::move(limits)});
    return *this;
  }
  // A setting with a default: its origin is "default" while it has that value.
  template <class T>
  const place& option(std::string name, T& target, const std::type_identity_t<T>& by_default, option_limits limits = {}) const {
    option(std::move(name), target, std::move(limits));
    if (target == by_default) item_.options().back().from("default");
    return *this;
  }
  // The same for a member of the spec, whose initialiser is the default.
  template <class T>
  const place& option(std::string name, T Spec::*member, option_limits limits = {}) const {
    return option(std::move(name), spec_.*member, Spec{}.*member, std::move(limits));
  }
  // Marks the setting that was added last: it may change while the node runs, see assembly::takes_options.
  const place& dynamic() const {
    item_.options().back().make_dynamic();
    return *this;
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
  // The function by which a node runs this item. An item without one, and without read_by, is a problem of `check`.
  const place& installed_by(result<void> (*install)(const Spec&, assembly&)) const {
    item_.installed_by([install, spec = &spec_](assembly& a) { return install(*spec, a); });
    return *this;
  }
  const place& read_by(std::string reader) const {
    item_.read_by(std::move(reader));
    return *this;
  }
  // `value` must be a member of the spec.
  const place& links_to(std::string verb, std::string prefix, const std::string& value) const {
    item_.links_to(std::move(verb), std::move(prefix), value);
    return *this;
  }

 private:
  plan_item& item_;
  Spec& spec_;
};

// Made by `service<Api>(...)` (service.hpp). Copies share their items, so that plans can be passed in braced lists;
// declare_again() makes an independent plan.
class plan {
 public:
  explicit plan(std::string service);
  plan(const plan&);
  plan(plan&&) noexcept;
  plan& operator=(const plan&);
  plan& operator=(plan&&) noexcept;
  ~plan();

  const std::string& service() const { return service_; }

  template <class Spec>
  place<Spec> add(std::string kind, std::string name, phase when) {
    auto spec = std::make_shared<Spec>();
    auto& content = *spec;
    return {insert(plan_item{std::move(kind), std::move(name), when, std::move(spec), type_of<Spec>()}), content};
  }

  // All specs of a type, with their items, in phase order.
  template <class Spec>
  std::vector<std::pair<const plan_item*, Spec*>> all() const {
    std::vector<std::pair<const plan_item*, Spec*>> found;
    for (auto& item : items_)
      if (item->type() == type_of<Spec>()) found.emplace_back(item.get(), static_cast<Spec*>(item->spec()));
    return found;
  }

  // The values of a type that items offer, in phase order.
  template <class T>
  std::vector<const T*> offered() const {
    std::vector<const T*> found;
    for (auto& item : items_)
      for (auto& [type, value] : item->offers())
        if (type == type_of<T>()) found.push_back(static_cast<const T*>(value.get()));
    return found;
  }

  const std::vector<std::shared_ptr<plan_item>>& items() const { return items_; }   // in phase order

  // The operations offered by the service's API, and who implements each.
  void offers(operation o);
  void implements(operation o, std::string by);
  const std::vector<operation>& operations() const { return operations_; }
  // By request type: an operation of the API, or one for the service's own use; null: neither.
  const operation* find_operation(const message_type* request) const;
  // "event_sourced.order"; a valid plan has exactly one.
  std::vector<std::string> implementers(const message_type* request) const;
  struct implementation {
    operation of;
    std::string by;  // "event_sourced.order"
  };
  const std::vector<implementation>& implementations() const { return implementations_; }

  // A pattern's rule over the whole plan, which adds problems.
  void rule(std::function<void(const plan&, std::vector<problem>&)> r);

  // A rule over the whole application; one that several patterns add runs once. `with_engines`: runs code in engines
  // provided by the caller (in memory).
  using application_rule = void (*)(const application&, std::vector<problem>&);
  using engine_rule = void (*)(const application&, const ports& engines, std::vector<problem>&);
  using application_notes = void (*)(const application&, std::vector<std::string>&);
  void rule(application_rule r);
  void rule(engine_rule r);
  // Remarks on a valid plan, for the user.
  void notes(application_notes n);
  const std::vector<application_rule>& application_rules() const { return application_rules_; }
  const std::vector<engine_rule>& engine_rules() const { return engine_rules_; }
  const std::vector<application_notes>& notes() const { return notes_; }

  // Declares the service again: an independent plan with the values in code, so that setting its options leaves this
  // one as it is. Empty when the plan was not made by `service<Api>(...)`, or has a pattern that can not be copied.
  std::optional<plan> declare_again() const;
  void declared_by(std::function<plan()> declare);

  // All problems of this plan alone: duplicate and invalid names, values out of range, operations without or with
  // several implementers, the patterns' rules.
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
  std::function<plan()> declare_;
};

// Several services that run as one system: the argument of `banyan::run`.
struct application {
  std::string name;
  std::vector<plan> services;
};

// The application with all its plans declared again. Errors: unimplemented, with the service whose plan can not be.
result<application> declare_again(const application& app);

// All problems of all plans, and those between them: services of one name, a request that two services answer, a
// link to an unknown service, a topic without a publisher, a journal without a writer or with two, cyclic calls
// between services, a pattern that nothing runs or that misses another one, and the patterns' rules.
std::vector<problem> check(const application& app);
// The problems found by rules that run code, such as SQL statements that can not be prepared.
std::vector<problem> check(const application& app, const ports& engines);
// Remarks on a valid application, one sentence each.
std::vector<std::string> notes(const application& app);

// The path of an option is "<service>.<kind>.<name>.<option>" ("orders.event_sourced.order.snapshot_every"); the
// kind may be omitted where the rest is unambiguous ("orders.order.snapshot_every").
std::string item_path(const plan& p, const plan_item& item);  // "orders.event_sourced.order"
std::string option_path(const plan& p, const plan_item& item, const option& o);
option* find_option(application& app, std::string_view path);                        // nullptr: none or several
// All options that the path may mean.
std::vector<option*> find_options(const application& app, std::string_view path);
// Suggestion for a mistyped path; empty: none is close.
std::string nearest_option(const application& app, std::string_view path);

enum class describe_form : std::uint8_t { text, json, dot };
// text: for people; json: for programs (see describe_json.cpp); dot: for `dot -Tsvg` (Graphviz).
std::string describe(const application& app, describe_form form);

}  // namespace banyan
