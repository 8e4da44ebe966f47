#include <services/acquirer/writer.hpp>

#include <iterator>

namespace acquirer {

using banyan::code;
using banyan::error;
using banyan::result;

writer::writer(book b, writer_options options) : book_{std::move(b)}, options_{options}, thread_{[this] { run(); }} {}

writer::~writer() { close(); }

void writer::close() {
  {
    const std::lock_guard guard{lock_};
    closed_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void writer::submit(work what, banyan::completion<void> committed) {
  {
    const std::lock_guard guard{lock_};
    if (!closed_ && queue_.size() < options_.max_queue) {
      queue_.push_back({std::move(what), std::move(committed)});
      if (queue_.size() == 1) changed_.notify_one();
      return;
    }
  }
  committed(error{code::unavailable, "too much work is waiting for the book"}
                .because("overloaded")
                .after(std::chrono::seconds{1}));
}

void writer::run() {
  for (;;) {
    std::deque<job> batch;
    {
      std::unique_lock guard{lock_};
      changed_.wait(guard, [this] { return closed_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.max_batch));
      std::move(queue_.begin(), end, std::back_inserter(batch));
      queue_.erase(queue_.begin(), end);
    }
    const auto committed = commit_all(batch);
    for (auto& j : batch) j.committed(committed);
  }
}

result<void> writer::commit_all(std::deque<job>& batch) {
  auto transaction = book_.begin();
  if (!transaction) return transaction.error();
  for (auto& j : batch)
    if (auto done = j.what(book_); !done) return done;
  auto committed = transaction->commit();
  if (committed) return {};
  auto why = committed.error();
  why.outcome = banyan::outcome::unknown;
  return why;
}

}  // namespace acquirer
