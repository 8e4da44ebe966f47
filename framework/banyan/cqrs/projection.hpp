// `projection<sales_by_month>{.of = "orders"}` and `query_side<sales_by_month>{.replicas = 2}`: a view (read model)
// built from events into tables of its own, and the queries that read it. Commands never use it; it can be deleted
// and rebuilt.
//
//   struct sales_by_month {
//     using events = std::variant<order_placed, order_cancelled>;  // the events it folds; others are skipped
//     using queries = std::variant<get_sales>;                     // the queries it answers; each has a `reply`
//     static void create(view_writer& v);                          // creates its tables
//     static void apply(view_writer& v, const events& e, const recorded_event& at);
//     static result<sales_report> answer(view_reader& v, const get_sales& q);
//   };
//
// A projection is a pure fold into its tables: it can not publish, call or write elsewhere, so a rebuild has no side
// effects. Rows and checkpoint are one transaction: every event is applied exactly once, also over crashes. An event
// that does not decode, or whose `apply` throws repeatedly, parks its stream until replay_parked
// (projection_actor.hpp); other streams go on.
#pragma once

#include <banyan/actor/message.hpp>
#include <banyan/assembly/operator_words.hpp>
#include <banyan/core/json.hpp>
#include <banyan/cqrs/view_store.hpp>
#include <banyan/journal/category.hpp>
#include <banyan/event_sourcing/erased_aggregate.hpp>
#include <banyan/plan/describe_operation.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/plan/required.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace banyan {

// The journals that a projection reads: one ("orders") or several.
class journals {
 public:
  journals(const char* one) : names_{one} {}
  journals(std::string one) : names_{std::move(one)} {}
  journals(std::initializer_list<std::string> several) : names_{several} {}
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

struct projection_spec {
  std::string view;                        // "sales_by_month"
  std::vector<std::string> of;             // journals
  std::vector<std::string> event_types;    // stored names of the events it folds
  int version = 1;                         // a new version builds tables of its own
  int batch = 1000;                        // events per transaction
  std::function<void(view_writer&)> create;
  // Returns an error when the event does not decode. Throws when it can not be applied, or not now (view_error of a
  // full disk, std::bad_alloc).
  std::function<result<done>(view_writer&, const recorded_event&)> apply;
};

struct query_spec {
  std::string view;
  int replicas = 2;                                        // reader threads
  timespan fresh_within = std::chrono::seconds{2};         // longest wait of a query for its position
  struct query {
    const message_type* request;
    std::string name;
    std::function<message_ptr(view_reader&, message&)> answer;   // returns a response or a failure
    std::function<void(view_reader&)> try_out = {};  // runs the query with an empty request and discards the answer
  };
  std::vector<query> queries;
};

result<void> install(const projection_spec& spec, assembly& a);
std::shared_ptr<operator_words> parked_words();  // of the command line: `parked list | replay`
result<void> install(const query_spec& spec, assembly& a);

// Finds invalid SQL at `check`, in an empty in-memory database: a projection whose tables can not be created, and a
// query with a statement that can not be prepared (an unknown column). Each query runs once with an empty request,
// whose result is ignored. Not checked: statements that such a run does not reach, and those of `apply`, which need
// data.
void check_views(const application& app, const ports& engines, std::vector<problem>& out);

template <class V>
concept folds_stored_events = requires { requires detail::all_stored<typename V::events>; };
template <class V>
concept folds_events_that_differ = requires { requires detail::all_told_apart<typename V::events>; };
template <class V>
concept answers_queries = requires { requires detail::all_have_reply<typename V::queries>; };
template <class V>
concept creates_its_tables = requires(view_writer& w) {
  { V::create(w) } -> std::same_as<void>;
};
template <class V>
concept applies_events = requires(view_writer& w, const typename V::events& e, const recorded_event& at) {
  { V::apply(w, e, at) } -> std::same_as<void>;
};
template <class V>
concept view = folds_stored_events<V> && folds_events_that_differ<V> && answers_queries<V> && creates_its_tables<V> && applies_events<V>;

namespace detail {

// The requirements of the concept as sentences: the first that is not met is the first error of the compiler.
template <class V>
struct view_rules {
  static_assert(folds_stored_events<V>,
                "a view needs `using events = std::variant<...>`; each event has a stored name: "
                "`static constexpr banyan::stored_as stored{\"orders.placed\", 1};`");
  static_assert(!folds_stored_events<V> || folds_events_that_differ<V>,
                "two events of a view have one `stored` name and version: give each its own");
  static_assert(answers_queries<V>,
                "a view needs `using queries = std::variant<...>`; each query names its reply: `using reply = ...`");
  static_assert(creates_its_tables<V>, "a view needs `static void create(view_writer&)`: declare it so");
  static_assert(!folds_stored_events<V> || applies_events<V>,
                "a view needs `static void apply(view_writer&, const events&, const recorded_event&)`: declare it so");
  static constexpr bool hold = view<V>;
};

// A struct per view and query: the compiler's error names both.
template <class V, class Q>
struct view_answers {
  static constexpr bool value = requires(view_reader& r, const Q& q) {
    { V::answer(r, q) } -> std::convertible_to<result<typename Q::reply>>;
  };
  static_assert(value,
                "a view needs `static result<reply> answer(view_reader&, const query&)` for each of its queries, "
                "with the query's own reply");
};
template <class V, class Queries>
inline constexpr bool answers_all = false;
template <class V, class... Qs>
inline constexpr bool answers_all<V, std::variant<Qs...>> = (view_answers<V, Qs>::value && ...);

}  // namespace detail

template <class V>
struct projection {
  static_assert(detail::view_rules<V>::hold);
  required<"of", journals> of;
  int version = 1;
  int batch = 1000;
  std::string name = {};

