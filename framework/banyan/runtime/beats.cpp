#include <banyan/runtime/beats.hpp>

#include <memory>
#include <utility>

namespace banyan {
namespace {

class beating final : public actor {
 public:
  beating(service_notifier above, std::function<bool()> alive) : above_{std::move(above)}, alive_{std::move(alive)} {}

  behavior make_behavior() override {
    return behavior{}.on<tick>([this](const tick&) { beat(); });
  }
  void started() override { beat(); }

 private:
  struct tick {};

  void beat() {
    if (alive_()) above_.beat();
    self().after(above_.heartbeat()->count() / 2, tick{});
  }

  service_notifier above_;
  std::function<bool()> alive_;
};

}  // namespace

void send_beats(actor_system& system, const service_notifier& above, std::function<bool()> alive) {
  if (!above.heartbeat()) return;
  system.spawn([above, alive = std::move(alive)] { return std::make_unique<beating>(above, alive); }, {.name = "beats"});
}

}  // namespace banyan
