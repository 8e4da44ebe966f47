// A journal in memory, for tests, simulation and trying a program out (the URL "memory:"): the port's semantics exactly
// (it passes the same conformance suite), in virtual time, with crashes and disk faults on command.
//
// Use it where a run must repeat itself: it has no thread, and performs everything in the order in which it is asked.
// The answers of one step come in that order too, unless a source of randomness says otherwise (`answers`): the port
// promises no order. Do not use it where data must outlive the process.
//
//   memory_journal j;                                        // answers at once, on the caller's thread
//   memory_journal j{{.executor = memory_journal::by_hand}};  // answers only when step() is called
//   j.append(request, done);                                 // nothing happens yet
//   j.crash(random);                                         // the power fails: `done` hears "outcome unknown", and the append
//                                                            // is there afterwards, or not, as `random` says
//
// It may be called from several threads (then the order is theirs); answers come on whichever thread makes the step.
#pragma once

#include <banyan/journal/commit_watchers.hpp>
#include <banyan/journal/journal.hpp>

#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

namespace banyan {

class memory_journal final : public journal {
 public:
  // Is handed a step to run, now or later: a scheduler's "post", a simulated disk's delay.
  using executor_function = std::function<void(std::function<void()>)>;
  static void at_once(std::function<void()> step) { step(); }
  static void by_hand(std::function<void()>) {}

  struct options {
    executor_function executor = at_once;
    const banyan::clock* clock = &system_clock();
    uuid incarnation = {};     // nil: a random one; the ids of its epochs follow from it
    std::size_t queue = 8192;  // operations asked and not yet answered
    random_source* answers = nullptr;  // draws the order in which the answers of a step come; null: the order of the questions
  };

  memory_journal();
  explicit memory_journal(options o);
  ~memory_journal() override;  // what is not answered yet is answered with outcome unknown

  void append(append_request request, completion<append_result> done) override;
  void load(load_request request, completion<loaded_stream> done) override;
  void read_stream(read_stream_request request, completion<std::vector<recorded_event>> done) override;
  void read_all(read_all_request request, completion<read_page> done) override;
  void save_snapshot(snapshot s, completion<bool> done) override;
  void list_streams(std::string prefix, std::string after, std::size_t limit, completion<std::vector<stream_info>> done) override;
  void info(completion<journal_info> done) override;
  void seal(partition part, fence f, completion<sealed> done) override;
  void read_token(partition part, std::string scope, completion<std::int64_t> done) override;
  void declare(std::string key, std::string value, completion<bool> done) override;
  void forget_commands(forget_request request, completion<forgotten> done) override;
  journal_status status() const override;
  std::unique_ptr<watch> on_commit(std::function<void(position head)> notify) override;

  // Performs what was asked before this call as one batch, with one sync, then answers. False when there was nothing to do (or a step is
  // under way: an answer that calls step() gets false).
  bool step();

  // Power loss and restart in one: of the operations not yet performed, a prefix chosen by `random` reached the disk, the rest is lost;
  // all of them hear `unavailable` with outcome unknown. What was answered stays.
  void crash(random_source& random);

  // An older copy takes its place, or the disk loses its tail: what is after `kept` was never written. Like a crash, it is an opening.
  void lose_tail(position kept);

  // What is queued is refused, outcome unknown, and never done: who asks while the power is off.
  void lose_queued();

  struct queued {
    std::size_t appends = 0, snapshots = 0;
  };
  queued under_way() const;

  // Which opening wrote what, without asking: the first one, and each crash ends one.
  journal_history history() const;

  // All that is stored, by position, without asking. Not while a step may be made on another thread.
  const std::vector<recorded_event>& log() const { return log_; }

  // The next `times` batches with appends fail to sync: all of them hear `exhausted` and are not applied.
  void fail_syncs(int times = 1);

  // The next `times` appends are refused at once, ahead of what is queued: as by a queue that is full, or for what they are. Those that were
  // ordered before come first. accept_appends() takes it all back.
  void refuse_appends(int times, error why);
  void accept_appends();

  // The event at this position is gone from whatever is read from now on, as from a file that was damaged. Nothing else moves up.
  void lose(position p);

 private:
  // Whatever is stored beside events has the journal's head of that time, so that it can be lost with a tail.
  struct remembered_command {
    command_record record;
    position head;
    instant at;
  };
  struct raised_token {
    std::int64_t token;
    position head;
  };
  struct declared_fact {
    std::string value;
    position head;
  };
  struct stream_record {
    std::vector<std::size_t> events;           // places in log_
    std::vector<remembered_command> commands;  // oldest first
    std::optional<banyan::snapshot> last_snapshot;
  };
  enum class change : std::uint8_t { none, snapshot, data };
  struct operation {
    virtual ~operation() = default;
    virtual void perform(memory_journal& j) = 0;  // computes the answer
    virtual void answer() = 0;
    virtual void refuse(error why) = 0;
    virtual void fail_sync() = 0;
    virtual bool writes() const = 0;
    virtual bool is_snapshot() const = 0;
    virtual bool is_append() const = 0;
    virtual bool is_stored_append() const { return false; }  // once performed
  };
  template <class T, class F>
  struct task;

  template <class T, class F>
  void submit(completion<T> done, F perform, change what = change::none);
  void enqueue(std::unique_ptr<operation> op);
  std::optional<error> next_refusal();
  void note(const std::deque<std::unique_ptr<operation>>& batch, bool failed);

  result<append_result> apply(const append_request& request);
  std::optional<result<append_result>> answered_before(const append_request& request) const;
  std::optional<result<append_result>> appended_before(const append_request& request) const;
  outcome outcome_of(const append_request& request) const;
  append_result write(const append_request& request);
  std::int64_t token_of(const std::string& scope) const;
  void raise(const fence& f);
  result<sealed> put_seal(const fence& f);
  result<bool> put_fact(const std::string& key, const std::string& value);
  forgotten forget(const forget_request& request);
  bool put_snapshot(const snapshot& s);
  loaded_stream read(const load_request& request) const;
  std::vector<recorded_event> read(const read_stream_request& request) const;
  read_page read(const read_all_request& request) const;
  std::vector<stream_info> read(const std::string& prefix, const std::string& after, std::size_t limit) const;
  const stream_record* find(const std::string& stream) const;
  version version_of(const std::string& stream) const;
  const recorded_event* last_of(const std::string& stream) const;  // null: it has no event
  position head() const { return static_cast<position>(log_.size()); }
  void begin_epoch();

  const options options_;
  std::shared_ptr<commit_watchers> watchers_ = std::make_shared<commit_watchers>();
  std::shared_ptr<memory_journal*> self_;  // for steps handed to the executor: empty once we are gone
  mutable std::mutex mutex_;
  std::deque<std::unique_ptr<operation>> queue_;
  bool stepping_ = false;
  int failing_syncs_ = 0;
  std::deque<error> refusals_;  // of the next appends
  journal_status status_;
  journal_history history_;
  std::uint64_t openings_ = 0;

  std::vector<recorded_event> log_;  // position p is log_[p - 1]
  std::set<position> lost_;
  std::map<std::string, stream_record> streams_;
  std::unordered_map<uuid, std::size_t> places_;
  std::map<std::string, std::vector<raised_token>> tokens_;  // by scope
  std::map<std::string, declared_fact> facts_;
  instant recorded_at_{};  // of what was stored last: time never goes back
};

}  // namespace banyan
