// Plans that compile and are wrong: what `check` says of each is in README.md.
//
//   wrong_plans two_answers check       one plan, and the arguments of the program that has it
//   wrong_plans none check              without mistake
#include "example.hpp"

#include <banyan/ambassador/breaker_changed.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/cqrs/view_store_rows.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/runtime/run.hpp>
#include <banyan/topic/listens.hpp>

#include <iostream>
#include <map>

namespace compile_fail {

decision<account> account::decide(const state&, const command&, const decision_context&) {
  return accept<account>({account_opened{}}, opened{});
}
void account::evolve(state& s, const event&) { s.open = true; }

}  // namespace compile_fail

namespace {

using namespace compile_fail;

struct account_closed {
  static constexpr stored_as stored{"accounts.closed", 1};
};
BOOST_DESCRIBE_STRUCT(account_closed, (), ())

struct count {
  std::int64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(count, (), (value))
struct get_count {
  using reply = count;
};
BOOST_DESCRIBE_STRUCT(get_count, (), ())

template <class Event>
struct counted {
  using events = std::variant<Event>;
  using queries = std::variant<get_count>;
  static void create(view_writer& v) { v.run("CREATE TABLE counted (n INTEGER NOT NULL)"); }
  static void apply(view_writer&, const events&, const recorded_event&) {}
  static result<count> answer(view_reader&, const get_count&) { return count{}; }
};
struct open_accounts : counted<account_opened> {};
struct closed_accounts : counted<account_closed> {};
struct mistyped_accounts : counted<account_opened> {
  static void create(view_writer& v) { v.run("CREAT TABLE counted (n INTEGER NOT NULL)"); }
};

result<opened> open_at_once(context<>, const open_account&) { return opened{}; }
result<charged> charge_card(context<>, const charge&) { return charged{}; }
task<result<done>> when_opened(context<>, const account_opened&) { co_return done{}; }
task<result<done>> when_closed(context<>, const account_closed&) { co_return done{}; }
task<result<done>> when_tripped(context<>, const breaker_changed&) { co_return done{}; }

// The services without their mistakes, and what is added to them.
template <class... Ps>
plan accounts(const Ps&... more) {
  return service<accounts_api>(event_sourced<account>{.journal = "accounts"}, sharded<account>{.entity = account_of},
                               more...);
}
template <class... Ps>
plan payments(const Ps&... more) {
  return service<payments_api>(handles<charge_card>{}, more...);
}
template <class... Ps>
application bank(const Ps&... more) {
  return {"bank", {accounts(publishes<account_opened>{.topic = "accounts.opened"}, more...), payments()}};
}
// An API outside the application.
template <class... Cs>
http_upstream upstream(Cs... calls) {
  return {.to = "http://127.0.0.1:8090", .calls = {std::move(calls)...}};
}
application with_link(const ambassador<accounts_api>& link) { return {"bank", {payments(link)}}; }
http_routes one(route_spec r) { return {.routes = std::vector{std::move(r)}}; }

using made = application (*)();
const std::map<std::string_view, made>& plans() {
  static const std::map<std::string_view, made> all{
      {"none", [] { return bank(ambassador<payments_api>{}, one(command<open_account>("PUT /accounts/{id}"))); }},
      {"two_answers", [] { return bank(handles<open_at_once>{}); }},
      {"operation_of_nobody",
       [] {
         return application{"bank", {service<accounts_api>(), payments()}};
       }},
      {"event_sourced_alone",
       [] {
         return application{"bank", {service<accounts_api>(event_sourced<account>{.journal = "accounts"})}};
       }},
      {"service_of_nobody",
       [] {
         return application{"bank", {accounts(ambassador<payments_api>{})}};
       }},
      {"services_in_a_ring",
       [] {
         return application{"bank", {accounts(ambassador<payments_api>{}), payments(ambassador<accounts_api>{})}};
       }},
      {"upstream_without_call", [] { return with_link({.over = upstream()}); }},
      {"upstream_of_no_url",
       [] {
         return with_link({.over = http_upstream{.to = "acquirer", .calls = {call<open_account>("POST /accounts")}}});
       }},
      {"upstream_capture_of_no_member",
       [] { return with_link({.over = upstream(call<open_account>("PUT /accounts/{number}"))}); }},
      {"breaker_that_never_trips",
       [] { return bank(ambassador<payments_api>{.breaker = circuit_breaker{.calls = 10, .min_calls = 20}}); }},
      {"adaptive_limit_of_nothing", [] { return bank(ambassador<payments_api>{.adapt = adaptive_limit_options{}}); }},
      {"backoff_beyond_its_limit",
       [] { return bank(ambassador<payments_api>{.retry = retry_options{.backoff = 2s, .backoff_max = 1s}}); }},
      {"journal_of_nobody", [] { return bank(projection<open_accounts>{.of = "acounts"}); }},
      {"journal_with_a_dash",
       [] {
         return application{"bank", {service<accounts_api>(event_sourced<account>{.journal = "accounts-eu"},
                                                           sharded<account>{.entity = account_of})}};
       }},
      {"event_of_another_journal", [] { return bank(projection<closed_accounts>{.of = "accounts"}); }},
      {"queries_of_no_projection", [] { return bank(query_side<open_accounts>{}); }},
      {"tables_of_wrong_sql", [] { return bank(projection<mistyped_accounts>{.of = "accounts"}); }},
      {"topic_of_nobody", [] { return bank(subscribes<when_opened>{.topic = "accounts.opend", .from = from_now}); }},
      {"subscription_to_another_event",
       [] { return bank(subscribes<when_closed>{.topic = "accounts.opened", .from = from_now}); }},
      {"listener_without_breaker",
       [] { return bank(ambassador<payments_api>{}, listens<when_tripped>{.topic = breakers_topic}); }},
      {"listener_to_stored_events", [] { return bank(listens<when_opened>{.topic = "accounts.opened"}); }},
      {"published_event_of_nobody", [] { return bank(publishes<account_closed>{.topic = "accounts.closed"}); }},
      {"capture_of_no_member", [] { return bank(one(command<open_account>("PUT /accounts/{number}"))); }},
      {"route_of_nobody", [] { return bank(one(query<get_count>("GET /count"))); }},
      {"one_name_twice",
       [] {
         return bank(http_routes{
             .routes = std::vector{command<open_account>("PUT /a/{id}"), command<open_account>("POST /a")}});
       }},
  };
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  const auto found = argc > 1 ? plans().find(argv[1]) : plans().end();
  if (found == plans().end()) {
    std::cerr << "wrong_plans PLAN ARGUMENTS...; the plans are";
    for (const auto& [name, make] : plans()) std::cerr << ' ' << name;
    std::cerr << '\n';
    return 2;
  }
  argv[1] = argv[0];
  return run(argc - 1, argv + 1, found->second());
}
