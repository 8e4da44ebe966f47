// The actor of one listener, and what an operator can ask about all of a node.
#include <banyan/actor/system.hpp>
#include <banyan/assembly/assembly.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/topic/listener.hpp>
#include <banyan/topic/topic.hpp>

#include <boost/json.hpp>

namespace banyan {

namespace {

struct listeners_of_node {
  std::vector<std::shared_ptr<const running_listener>> all;
};

boost::json::object line_of(const running_listener& l) {
  const auto now = l.queue.count();
  return {{"topic", l.spec.topic},        {"listener", l.spec.listener},
          {"waiting", now.waiting},       {"queue", l.queue.capacity()},
          {"handled", l.handled.value()}, {"failed", l.failed.value() + l.threw.value() + l.late.value()},
          {"dropped", now.dropped},       {"stalled", now.is_stalled}};
}

std::shared_ptr<listeners_of_node> listeners_of(assembly& a) {
  return a.shared<listeners_of_node>([&] {
    auto made = std::make_shared<listeners_of_node>();
    a.command({.method = "GET", .path = "/listeners", .run = [made](const operator_request&, auto answer) {
                 boost::json::array lines;
                 for (const auto& l : made->all) lines.push_back(line_of(*l));
                 answer(boost::json::serialize(boost::json::object{{"listeners", std::move(lines)}}));
               }});
    return made;
  });
}

// Once for each time that it falls behind, and not too often.
void log_stalled(running_listener& l, const std::string& service, monotonic now) {
  const logger log{service};
  if (const auto held_back = l.log_lines.admit("stalled", now))
    log.warning("a listener is behind, its oldest events are dropped", {{"topic", l.spec.topic},
                                                                        {"listener", l.spec.listener},
                                                                        {"queue", l.queue.capacity()},
                                                                        {"dropped", l.queue.count().dropped},
                                                                        {"held_back", *held_back}});
}

}  // namespace

result<void> install(const listener_spec& spec, assembly& a) {
  auto channel = open_topic(a, spec.topic, spec.event);
  if (!channel) return channel.error();
  const auto l = std::make_shared<running_listener>(spec, a.metrics());
  a.add({.name = "listens." + a.item().name(),
         .make = [l, &scope = a.scope()] { return std::make_unique<listener>(l, scope); },
         .group = part_group::background});
  // Not `l` itself: the queue would keep what keeps the queue, which is a member beside the reader.
  l->queue.call({.wake = [reader = &l->reader] { deliver(reader->now(), make_message<listener::events_wait>()); },
                 .stalled =
                     [of = std::weak_ptr{l}, service = a.scope().service, &system = a.system()] {
                       if (const auto behind = of.lock()) log_stalled(*behind, service, system.steady());
                     }});
  (*channel)->subscribe(std::shared_ptr<event_queue>{l, &l->queue});
  count(l, a.metrics());
  a.ready([l](std::vector<health_line>& out) { add_readiness(*l, out); });
  listeners_of(a)->all.push_back(l);
  return {};
}

}  // namespace banyan
