#include <banyan/runtime/heartbeat.hpp>

namespace banyan {

namespace {

struct ping {
  using reply = done;
};

class responder final : public actor {
 public:
  behavior make_behavior() override {
    return behavior{}.on<ping>([](const ping&) { return done{}; });
  }
};

}  // namespace

heartbeat::heartbeat(actor_system& system, timespan limit)
    : system_{system},
      limit_{limit},
      responder_{system.spawn([] { return std::make_unique<responder>(); })},
      thread_{[this] { keep_time(); }} {}

heartbeat::~heartbeat() {
  {
    const std::lock_guard lock{lock_};
    closing_ = true;
  }
  changed_.notify_one();
  thread_.join();
  for (auto& q : open_) q->settle(error{code::unavailable, "the node is stopping"});
  stop_actor(responder_);
}

void heartbeat::ask(completion<done> answer) {
  auto q = std::make_shared<question>(add_saturating(system_clock().steady(), limit_), std::move(answer));
  {
    const std::lock_guard lock{lock_};
    open_.push_back(q);
  }
  changed_.notify_one();
  system_.ask(responder_, ping{}, limit_, [q](result<done> r) { q->settle(std::move(r)); });
}

void heartbeat::question::settle(result<done> r) {
  // Also during the call, so that ~heartbeat, which settles all, returns after every answer.
  const std::lock_guard lock{lock_};
  answer_(std::move(r));
}

void heartbeat::keep_time() {
  std::unique_lock lock{lock_};
  while (!closing_) {
    if (open_.empty()) {
      changed_.wait(lock);
      continue;
    }
    if (system_clock().steady() < open_.front()->due()) {
      changed_.wait_until(lock, open_.front()->due());
      continue;
    }
    auto overdue = std::move(open_.front());
    open_.pop_front();
    lock.unlock();
    overdue->settle(error{code::deadline_exceeded, "no actor answered in time"});
    lock.lock();
  }
}

}  // namespace banyan
