// The actor of one subscription, and what an operator can ask about all of a node.
#include <banyan/assembly/assembly.hpp>
#include <banyan/journal/journal_feed.hpp>
#include <banyan/pub_sub/operator_requests.hpp>
#include <banyan/pub_sub/topics.hpp>

namespace banyan {

namespace {

std::shared_ptr<subscription_operations> operations_of(assembly& a) {
  return a.shared<subscription_operations>([&] {
    auto made = std::make_shared<subscription_operations>(a.system());
    for (auto& c : subscription_operations::commands(made)) a.command(std::move(c));
    return made;
  });
}

}  // namespace

result<void> install(const subscription_spec& spec, assembly& a) {
  resolve_topics(a.whole());
  auto j = a.open<journal>();
  if (!j) return j.error();
  auto store = a.open<delivery_store>({spec.topic, spec.group});
  if (!store) return store.error();
  const auto lane = a.shared<quarantine_lane>([&] { return std::make_shared<quarantine_lane>(process_end_of(a.last_end().c_str())); });
  auto s = std::make_shared<running_subscription>(
      running_subscription{spec.topic, spec.group, std::make_shared<subscription_progress>(), std::move(*store)});
  const auto feed = a.shared<journal_feed>([&] { return std::make_shared<journal_feed>(**j); });
  s->actor =
      a.add({.name = "subscribes." + a.item().name(),
             .make = [&spec, &scope = a.scope(), j = *j, feed, store = s->store, progress = s->progress,
                      lane] { return std::make_unique<subscription>(spec, scope, *feed, *store, progress, lane); },
             .group = part_group::background});
  a.offer(spec.topic + "/" + spec.group, s);
  count(*s, a.metrics());
  a.alive([s](std::vector<health_line>& out) { add_liveness(*s, out); });
  a.ready([s](std::vector<health_line>& out) { add_readiness(*s, out); });
  operations_of(a)->add(s);
  return {};
}

}  // namespace banyan
