#include <banyan/engines/sqlite/journal_commit.hpp>

#include <banyan/journal/journal_rules.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <new>

namespace banyan::sqlite {

namespace {

// Clients that were just answered send their next append within microseconds, and a batch that starts without them
// makes them wait for a whole fsync (hundreds of microseconds). So a batch waits this long for as many appends as the
// previous batch had; never for a lone client.
constexpr std::chrono::microseconds patience{50};
constexpr std::size_t batch_bytes = 8 << 20;  // limits a transaction's duration, and with it all waiting times

error closing() { return error{code::unavailable, "the journal is closing"}; }

// False: the request only checks a condition.
bool writes_anything(const append_request& r) {
  return r.command || std::ranges::any_of(r.writes, [](const stream_write& w) { return !w.events.empty(); });
}

bool is_disk_trouble(int sqlite_code) {
  const int primary = sqlite_code & 0xff;
  return primary == SQLITE_FULL || primary == SQLITE_IOERR;
}

error with_unknown_outcome(error e) {
  e.outcome = outcome::unknown;
  return e;
}

error refusal(const storage_failure& failure) {
  if (failure.why.reason == "journal_lost") return error{code::unavailable, failure.why.message}.because("journal_lost");
  if ((failure.sqlite_code & 0xff) == SQLITE_READONLY)
    return error{code::unavailable, "the journal's file may not be written: " + failure.why.message}.because("not_writable");
  if (!is_disk_trouble(failure.sqlite_code)) return failure.why;
  return error{code::exhausted, "the journal's disk is full or fails: " + failure.why.message}.because("disk").after(
      std::chrono::milliseconds{1000});
}

// The error for callers, who may be clients: without statements and paths, which status() has.
error without_details(error why, const storage_failure& failure) {
  if (why.outcome == outcome::unknown)
    why.message = "the commit failed and its effect is not known";
  else if (is_disk_trouble(failure.sqlite_code))
    why.message = "the journal's disk is full or fails";
  else
    why.message = "the journal could not store this";
  return why;
}

}  // namespace

journal_commit::journal_commit(const sqlite_journal_options& options, std::unique_ptr<journal_writer> writer,
                               std::shared_ptr<commit_watchers> watchers, std::shared_ptr<journal_damage> damage)
    : options_{options},
      watchers_{std::move(watchers)},
      damage_{std::move(damage)},
      files_{options.path},
      writer_{std::move(writer)},
      epoch_{writer_->history().epochs().back()},
      head_{writer_->head()},
      bound_{head_},
      recorded_at_{writer_->recorded_at()} {}

journal_commit::~journal_commit() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void journal_commit::start() {
  probe();
  thread_ = std::thread{[this] { work(); }};
}

void journal_commit::append(append_request request, std::size_t bytes, completion<append_result> done) {
  auto t = task{append_task{std::move(request), std::move(done), bytes}};
  if (auto why = enqueue(t, bytes, 1)) std::get<append_task>(t).done(std::move(*why));
}

// Snapshots are optional, so they may use only half of the queue.
void journal_commit::save(snapshot s, std::size_t bytes, completion<bool> done) {
  auto t = task{snapshot_task{std::move(s), std::move(done), bytes}};
  if (enqueue(t, bytes, 2)) std::get<snapshot_task>(t).done(false);
}

void journal_commit::submit(std::unique_ptr<other_change> c, std::size_t bytes) {
  auto t = task{change_task{std::move(c), bytes}};
  if (auto why = enqueue(t, bytes, 1)) {
    auto& refused = *std::get<change_task>(t).change;
    refused.refuse(*why);
    refused.answer();
  }
}

std::optional<error> journal_commit::enqueue(task& t, std::size_t bytes, std::size_t share) {
  const auto count = pending_.fetch_add(1) + 1;
  const auto total = pending_bytes_.fetch_add(bytes) + bytes;
  auto verdict = push_result::full;
  // A request larger than the limit is accepted when it is alone; otherwise it never would be.
  if (count <= options_.queue / share && (total <= options_.queue_bytes / share || count == 1)) verdict = queue_.push(t, options_.queue);
  if (verdict == push_result::accepted) return std::nullopt;
  pending_.fetch_sub(1);
  pending_bytes_.fetch_sub(bytes);
  return queue_.is_closed() ? closing() : queue_is_full();
}

void journal_commit::work() {
  std::vector<task> batch;
  std::size_t last = 1;
  for (;;) {
    auto taken = queue_.take_all(last, patience, pause());
    if (taken.empty()) {
      if (queue_.is_finished()) return (void)lost();
      look_after();
      continue;
    }
    last = taken.size();
    std::size_t bytes = 0;
    for (auto& t : taken) {
      bytes += std::visit([](const auto& x) { return x.bytes; }, t);
      batch.push_back(std::move(t));
      if (batch.size() < options_.batch && bytes < batch_bytes && &t != &taken.back()) continue;
      commit(batch);
      batch.clear();
      bytes = 0;
    }
  }
}

std::optional<std::chrono::milliseconds> journal_commit::pause() const {
  if (damage_->found() || loss_is_told_) return std::nullopt;
  return is_in_trouble_ ? options_.probe_every : options_.tidy_after;
}

void journal_commit::look_after() {
  if (damage_->found() || lost()) return;
  if (is_in_trouble_) probe();
  if (writer_ && writer_->has_log()) writer_->tidy_log();
}

std::optional<error> journal_commit::lost() {
  if (writer_ && writer_->is_overwritten()) files_.tell_overwritten();
  auto why = files_.lost();
  if (!why || loss_is_told_) return why;
  loss_is_told_ = true;
  if (writer_) writer_->keep_log();
  logger{"journal"}.error("the files are lost: nothing is written any more", {{"cause", *why}});
  return why;
}

// Commits a change that is invisible to readers, to find out whether the disk is writable. Harmless if it fails and is
// stored nevertheless.
void journal_commit::probe() {
  std::optional<error> trouble;
  try {
    if (!writer_) open_again();
    writer_->bury_failed_commit();
  } catch (const storage_failure& failure) {
    trouble = recover(failure, false);
  }
  is_in_trouble_ = trouble.has_value();
  const std::lock_guard lock{status_lock_};
  status_.trouble = std::move(trouble);
}

void journal_commit::commit(std::span<task> batch) {
  bool committing = false;
  std::optional<error> trouble;
  if (auto refusal = damage_->refusal()) {
    refuse(batch, trouble.emplace(std::move(*refusal)));
    note(batch, std::move(trouble));
    return answer(batch);
  }
  if (trouble = lost(); trouble) {
    refuse(batch, refusal({*trouble, 0}));
    note(batch, std::move(trouble));
    return answer(batch);
  }
  try {
    if (!writer_) open_again();
    writer_->begin();
    perform(batch);
    committing = true;
    bound_ = writer_->head();
    writer_->commit();
    trouble = lost();
    if (trouble) refuse(batch, with_unknown_outcome(refusal({*trouble, 0})));
  } catch (const storage_failure& failure) {
    trouble = recover(failure, committing);
    refuse(batch, without_details(*trouble, failure));
  } catch (const std::bad_alloc&) {
    refuse(batch, trouble.emplace(
                      recover({error{code::exhausted, "out of memory"}.after(std::chrono::milliseconds{1000}), SQLITE_NOMEM}, committing)));
  }
  note(batch, std::move(trouble));
  answer(batch);
  if (!writer_ || loss_is_told_) return;
  if (writer_->head() > head_) {
    head_ = writer_->head();
    watchers_->notify(head_);
  }
  writer_->checkpoint_if_due();
}

void journal_commit::perform(std::span<task> batch) {
  for (auto& t : batch) {
    if (auto* a = std::get_if<append_task>(&t)) {
      a->answer = writer_->append(a->request);
    } else if (auto* c = std::get_if<change_task>(&t)) {
      const auto before = writer_->changes();
      c->change->perform(*writer_);
      c->is_stored = writer_->changes() > before;
    } else {
      auto& s = std::get<snapshot_task>(t);
      s.saved = writer_->save(s.state);
    }
  }
}

// The error for a batch. Before the commit, nothing of it can be durable. A failed commit is invalidated first; only
// if that fails too is the outcome unknown. (Except when the disk is full or the file may not grow: then the frame
// that would complete the commit was not written.)
error journal_commit::recover(const storage_failure& failure, bool committing) {
  writer_.reset();
  damage_->report(failure.why);
  auto why = damage_->refusal().value_or(refusal(failure));
  if (!committing) return why;
  commit_in_doubt_ = true;
  try {
    open_again();
    if (writer_->head() == head_) return why;
  } catch (const storage_failure&) {
    writer_.reset();
    if ((failure.sqlite_code & 0xff) == SQLITE_FULL) return why;
  }
  return error{code::unavailable, "the commit failed and its effect is not known: " + failure.why.message, outcome::unknown}.because(
      "disk");
}

void journal_commit::open_again() {
  auto writer = journal_writer::open(options_, epoch_.id, epoch_.begins);
  if (!writer) throw storage_failure{writer.error(), 0};
  if ((*writer)->head() < head_) throw storage_failure{error{code::corrupt, "the journal has lost events that were acknowledged"}, 0};
  if (commit_in_doubt_) (*writer)->bury_failed_commit();
  commit_in_doubt_ = false;
  writer_ = std::move(*writer);
}

void journal_commit::refuse(std::span<task> batch, const error& why) {
  for (auto& t : batch) {
    if (auto* a = std::get_if<append_task>(&t)) {
      a->answer = why;
    } else if (auto* c = std::get_if<change_task>(&t)) {
      c->change->refuse(why);
      c->is_stored = false;
    } else {
      std::get<snapshot_task>(t).saved = false;
    }
  }
}

// A transaction without writes did not use the disk, so it does not change the reported state of the disk.
void journal_commit::note(std::span<const task> batch, std::optional<error> trouble) {
  std::uint64_t appends = 0, stored = 0, others = 0;
  for (const auto& t : batch) {
    if (const auto* a = std::get_if<append_task>(&t)) {
      ++appends;
      stored += a->answer->has_value() && writes_anything(a->request) ? 1 : 0;
    } else {
      const auto* c = std::get_if<change_task>(&t);
      others += (c ? c->is_stored : std::get<snapshot_task>(t).saved) ? 1 : 0;
    }
  }
  if (trouble || stored + others > 0) is_in_trouble_ = trouble.has_value();
  const std::lock_guard lock{status_lock_};
  if (writer_ && writer_->head() > head_) recorded_at_ = writer_->recorded_at();
  status_.appends += stored;
  status_.batches += stored > 0 ? 1 : 0;
  if (trouble) status_.failed += appends;
  if (trouble || stored + others > 0) status_.trouble = std::move(trouble);
}

journal_status journal_commit::status() const {
  const std::lock_guard lock{status_lock_};
  auto s = status_;
  if (auto lost = files_.lost()) s.trouble = std::move(lost);
  s.warning = files_.linked();
  s.queued = pending_.load();
  s.ahead = std::max(nanoseconds{}, recorded_at_ - options_.clock->now());
  s.head = bound_.load();
  return s;
}

void journal_commit::answer(std::span<task> batch) {
  for (auto& t : batch) {
    pending_bytes_.fetch_sub(std::visit([](const auto& x) { return x.bytes; }, t));
    pending_.fetch_sub(1);
    if (auto* a = std::get_if<append_task>(&t)) {
      a->done(std::move(*a->answer));
    } else if (auto* c = std::get_if<change_task>(&t)) {
      c->change->answer();
    } else {
      auto& s = std::get<snapshot_task>(t);
      s.done(s.saved);
    }
  }
}

}  // namespace banyan::sqlite
