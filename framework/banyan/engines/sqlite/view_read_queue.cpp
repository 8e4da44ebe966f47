#include <banyan/engines/sqlite/view_read_queue.hpp>

#include <algorithm>
#include <utility>

namespace banyan::sqlite {

namespace {

error is_full() { return error{code::exhausted, "the view's queue is full"}.after(std::chrono::milliseconds{100}); }
error is_closing() { return {code::unavailable, "the view is being closed"}; }
error is_overloaded(nanoseconds wait) {
  return error{code::exhausted, "the view is overloaded: its reads wait for " + to_string(timespan{wait})}.because("overloaded").after(
      std::chrono::seconds{1});
}

}  // namespace

error view_read_queue::why_dropped(const read& r) {
  if (is_cancelled(r.limits.cancelled)) return error{code::deadline_exceeded, "nobody waits for this read any more"}.because("cancelled");
  return {code::deadline_exceeded, "the deadline passed before the view came to this read"};
}

void view_read_queue::push(view_job job, read_limits limits) {
  const auto now = clock_.steady();
  read r{std::move(job), std::move(limits), now};
  std::vector<read> dropped;
  std::optional<error> refusal;
  {
    const std::lock_guard lock{mutex_};
    // Expired and cancelled reads do not count as waiting.
    while (!reads_.empty() && is_due(reads_.front(), now)) {
      dropped.push_back(std::move(reads_.front()));
      reads_.pop_front();
    }
    const auto wait = reads_.empty() ? nanoseconds{} : now - reads_.front().since;
    if (closed_) {
      refusal = is_closing();
    } else if (is_due(r, now)) {
      refusal = why_dropped(r);
      ++counts_.dropped;
    } else if (reads_.size() >= bounds_.most || wait > bounds_.longest_wait) {
      refusal = wait > bounds_.longest_wait ? is_overloaded(wait) : is_full();
      ++counts_.refused;
    } else {
      reads_.push_back(std::move(r));
    }
    counts_.dropped += dropped.size();
  }
  if (!refusal) ready_.notify_one();
  for (auto& d : dropped) d.job(why_dropped(d));
  if (refusal) r.job(std::move(*refusal));
}

std::optional<view_read_queue::read> view_read_queue::take(const std::function<void()>& when_idle) {
  for (;;) {
    std::optional<read> next;
    bool due = false;
    {
      std::unique_lock lock{mutex_};
      const auto is_ready = [&] { return closed_ || !reads_.empty(); };
      if (!ready_.wait_for(lock, idle_after, is_ready)) {
        lock.unlock();
        when_idle();
        lock.lock();
        ready_.wait(lock, is_ready);
      }
      if (reads_.empty()) return std::nullopt;
      next = std::move(reads_.front());
      reads_.pop_front();
      const auto now = clock_.steady();
      due = is_due(*next, now) && !closed_;
      if (due) {
        ++counts_.dropped;
      } else {
        ++running_;
        last_change_ = now;
      }
    }
    if (!due) return next;
    next->job(why_dropped(*next));
  }
}

void view_read_queue::ended() {
  const std::lock_guard lock{mutex_};
  --running_;
  ++counts_.reads;
  last_change_ = clock_.steady();
}

void view_read_queue::close() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
  }
  ready_.notify_all();
}

view_store_status view_read_queue::status() const {
  const auto now = clock_.steady();
  const std::lock_guard lock{mutex_};
  auto s = counts_;
  const auto alive = std::find_if(reads_.begin(), reads_.end(), [&](const read& r) { return !is_due(r, now); });
  s.waiting = static_cast<std::size_t>(reads_.end() - alive);
  if (alive != reads_.end()) s.longest_wait = now - alive->since;
  if (alive != reads_.end() && running_ == bounds_.readers) s.silent = now - last_change_;
  return s;
}

}  // namespace banyan::sqlite