  void contribute(plan& p) const {
    auto spec = p.add<projection_spec>("projection", name.empty() ? std::string{short_name<V>()} : name, phase::background);
    spec->view = std::string{short_name<V>()};
    spec->of = of->names();
    spec->version = version;
    spec->batch = batch;
    spec->create = &V::create;
    for (auto& e : detail::event_codec<typename V::events>::names()) {
      spec->event_types.emplace_back(e.type);
      spec.fact("event", versioned(e));
    }
    spec->apply = [](view_writer& w, const recorded_event& e) -> result<done> {
      auto decoded = detail::event_codec<typename V::events>::decode(e);
      if (!decoded) return decoded.error();
      V::apply(w, *decoded, e);
      return done{};
    };
    p.rule([view = &*spec, where = p.service() + ".projection." + (name.empty() ? std::string{short_name<V>()} : name)](
               const plan&, std::vector<problem>& found) {
      for (auto& j : view->of)
        if (!is_journal_name(j)) found.push_back({where + ".of", "\"" + j + "\" is no name of a journal: it has no dash and is not empty"});
      if (!is_view_name(view->view))
        found.push_back({where, "a view's name is 1 to 100 letters, digits, _ and -; it is that of its struct, \"" + view->view +
                                    "\": derive a struct that is no template, or has a shorter name"});
      if (view->version < 1) found.push_back({where + ".version", "a view's version is 1 or more, not " + std::to_string(view->version)});
    });
    spec.option("batch", &projection_spec::batch, {.min = 1, .max = 100'000})
        .gives("view " + spec->view, "builds the view " + spec->view +
                                         ", as {} does: both would write to one store; keep one of them, or give the struct of the view another name")
        .offers(parked_words())
        .installed_by(&install);
    p.rule(&check_views);
    p.rule(&check_event_layouts);
    const auto named = name.empty() ? std::string{short_name<V>()} : name;
    spec.offers(std::make_shared<events_read>(
        events_read{"projection." + named, detail::event_codec<typename V::events>::layouts()}));
    for (auto& j : spec->of) spec.links_to("reads", "journal " + j);
  }
};

template <class V>
struct query_side {
  static_assert(detail::view_rules<V>::hold);
  static_assert(detail::answers_all<V, typename V::queries>);
  int replicas = 2;
  timespan fresh_within = std::chrono::seconds{2};
  std::string name = {};

  void contribute(plan& p) const {
    const auto named = name.empty() ? std::string{short_name<V>()} : name;
    auto spec = p.add<query_spec>("query_side", named, phase::routing);
    spec->view = std::string{short_name<V>()};
    spec->replicas = replicas;
    spec->fresh_within = fresh_within;
    spec.option("replicas", &query_spec::replicas, {.min = 1, .max = 64})
        .option("fresh_within", &query_spec::fresh_within, {.min = 0, .max = 60})
        .needs("view " + spec->view, "query_side<" + spec->view + "> has no projection<" + spec->view +
                                         ">, which fills its tables: add one, with the journal as its .of")
        .gives("queries of " + spec->view,
               "reads the view " + spec->view +
                   ", as {} does: only the readers of one would be there; keep one of them, or give the struct of the view another name")
        .installed_by(&install);
    p.rule(&check_views);
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, boost::mp11::mp_rename<typename V::queries, boost::mp11::mp_list>>>(
        [&]<class Q>(Q) {
          using query = typename Q::type;
          spec->queries.push_back({type_of<query>(), std::string{local_name<query>()}, [](view_reader& v, message& m) {
                                     result<typename query::reply> r = V::answer(v, m.as<query>());
                                     return detail::make_answer(0, std::move(r));
                                   }});
          if constexpr (std::default_initializable<query>)
            spec->queries.back().try_out = [](view_reader& v) { static_cast<void>(V::answer(v, query{})); };
          spec.fact("query", std::string{local_name<query>()});
          p.implements(describe_operation<query>(p.service(), idempotent::always), "query_side." + named);
        });
  }
};

}  // namespace banyan
