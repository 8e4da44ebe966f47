#include <banyan/engines/sqlite/view_executor.hpp>

#include <banyan/engines/sqlite/journal_queue.hpp>

#include <atomic>
#include <deque>
#include <thread>

namespace banyan::sqlite {

namespace {

constexpr std::size_t max_nested = 8192;                 // jobs given from within one job

error too_busy() { return error{code::exhausted, "the view's queue is full"}.after(std::chrono::milliseconds{100}); }
error closing() { return {code::unavailable, "the view is being closed"}; }

class view_threads final : public view_executor {
 public:
  view_threads(std::unique_ptr<view_session> writer, std::vector<std::unique_ptr<view_session>> readers, std::size_t write_queue,
               std::size_t read_queue)
      : max_writes_{write_queue}, max_reads_{read_queue} {
    writer_ = std::thread{[this, session = std::move(writer)] { serve(writes_, *session); }};
    for (auto& reader : readers) readers_.emplace_back([this, session = std::move(reader)] { serve(reads_, *session); });
  }
  ~view_threads() override {
    closing_ = true;
    reads_.close();
    for (auto& reader : readers_) reader.join();
    // Last, because the last connection to close moves the log into the database, and a reader may not.
    writes_.close();
    writer_.join();
  }
  void on_writer(view_job job) override { submit(writes_, std::move(job), max_writes_); }
  void on_reader(view_job job) override { submit(reads_, std::move(job), max_reads_); }

 private:
  static void submit(work_queue<view_job>& queue, view_job job, std::size_t most) {
    const auto verdict = queue.push(job, most);
    if (verdict == queue_verdict::accepted) return;
    job(verdict == queue_verdict::full ? too_busy() : closing());
  }
  void serve(work_queue<view_job>& queue, view_session& session) {
    while (auto job = queue.take_one()) {
      if (closing_) (*job)(closing());
      else (*job)(&session);
    }
  }

  const std::size_t max_writes_;
  const std::size_t max_reads_;
  std::atomic<bool> closing_{false};
  work_queue<view_job> writes_;
  work_queue<view_job> reads_;
  std::thread writer_;
  std::vector<std::thread> readers_;
};

class view_inline final : public view_executor, public std::enable_shared_from_this<view_inline> {
 public:
  explicit view_inline(std::unique_ptr<view_session> session) : session_{std::move(session)} {}
  void on_writer(view_job job) override { run(std::move(job)); }
  void on_reader(view_job job) override { run(std::move(job)); }

 private:
  void run(view_job job) {
    if (running_) {
      if (nested_.size() >= max_nested) return job(too_busy());
      nested_.push_back(std::move(job));
      return;
    }
    struct stopped {
      std::shared_ptr<view_inline> self;
      ~stopped() { self->running_ = false; }
    } end{shared_from_this()};
    running_ = true;
    job(session_.get());
    while (!nested_.empty()) {
      auto next = std::move(nested_.front());
      nested_.pop_front();
      next(session_.get());
    }
  }

  std::unique_ptr<view_session> session_;
  std::deque<view_job> nested_;
  bool running_ = false;
};

}  // namespace

std::unique_ptr<view_executor> make_view_threads(std::unique_ptr<view_session> writer, std::vector<std::unique_ptr<view_session>> readers,
                                                 std::size_t write_queue, std::size_t read_queue) {
  return std::make_unique<view_threads>(std::move(writer), std::move(readers), write_queue, read_queue);
}

std::shared_ptr<view_executor> make_view_inline(std::unique_ptr<view_session> session) {
  return std::make_shared<view_inline>(std::move(session));
}

}  // namespace banyan::sqlite
