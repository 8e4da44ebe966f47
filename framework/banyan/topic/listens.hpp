// `listens<on_breaker_changed>{.topic = breakers_topic}`: a service is given the events of an in-process topic, which
// are not stored, while it runs.
//
//   task<result<done>> on_breaker_changed(context<>, const breaker_changed& e) {
//     if (e.why == breaker_event_kind::tripped) call_the_engineer(e);
//     co_return done{};
//   }
//
// Level at_most_once: an event is handled once or not at all. What was published before the node ran, or while it was
// down, is not delivered; an event whose handler answers an error, throws, or has not ended within `handle_within` is
// counted, logged, and not delivered again; of events that wait while the queue is full the oldest are dropped. For
// what must not be lost: publishes<...> and subscribes<...> (pub_sub/pub_sub.hpp).
//
// A listener handles one event at a time, in the order in which they were published. Each has a queue of its own, so a
// slow one delays neither the publishers nor other listeners; it is `degraded` in /readyz while it is behind. It hears
// what is published on its own node.
//
// The framework's own topics, whose names begin with "banyan.": changes of circuit breakers (breaker_changed.hpp).
// `listeners list` shows the listeners of a running node (listener_words.cpp).
#pragma once

#include <banyan/plan/plan.hpp>
#include <banyan/plan/required.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/topic/event_queue.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace banyan {

struct operator_words;

struct listener_spec {
  std::string topic;
  std::string listener;  // in metrics and lists: the service, and the name if it has one
  const message_type* event = nullptr;
  int queue = 256;                                    // events that wait
  timespan handle_within = std::chrono::seconds{30};  // one event, with all that its handler asks
  std::function<task<result<done>>(actor_host&, const service_scope&, const shared_event&)> handle;
};

result<void> install(const listener_spec& spec, assembly& a);
std::shared_ptr<operator_words> listener_words();

// Of events that are not stored: offered by the item of a plan that publishes them (plan_item::offers).
struct live_publication {
  std::string topic;
  const message_type* event = nullptr;
};
template <class Event, class Spec>
void publishes_live(const place<Spec>& by, const std::string& topic) {
  by.links_to("publishes", "topic " + topic)
      .offers(std::make_shared<live_publication>(live_publication{topic, type_of<Event>()}));
}

// The live publications of a topic, or of all topics ("").
struct live_publisher {
  std::string where;  // path of the item
  const live_publication* publication;
};
std::vector<live_publisher> live_publishers(const application& app, std::string_view topic = {});

// Reports listeners to topics that nobody publishes, that are stored, or that carry events of another type; topics
// with events of two types; malformed names.
void check_listeners(const application& app, std::vector<problem>& out);

namespace detail {
template <auto Handle>
task<result<done>> handle_live(actor_host& host, const service_scope& scope, const shared_event& e) {
  using signature = handler_signature<decltype(Handle)>;
  const auto keep = e;
  typename signature::context_type ctx{host, scope};
  co_return co_await Handle(std::move(ctx), *static_cast<const typename signature::message*>(keep.get()));
}
}  // namespace detail

template <auto Handle>
struct listens {
  using signature = detail::handler_signature<decltype(Handle)>;
  using asks = typename signature::context_type::apis;
  static_assert(std::is_same_v<typename signature::returned, task<result<done>>>,
                "a listener's handler returns task<result<done>>: done when it is handled, an error is counted and "
                "logged");
  required<"topic", std::string> topic;
  int queue = 256;
  timespan handle_within = std::chrono::seconds{30};
  std::string name = {};  // needed when a service has two listeners of one topic

  void contribute(plan& p) const {
    auto spec = p.add<listener_spec>("listens", name.empty() ? *topic : name, phase::background);
    spec->topic = *topic;
    spec->listener = name.empty() ? p.service() : p.service() + "." + name;
    spec->event = type_of<typename signature::message>();
    spec->queue = queue;
    spec->handle_within = handle_within;
    spec->handle = &detail::handle_live<Handle>;
    spec.option("queue", &listener_spec::queue, {.min = 1, .max = 100'000})
        .option("handle_within", &listener_spec::handle_within, {.min = 0.001, .max = 3600})
        .fact("event", std::string{short_name<typename signature::message>()})
        .fact("level", "at_most_once")
        .links_to("listens", "topic " + *topic)
        .offers(listener_words())
        .installed_by(&install);
    p.rule(&check_listeners);
  }
};

}  // namespace banyan
