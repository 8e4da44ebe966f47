#include <banyan/engines/memory/memory_journal.hpp>

#include <banyan/journal/journal_rules.hpp>

#include <algorithm>

namespace banyan {

namespace {
error disk_full() { return error{code::exhausted, "the journal's disk is full"}.because("disk").after(std::chrono::milliseconds{1000}); }
}  // namespace

template <class T, class F>
struct memory_journal::task final : operation {
  task(completion<T> d, F p, change c) : done{std::move(d)}, act{std::move(p)}, what{c} {}
  void perform(memory_journal& j) override { outcome_of_it.emplace(act(j)); }
  void answer() override { done(std::move(*outcome_of_it)); }
  void refuse(error why) override { outcome_of_it.emplace(std::move(why)); }
  void fail_sync() override {
    if constexpr (std::is_same_v<T, bool>) {
      if (what == change::snapshot) return void(outcome_of_it.emplace(false));  // snapshots are best effort
    }
    refuse(disk_full());
  }
  bool writes() const override { return what != change::none; }
  bool is_snapshot() const override { return what == change::snapshot; }
  bool is_append() const override { return std::is_same_v<T, append_result>; }
  bool is_stored_append() const override { return is_append() && outcome_of_it && outcome_of_it->has_value(); }

  completion<T> done;
  F act;
  change what;
  std::optional<result<T>> outcome_of_it;
};

template <class T, class F>
void memory_journal::submit(completion<T> done, F perform, change what) {
  enqueue(std::make_unique<task<T, F>>(std::move(done), std::move(perform), what));
}

memory_journal::memory_journal() : memory_journal{options{}} {}

memory_journal::memory_journal(options o)
    : options_{[&] {
        if (o.incarnation.is_nil()) o.incarnation = uuid_v7(o.clock->now(), system_random());
        return std::move(o);
      }()},
      self_{std::make_shared<memory_journal*>(this)} {
  begin_epoch();
}

memory_journal::~memory_journal() { self_.reset(); }

void memory_journal::enqueue(std::unique_ptr<operation> op) {
  {
    const auto lock = std::lock_guard{mutex_};
    if (queue_.size() < options_.queue) queue_.push_back(std::move(op));
  }
  if (op) {
    op->refuse(queue_is_full());
    return op->answer();
  }
  options_.executor([self = std::weak_ptr{self_}] {
    const auto j = self.lock();
    while (j && (*j)->step()) {
    }
  });
}

void memory_journal::append(append_request request, completion<append_result> done) {
  if (auto size = check(request); !size) return done(size.error());
  if (auto why = next_refusal()) return done(std::move(*why));
  submit(
      std::move(done), [r = std::move(request)](memory_journal& j) { return j.apply(r); }, change::data);
}
void memory_journal::save_snapshot(snapshot s, completion<bool> done) {
  if (auto size = check(s); !size) return done(size.error());
  submit(
      std::move(done), [s = std::move(s)](memory_journal& j) { return result<bool>{j.put_snapshot(s)}; },
      change::snapshot);
}
void memory_journal::load(load_request request, completion<loaded_stream> done) {
  if (auto bounded = check(request); !bounded) return done(bounded.error());
  submit(std::move(done), [r = std::move(request)](memory_journal& j) { return result<loaded_stream>{j.read(r)}; });
}
void memory_journal::read_stream(read_stream_request request, completion<std::vector<recorded_event>> done) {
  if (auto bounded = check_limit(request.limit); !bounded) return done(bounded.error());
  submit(std::move(done), [r = std::move(request)](memory_journal& j) { return result<std::vector<recorded_event>>{j.read(r)}; });
}
void memory_journal::read_all(read_all_request request, completion<read_page> done) {
  if (auto sound = check(request); !sound) return done(sound.error());
  submit(std::move(done), [r = std::move(request)](memory_journal& j) { return result<read_page>{j.read(r)}; });
}
void memory_journal::list_streams(std::string prefix, std::string after, std::size_t limit, completion<std::vector<stream_info>> done) {
  if (auto bounded = check_limit(limit); !bounded) return done(bounded.error());
  submit(std::move(done), [p = std::move(prefix), a = std::move(after), limit](memory_journal& j) {
    return result<std::vector<stream_info>>{j.read(p, a, limit)};
  });
}
void memory_journal::info(completion<journal_info> done) {
  submit(std::move(done), [](memory_journal& j) {
    journal_info info{j.options_.incarnation, j.head(), static_cast<std::int64_t>(j.streams_.size()), j.history_};
    for (const auto& [key, f] : j.facts_) info.facts.emplace(key, f.value);
    return result<journal_info>{std::move(info)};
  });
}
void memory_journal::seal(partition part, fence f, completion<sealed> done) {
  if (auto there = check_partition(part); !there) return done(there.error());
  if (auto sound = check(f, "fence"); !sound) return done(sound.error());
  submit(
      std::move(done), [f = std::move(f)](memory_journal& j) { return j.put_seal(f); }, change::data);
}
void memory_journal::read_token(partition part, std::string scope, completion<std::int64_t> done) {
  if (auto there = check_partition(part); !there) return done(there.error());
  if (auto sound = check_scope(scope); !sound) return done(sound.error());
  submit(std::move(done),
         [scope = std::move(scope)](memory_journal& j) { return result<std::int64_t>{j.token_of(scope)}; });
}
void memory_journal::declare(std::string key, std::string value, completion<bool> done) {
  if (auto sound = check_fact(key, value); !sound) return done(sound.error());
  submit(
      std::move(done),
      [key = std::move(key), value = std::move(value)](memory_journal& j) { return j.put_fact(key, value); },
      change::data);
}
void memory_journal::forget_commands(forget_request request, completion<forgotten> done) {
  if (auto sound = check(request); !sound) return done(sound.error());
  submit(
      std::move(done), [r = std::move(request)](memory_journal& j) { return result<forgotten>{j.forget(r)}; },
      change::data);
}
std::unique_ptr<journal::watch> memory_journal::on_commit(std::function<void(position)> notify) {
  return watchers_->add(std::move(notify));
}

bool memory_journal::step() {
  std::deque<std::unique_ptr<operation>> batch;
  position before, after;
  {
    const auto lock = std::lock_guard{mutex_};
    if (stepping_ || queue_.empty()) return false;
    stepping_ = true;
    batch = std::exchange(queue_, {});
    before = head();
    const bool fails = failing_syncs_ > 0 && std::any_of(batch.begin(), batch.end(), [](const auto& op) { return op->writes(); });
    if (fails) --failing_syncs_;
    for (auto& op : batch) {
      if (fails && op->writes()) {
        op->fail_sync();
      } else {
        op->perform(*this);
      }
    }
    after = head();
    note(batch, fails);
  }
  if (options_.answers) {
    for (auto left = batch.size(); left > 1; --left) std::swap(batch[left - 1], batch[options_.answers->next() % left]);
  }
  for (auto& op : batch) op->answer();
  if (after > before) watchers_->notify(after);
  const auto lock = std::lock_guard{mutex_};
  stepping_ = false;
  return true;
}

void memory_journal::note(const std::deque<std::unique_ptr<operation>>& batch, bool failed) {
  const auto writes = std::count_if(batch.begin(), batch.end(), [](const auto& op) { return op->writes(); });
  const auto stored = std::count_if(batch.begin(), batch.end(), [](const auto& op) { return op->is_stored_append(); });
  status_.appends += static_cast<std::uint64_t>(stored);
  status_.batches += stored > 0 ? 1 : 0;
  if (failed) status_.failed += static_cast<std::uint64_t>(writes);
  if (failed)
    status_.trouble = disk_full();
  else if (stored > 0)
    status_.trouble.reset();
}

journal_status memory_journal::status() const {
  const auto lock = std::lock_guard{mutex_};
  auto s = status_;
  s.queued = queue_.size();
  s.head = head();
  return s;
}

void memory_journal::crash(random_source& random) {
  std::deque<std::unique_ptr<operation>> batch;
  {
    const auto lock = std::lock_guard{mutex_};
    batch = std::exchange(queue_, {});
    auto kept = random.next() % (batch.size() + 1);
    for (auto& op : batch) {
      if (kept > 0 && op->writes()) op->perform(*this);
      if (kept > 0) --kept;
      op->refuse(error{code::unavailable, "the journal crashed before it could tell", outcome::unknown});
    }
    begin_epoch();
  }
  for (auto& op : batch) op->answer();
}

void memory_journal::lose_queued() {
  std::deque<std::unique_ptr<operation>> batch;
  {
    const auto lock = std::lock_guard{mutex_};
    batch = std::exchange(queue_, {});
  }
  for (auto& op : batch) {
    op->refuse(error{code::unavailable, "the journal's power is off", outcome::unknown});
    op->answer();
  }
}

memory_journal::queued memory_journal::under_way() const {
  const auto lock = std::lock_guard{mutex_};
  queued q;
  for (const auto& op : queue_) {
    q.appends += op->is_append() ? 1 : 0;
    q.snapshots += op->is_snapshot() ? 1 : 0;
  }
  return q;
}

void memory_journal::fail_syncs(int times) {
  const auto lock = std::lock_guard{mutex_};
  failing_syncs_ = times;
}

void memory_journal::refuse_appends(int times, error why) {
  const auto lock = std::lock_guard{mutex_};
  refusals_.insert(refusals_.end(), static_cast<std::size_t>(std::max(times, 0)), why);
}

void memory_journal::accept_appends() {
  const auto lock = std::lock_guard{mutex_};
  refusals_.clear();
}

void memory_journal::lose(position p) {
  const auto lock = std::lock_guard{mutex_};
  lost_.insert(p);
}

std::optional<error> memory_journal::next_refusal() {
  const auto lock = std::lock_guard{mutex_};
  if (refusals_.empty()) return std::nullopt;
  auto why = std::move(refusals_.front());
  refusals_.pop_front();
  return why;
}

}  // namespace banyan
