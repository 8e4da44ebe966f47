#include <banyan/simulation/simulated_views.hpp>

#include <banyan/cqrs/view_store_decorator.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <utility>

namespace banyan {

class simulated_views::store final : public view_store_decorator {
 public:
  store(simulated_views& views, std::unique_ptr<view_store> inner) : view_store_decorator{std::move(inner)}, views_{views} {}
  void write(std::function<void(view_writer&)> body, position checkpoint, completion<position> done) override {
    views_.enqueue({inner(), std::move(body), checkpoint, std::move(done)});
  }

 private:
  simulated_views& views_;
};

simulated_views::simulated_views(const clock& c, disk later) : disk_{c}, later_{std::move(later)} {}
simulated_views::~simulated_views() = default;

result<std::unique_ptr<view_store>> simulated_views::open(const view_options& view) {
  auto inner = open_memory_view_store(disk_, view);
  if (!inner) return inner.error();
  return std::make_unique<store>(*this, std::move(*inner));
}

void simulated_views::enqueue(write w) {
  queue_.push_back(std::move(w));
  later_([this] { step(); });
}

void simulated_views::step() {
  if (queue_.empty()) return;
  auto w = std::move(queue_.front());
  queue_.pop_front();
  w.to->write(std::move(w.body), w.checkpoint, std::move(w.done));
}

void simulated_views::crash(random_source& random) {
  auto lost = std::exchange(queue_, {});
  auto kept = below(random, lost.size() + 1);
  for (auto& w : lost) {
    if (kept == 0) break;
    --kept;
    w.to->write(std::move(w.body), w.checkpoint, [](result<position>) {});
  }
}  // each dropped completion reports outcome unknown

void simulated_views::lose_queued() { std::exchange(queue_, {}).clear(); }

}  // namespace banyan
