#include <banyan/simulation/simulated_views.hpp>

#include <banyan/cqrs/view_store_decorator.hpp>
#include <banyan/pub_sub/delivery_store_decorator.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <utility>

namespace banyan {

// `work` holds the store: an owner that is gone may have writes under way.
template <class T, class Work>
void simulated_views::enqueue(Work work, completion<T> done) {
  struct queued final : write {
    queued(Work w, completion<T> d) : work{std::move(w)}, done{std::move(d)} {}
    void perform(bool is_answered) override {
      work(is_answered ? std::move(done) : completion<T>{[](const result<T>&) {}});
    }
    Work work;
    completion<T> done;
  };
  queue_.push_back(std::make_unique<queued>(std::move(work), std::move(done)));
  later_([this] { step(); });
}

class simulated_views::slow_view_store final : public view_store_decorator {
 public:
  slow_view_store(simulated_views& views, std::unique_ptr<view_store> inner)
      : view_store_decorator{std::move(inner)}, views_{views} {}
  void write(std::function<void(view_writer&)> body, position checkpoint, completion<position> done) override {
    views_.enqueue<position>([to = inner(), body = std::move(body),
                              checkpoint](auto d) mutable { to->write(std::move(body), checkpoint, std::move(d)); },
                             std::move(done));
  }

 private:
  simulated_views& views_;
};

class simulated_views::slow_delivery_store final : public delivery_store_decorator {
 public:
  slow_delivery_store(simulated_views& views, std::unique_ptr<delivery_store> inner)
      : delivery_store_decorator{std::move(inner)}, views_{views} {}
  void open(source of, completion<state> done) override {
    views_.enqueue<state>([to = inner(), of = std::move(of)](auto d) mutable { to->open(std::move(of), std::move(d)); },
                          std::move(done));
  }
  void commit(delivery_change change, completion<committed> done) override {
    views_.enqueue<committed>(
        [to = inner(), change = std::move(change)](auto d) mutable { to->commit(std::move(change), std::move(d)); },
        std::move(done));
  }
  void restart(source of, position checkpoint, completion<position> done) override {
    views_.enqueue<position>([to = inner(), of = std::move(of),
                              checkpoint](auto d) mutable { to->restart(std::move(of), checkpoint, std::move(d)); },
                             std::move(done));
  }

 private:
  simulated_views& views_;
};

simulated_views::simulated_views(const clock& c, disk later) : disk_{c}, later_{std::move(later)} {}
simulated_views::~simulated_views() = default;

result<std::unique_ptr<view_store>> simulated_views::open(const view_options& view) {
  auto inner = open_memory_view_store(disk_, view);
  if (!inner) return inner.error();
  return std::make_unique<slow_view_store>(*this, std::move(*inner));
}

result<std::unique_ptr<delivery_store>> simulated_views::open(const delivery_options& of) {
  auto inner = open_memory_delivery_store(disk_, of);
  if (!inner) return inner.error();
  return std::make_unique<slow_delivery_store>(*this, std::move(*inner));
}

void simulated_views::step() {
  if (queue_.empty()) return;
  const auto next = std::move(queue_.front());
  queue_.pop_front();
  next->perform(true);
}

void simulated_views::crash(random_source& random) {
  auto lost = std::exchange(queue_, {});
  auto kept = below(random, lost.size() + 1);
  for (auto& w : lost) {
    if (kept == 0) break;
    --kept;
    w->perform(false);
  }
}  // each dropped completion reports outcome unknown

void simulated_views::lose_queued() { std::exchange(queue_, {}).clear(); }

}  // namespace banyan
