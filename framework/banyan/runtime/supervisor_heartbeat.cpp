#include <banyan/runtime/supervisor_heartbeat.hpp>

#include <memory>
#include <utility>

namespace banyan {
namespace {

class heartbeat_sender final : public actor {
 public:
  heartbeat_sender(service_notifier above, std::function<bool()> alive) : above_{std::move(above)}, alive_{std::move(alive)} {}

  behavior make_behavior() override {
    return behavior{}.on<tick>([this](const tick&) { send(); });
  }
  void started() override { send(); }

 private:
  struct tick {};

  void send() {
    if (alive_()) above_.send_heartbeat();
    self().after(above_.heartbeat()->count() / 2, tick{});
  }

  service_notifier above_;
  std::function<bool()> alive_;
};

}  // namespace

void send_heartbeats(actor_system& system, const service_notifier& above, std::function<bool()> alive) {
  if (!above.heartbeat()) return;
  system.spawn([above, alive = std::move(alive)] { return std::make_unique<heartbeat_sender>(above, alive); }, {.name = "heartbeat"});
}

}  // namespace banyan
