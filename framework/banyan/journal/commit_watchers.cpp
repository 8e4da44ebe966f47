#include <banyan/journal/commit_watchers.hpp>

#include <atomic>
#include <thread>

namespace banyan {

struct commit_watchers::entry {
  std::function<void(position)> notify;
  std::mutex calling;
  std::atomic<bool> alive{true};
  std::atomic<std::thread::id> caller{};

  void call(position head) {
    const auto lock = std::lock_guard{calling};
    if (!alive) return;
    caller = std::this_thread::get_id();
    notify(head);
    caller = std::thread::id{};
  }
};

class commit_watchers::guard final : public journal::watch {
 public:
  guard(std::weak_ptr<commit_watchers> owner, std::shared_ptr<entry> e) : owner_{std::move(owner)}, entry_{std::move(e)} {}
  ~guard() override {
    entry_->alive = false;
    if (auto owner = owner_.lock()) owner->remove(entry_.get());
    if (entry_->caller.load() != std::this_thread::get_id()) {
      const auto lock = std::lock_guard{entry_->calling};  // waits for a call in progress
    }
  }

 private:
  std::weak_ptr<commit_watchers> owner_;
  std::shared_ptr<entry> entry_;
};

std::unique_ptr<journal::watch> commit_watchers::add(std::function<void(position)> notify) {
  auto e = std::make_shared<entry>();
  e->notify = std::move(notify);
  {
    const auto lock = std::lock_guard{mutex_};
    entries_.push_back(e);
  }
  return std::make_unique<guard>(weak_from_this(), std::move(e));
}

void commit_watchers::notify(position head) {
  std::vector<std::shared_ptr<entry>> now;
  {
    const auto lock = std::lock_guard{mutex_};
    now = entries_;
  }
  for (const auto& e : now) e->call(head);
}

void commit_watchers::remove(const entry* e) {
  const auto lock = std::lock_guard{mutex_};
  std::erase_if(entries_, [&](const auto& other) { return other.get() == e; });
}

}  // namespace banyan
