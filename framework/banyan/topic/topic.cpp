#include <banyan/topic/topic.hpp>

#include <banyan/assembly/assembly.hpp>

#include <string>

namespace banyan {

void topic_channel::subscribe(std::shared_ptr<event_queue> queue) {
  const std::lock_guard hold{lock_};
  subscribers_.push_back(std::move(queue));
  has_subscribers_.store(true, std::memory_order_release);
}

void topic_channel::fan_out(const shared_event& e) const {
  const std::lock_guard hold{lock_};
  for (const auto& queue : subscribers_) queue->push(e);
}

result<std::shared_ptr<topic_channel>> open_topic(assembly& a, std::string_view name, const message_type* event) {
  auto there = a.find<topic_channel>(name);
  if (!there) {
    there = std::make_shared<topic_channel>(event);
    a.offer(name, there);
  }
  if (there->event() != event)
    return error{code::invalid_argument, "topic " + std::string{name} + " carries " +
                                             std::string{short_name(*there->event())} + " and can not carry " +
                                             std::string{short_name(*event)} + ": use another topic"};
  return there;
}

}  // namespace banyan
