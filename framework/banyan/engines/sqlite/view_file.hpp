// The database file of a view store or a delivery store: opening, threads for its transactions, and damage. Both
// stores are built on it, and differ in what they store.
//
// Rebuildable content: commits are not synced (synchronous = NORMAL), an unreadable file is renamed and replaced by a
// new one, and a file that is damaged while open is deleted when its store calls `rebuild`. Irreplaceable content:
// each commit is synced (FULL), an unreadable file is refused, and one that is damaged, removed or replaced while open
// answers everything `corrupt`.
#pragma once

#include <banyan/engines/sqlite/journal_files.hpp>
#include <banyan/engines/sqlite/quick_reads.hpp>
#include <banyan/engines/sqlite/view_executor.hpp>
#include <banyan/engines/sqlite/view_ownership.hpp>
#include <banyan/engines/sqlite/view_store.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace banyan::sqlite {

enum class contents : std::uint8_t { rebuildable, irreplaceable };

class view_file {
 public:
  template <class T>
  using write_work = std::function<result<T>(view_session&, view_ownership&)>;
  template <class T>
  using read_work = std::function<result<T>(view_session&)>;

  static result<std::unique_ptr<view_file>> open(sqlite_view_options options, contents what);
  // Opens the file beside its owner, with one connection that works synchronously, on the caller's thread; writes are
  // refused. Can read a copy in a read-only folder, if the file was closed when it was copied. not_found: no such
  // file.
  static result<std::unique_ptr<view_file>> open_for_reading(const sqlite_view_options& options);
  static result<std::unique_ptr<view_file>> in_memory(memory_view_disk& disk, const view_options& view, contents what);
  ~view_file();

  template <class T>
  void write(write_work<T> work, completion<T> done) {
    if (is_read_only_)
      return done(error{code::unimplemented, "this store is open for reading only"}.because("read_only"));
    if (auto trouble = damage()) return done(std::move(*trouble));
    executor()->on_writer(
        [s = shared_, work = std::move(work), done = std::move(done)](result<view_session*> session) mutable {
          if (!session) return done(session.error());
          auto answer = work(**session, s->own);
          if (answer) ++s->commits;
          if (s->finds_damage(**session, answer.error())) return done(s->why_damaged());
          done(std::move(answer));
        });
  }
  template <class T>
  void read(read_work<T> work, completion<T> done, read_limits limits = {}) {
    if (auto trouble = damage()) return done(shared_->as_reader_hears(std::move(*trouble)));
    const auto on = executor();
    if (shared_->quick.is_quick(limits.kind))
      if (auto answer = read_at_once(*on, work, limits)) return done(std::move(*answer));
    const auto* kind = limits.kind;
    on->on_reader(
        [s = shared_, work = std::move(work), done = std::move(done), kind](result<view_session*> session) mutable {
          if (!session) return done(session.error());
          const auto begun = s->clock.steady();
          auto answer = s->read(**session, work);
          s->quick.took(kind, s->clock.steady() - begun);
          done(std::move(answer));
        },
        std::move(limits));
  }

  std::optional<error> damage() const;  // or loss
  result<void> rebuild();               // deletes the file and begins an empty one
  view_store_status status() const;

 private:
  using factory = std::function<result<std::shared_ptr<view_executor>>()>;
  // State shared by the jobs of a store, which may outlive it: an in-memory executor does.
  struct shared_state {
    const std::string path;  // for messages; empty: in memory, never damaged
    const contents what;
    const banyan::clock& clock;
    view_ownership own;  // used by the writer only
    quick_reads quick = {};
    std::atomic<std::uint64_t> commits{0};  // incremented before the acknowledgement
    std::atomic<std::uint64_t> at_once{0};  // reads on callers' threads
    std::mutex lock = {};
    std::optional<error> trouble = {};

    template <class T>
    result<T> read(view_session& session, const read_work<T>& work) {
      const auto before = commits.load();
      session.must_include(before);
      auto answer = work(session);
      if (finds_damage(session, answer.error())) return as_reader_hears(why_damaged());
      if (commits.load() != before) session.end_snapshot();
      return answer;
    }
    bool finds_damage(view_session& session, const error& answer);  // an empty error means success
    error why_damaged();
    error as_reader_hears(error trouble) const;
  };

  // Reads on the caller's thread. None: must run on a reader thread, since no connection is free or it turned out
  // slow.
  template <class T>
  std::optional<result<T>> read_at_once(view_executor& on, const read_work<T>& work, const read_limits& limits) {
    const auto begun = shared_->clock.steady();
    if (begun >= limits.deadline || is_cancelled(limits.cancelled)) return std::nullopt;
    const auto lease = on.lease_session();
    if (!lease) return std::nullopt;
    auto& session = lease->session();
    session.limit(limits);
    session.end_by(add_saturating(begun, 2 * quick_reads::slow));
    auto answer = shared_->read(session, work);
    session.limit({});
    const bool was_too_slow = session.was_too_slow();
    shared_->quick.took(limits.kind, was_too_slow ? quick_reads::slow : shared_->clock.steady() - begun);
    if (was_too_slow) return std::nullopt;
    shared_->at_once.fetch_add(1, std::memory_order_relaxed);
    return answer;
  }

  view_file(std::shared_ptr<view_executor> executor, std::string path, contents what, const banyan::clock& clock,
            factory make);
  std::shared_ptr<view_executor> executor() const;

  std::shared_ptr<shared_state> shared_;
  mutable std::mutex executor_lock_;
  std::shared_ptr<view_executor> executor_;
  std::optional<journal_files> files_;  // for irreplaceable content
  const factory make_;
  bool is_read_only_ = false;
  std::atomic<std::uint64_t> rebuilt_{0};
};

}  // namespace banyan::sqlite
