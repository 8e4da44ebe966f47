#include <banyan/engines/sqlite/view_executor.hpp>

#include <banyan/engines/sqlite/journal_queue.hpp>

#include <atomic>
#include <deque>
#include <thread>
#include <utility>

#include <sys/resource.h>

namespace banyan::sqlite {

namespace {

constexpr std::size_t max_nested = 8192;                 // jobs submitted from within a job

constexpr int niceness_of_reads = 10;

// Lowers the priority of a reader thread: many or long reads must not take the processors from the threads that handle
// requests. On Linux this affects the calling thread only; elsewhere it would affect the process.
void give_way_to_other_threads() {
#ifdef __linux__
  const auto now = ::getpriority(PRIO_PROCESS, 0);
  (void)::setpriority(PRIO_PROCESS, 0, now + niceness_of_reads);
#endif
}

error too_busy() { return error{code::exhausted, "the view's queue is full"}.after(std::chrono::milliseconds{100}); }
error closing() { return {code::unavailable, "the view is being closed"}; }

class view_threads final : public view_executor {
 public:
  view_threads(std::unique_ptr<view_session> writer, std::vector<std::unique_ptr<view_session>> readers,
               std::vector<std::unique_ptr<view_session>> lent, const view_queues& queues, const banyan::clock& clock)
      : max_writes_{queues.writes}, reads_{{queues.reads, static_cast<int>(readers.size()), queues.longest_wait}, clock} {
    for (auto& session : lent) {
      session->interrupt_when(interrupt_);
      lent_.emplace_back().session = std::move(session);
    }
    writer_ = std::thread{[this, session = std::move(writer)] { serve_writes(*session); }};
    for (auto& reader : readers) {
      reader->interrupt_when(interrupt_);
      readers_.emplace_back([this, session = std::move(reader)] { serve_reads(*session); });
    }
  }
  ~view_threads() override { close(); }

  void on_writer(view_job job) override {
    const auto verdict = writes_.push(job, max_writes_);
    if (verdict == push_result::accepted) return;
    job(verdict == push_result::full ? too_busy() : closing());
  }
  void on_reader(view_job job, read_limits limits) override { reads_.push(std::move(job), std::move(limits)); }
  std::optional<session_lease> lease_session() override {
    for (auto& l : lent_)
      if (!l.is_taken.load(std::memory_order_relaxed) && !l.is_taken.exchange(true, std::memory_order_acquire))
        return session_lease{*l.session, l.is_taken};
    return std::nullopt;
  }
  void close() override {
    closing_ = true;
    reads_.close();
    for (auto& reader : std::exchange(readers_, {})) reader.join();
    for (auto& l : lent_) {
      if (!l.session) continue;  // closed before
      while (l.is_taken.exchange(true)) l.is_taken.wait(true);
      l.session.reset();
    }
    // Last, because the last connection to close checkpoints the WAL, which a reader can not.
    writes_.close();
    if (writer_.joinable()) writer_.join();
  }
  void stop() override {
    interrupt_ = true;
    close();
  }
  view_store_status status() const override { return reads_.status(); }

 private:
  void serve_writes(view_session& session) {
    while (auto job = writes_.take_one()) {
      if (closing_) (*job)(closing());
      else (*job)(&session);
      end_lent_snapshots();
    }
  }
  // An unused snapshot would keep SQLite from restarting its WAL.
  void end_lent_snapshots() {
    for (auto& l : lent_)
      if (!l.is_taken.exchange(true, std::memory_order_acquire)) {
        const session_lease held{*l.session, l.is_taken};
        l.session->end_snapshot();
      }
  }
  void serve_reads(view_session& session) {
    give_way_to_other_threads();
    const auto end_snapshot = [&] { session.end_snapshot(); };
    while (auto read = reads_.take(end_snapshot)) {
      if (closing_) {
        read->job(closing());
      } else {
        session.limit(read->limits);
        read->job(&session);
        session.limit({});
      }
      reads_.ended();
    }
  }

  const std::size_t max_writes_;
  std::atomic<bool> closing_{false};
  std::atomic<bool> interrupt_{false};
  work_queue<view_job> writes_;
  view_read_queue reads_;
  struct lent_session {
    std::unique_ptr<view_session> session;
    std::atomic<bool> is_taken{false};  // also true when closed
  };
  std::deque<lent_session> lent_;
  std::thread writer_;
  std::vector<std::thread> readers_;
};

class view_inline final : public view_executor, public std::enable_shared_from_this<view_inline> {
 public:
  explicit view_inline(std::unique_ptr<view_session> session) : session_{std::move(session)} {}
  void on_writer(view_job job) override { run(std::move(job), {}); }
  void on_reader(view_job job, read_limits limits) override { run(std::move(job), std::move(limits)); }

 private:
  struct nested {
    view_job job;
    read_limits limits;
  };
  void run(view_job job, read_limits limits) {
    if (running_) {
      if (nested_.size() >= max_nested) return job(too_busy());
      nested_.push_back({std::move(job), std::move(limits)});
      return;
    }
    struct stopped {
      std::shared_ptr<view_inline> self;
      ~stopped() { self->running_ = false; }
    } end{shared_from_this()};
    running_ = true;
    perform(std::move(job), limits);
    while (!nested_.empty()) {
      auto next = std::move(nested_.front());
      nested_.pop_front();
      perform(std::move(next.job), next.limits);
    }
  }
  void perform(view_job job, const read_limits& limits) {
    session_->limit(limits);
    job(session_.get());
    session_->limit({});
    session_->end_snapshot();  // the only connection also writes
  }

  std::unique_ptr<view_session> session_;
  std::deque<nested> nested_;
  bool running_ = false;
};

}  // namespace

std::unique_ptr<view_executor> make_view_threads(std::unique_ptr<view_session> writer,
                                                 std::vector<std::unique_ptr<view_session>> readers,
                                                 std::vector<std::unique_ptr<view_session>> lent,
                                                 const view_queues& queues, const banyan::clock& clock) {
  return std::make_unique<view_threads>(std::move(writer), std::move(readers), std::move(lent), queues, clock);
}

std::shared_ptr<view_executor> make_view_inline(std::unique_ptr<view_session> session) {
  return std::make_shared<view_inline>(std::move(session));
}

}  // namespace banyan::sqlite
