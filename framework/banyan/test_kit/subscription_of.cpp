#include <banyan/test_kit/subscription_of.hpp>

#include <banyan/actor/control.hpp>
#include <banyan/engines/sqlite/delivery_store.hpp>
#include <banyan/pub_sub/subscription.hpp>

#include <stdexcept>

namespace banyan::test_kit::detail {

namespace {

// Remembers how the attempt ends. A handler that is not over in time is destroyed, so the entry is made before it
// begins.
task<result<done>> remembered(const subscription_spec& spec, actor_host& host, const service_scope& scope,
                              const recorded_event& e, std::vector<delivery_attempt>& attempts, monotonic& began) {
  if (attempts.empty()) began = host.steady();
  const auto number = attempts.size();
  const error late{code::deadline_exceeded, "not handled within " + to_string(spec.handle_within)};
  attempts.push_back({e.position, timespan{host.steady() - began}, late});
  std::exception_ptr thrown;
  try {
    auto answer = co_await spec.handle(host, scope, e);
    attempts[number].why = answer ? std::nullopt : std::optional{answer.error()};
    co_return answer;
  } catch (const result_error& received) {
    attempts[number].why = received.get();
    thrown = std::current_exception();
  } catch (...) {
    thrown = std::current_exception();
    attempts[number].why = error{code::internal, banyan::detail::what_was_thrown(thrown)};
  }
  std::rethrow_exception(thrown);
}

// A store of a group that has begun already.
std::unique_ptr<delivery_store> store_of(const subscription_spec& spec, const journal_info& journal) {
  auto store = open_memory_delivery_store({spec.topic, spec.group}).value();
  store->open({journal.history, journal.head}, [](result<delivery_store::state> r) { static_cast<void>(r.value()); });
  store->commit({.checkpoint = 0, .began = 0},
                [](result<delivery_store::committed> r) { static_cast<void>(r.value()); });
  return store;
}

template <class T, class Start>
T done_by(handler_node& node, Start start) {
  std::optional<result<T>> answer;
  start([&](result<T> r) { answer = std::move(r); });
  node.run_until([&] { return answer.has_value(); }, std::chrono::minutes{1});
  return std::move(*answer).value();
}

}  // namespace

delivery_run run_subscription(handler_node& node, const subscription_spec& spec,
                              const std::vector<event_of_test>& given, timespan limit) {
  append_request appended;
  appended.writes.push_back({"stream-1", expected::any(), {}});
  for (const auto& e : given) {
    new_event n;
    n.id = derive(uuid_from_name("test_kit", "event"), appended.writes[0].events.size(), "event");
    n.type = spec.event_type;
    n.schema = e.schema;
    n.payload = e.payload;
    appended.writes[0].events.push_back(std::move(n));
  }
  done_by<append_result>(node, [&](auto done) { node.journal().append(std::move(appended), std::move(done)); });
  const auto info = done_by<journal_info>(node, [&](auto done) { node.journal().info(std::move(done)); });

  // What the actor refers to.
  struct state {
    subscription_spec spec;
    std::unique_ptr<delivery_store> store;
    std::shared_ptr<subscription_progress> progress = std::make_shared<subscription_progress>();
    std::shared_ptr<quarantine_lane> lane = std::make_shared<quarantine_lane>();
    std::vector<delivery_attempt> attempts = {};
    monotonic began{};
  };
  const auto s = std::make_shared<state>(state{spec, store_of(spec, info)});
  node.keep(s);
  s->spec.handle = [&spec, to = s.get()](actor_host& host, const service_scope& scope, const recorded_event& e) {
    return remembered(spec, host, scope, e, to->attempts, to->began);
  };
  node.begin();
  const auto start = node.now();
  node.system().spawn(
      [to = s.get(), &scope = node.scope(), &events = node.journal()] {
        return std::make_unique<subscription>(to->spec, scope, events, *to->store, to->progress, to->lane);
      },
      {.name = handler_name});
  const auto is_over = [&] { return s->progress->checkpoint >= info.head; };
  node.run_until(is_over, limit);
  node.check();
  delivery_run run{.attempts = s->attempts, .is_over = is_over(), .took = timespan{node.now() - start}};
  for (position at = 1; at <= info.head; ++at)
    s->store->find(at, [&](result<std::vector<dead_letter>> r) {
      for (auto& letter : r.value()) run.dead_letters.push_back(std::move(letter));
    });
  return run;
}

const subscription_spec& subscription_in(const plan& service, handle_function handler) {
  for (const auto& [item, spec] : service.all<subscription_spec>()) {
    const auto* its = spec->handle.target<handle_function>();
    if (its && *its == handler) return *spec;
  }
  throw std::invalid_argument{
      "the plan of " + service.service() +
      " has no subscribes<...>{} with this handler: pass the plan of the service whose subscription is tested"};
}

std::string to_string(const delivery_run& r) {
  std::string text = !r.is_over ? "tried further" : r.dead_letters.empty() ? "handled" : "a dead letter";
  text += " after " + std::to_string(r.attempts.size()) + (r.attempts.size() == 1 ? " attempt" : " attempts");
  for (const auto& a : r.attempts)
    text += "\n  event " + std::to_string(a.event) + " after " + to_string(a.at) + ": " +
            (a.why ? to_string(*a.why) : "handled");
  for (const auto& d : r.dead_letters)
    text += "\n  dead letter of event " + std::to_string(d.position) + ": " + d.reason;
  return text;
}

}  // namespace banyan::test_kit::detail
