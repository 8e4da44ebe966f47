// The in-memory journal, for tests, simulation and trying a program out (the URL "memory:"): the exact semantics of
// the port (it passes the same conformance suite), in virtual time, with crashes and disk faults on command.
//
// For runs that must be reproducible: it has no thread, and executes requests in the order in which they were made.
// The answers of a step come in that order too, unless shuffled by a source of randomness (`answers`), since the port
// guarantees no order. Not for data that must outlive the process.
//
//   memory_journal j;                                        // answers immediately, on the caller's thread
//   memory_journal j{{.executor = memory_journal::by_hand}};  // answers only when step() is called
//   j.append(request, done);                                 // queued
//   j.crash(random); // power loss: `done` gets `unavailable`, outcome unknown;
//                                                            // `random` decides whether the append was stored
//
// Thread-safe (then the order is that of arrival); answers come on the thread that makes the step.
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
  // Runs a step, now or later: a scheduler's "post", a simulated disk's delay.
  using executor_function = std::function<void(std::function<void()>)>;
  static void at_once(std::function<void()> step) { step(); }
  static void by_hand(std::function<void()>) {}

  struct options {
    executor_function executor = at_once;
    const banyan::clock* clock = &system_clock();
    uuid incarnation = {};     // nil: random; epoch ids derive from it
    std::size_t queue = 8192;  // requests not yet answered
    random_source* answers = nullptr;  // shuffles the answers of a step; null: in the order of the requests
  };

  memory_journal();
  explicit memory_journal(options o);
  ~memory_journal() override;  // open requests get outcome unknown

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

  // Executes everything requested before this call as one batch with one sync, then answers. False: nothing to do, or
  // a step is in progress (when an answer calls step()).
  bool step();

  // Power loss and restart: of the requests not yet executed, a prefix chosen by `random` is stored, the rest is lost.
  // All of them get `unavailable`, outcome unknown. Answered requests are kept.
  void crash(random_source& random);

  // Loses the events after `kept`, as when an older copy is restored or a disk loses its tail. Begins a new epoch,
  // like a crash.
  void lose_tail(position kept);

  // Answers the queue with outcome unknown, and drops it: requests made while the power is off.
  void lose_queued();

  struct queued {
    std::size_t appends = 0, snapshots = 0;
  };
  queued under_way() const;

  // The epochs, synchronously: the first opening begins one, and each crash the next.
  journal_history history() const;

  // All stored events by position, synchronously. Not while another thread may make a step.
  const std::vector<recorded_event>& log() const { return log_; }

  // Lets the next `times` batches with appends fail to sync: they answer `exhausted`, and are not applied.
  void fail_syncs(int times = 1);

  // Refuses the next `times` appends immediately, ahead of the queue, as a full queue or an invalid request would be.
  // Refusals ordered earlier are used up first. accept_appends() cancels all of them.
  void refuse_appends(int times, error why);
  void accept_appends();

  // Removes the event at this position from all reads, like damage to a file. Other positions do not change.
  void lose(position p);

 private:
  // What is stored beside events also has the head at that time, so that lose_tail() can remove it.
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
    std::vector<std::size_t> events;           // indices into log_
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
    virtual bool is_stored_append() const { return false; }  // true only after perform()
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
  const recorded_event* last_of(const std::string& stream) const;  // null: no events
  position head() const { return static_cast<position>(log_.size()); }
  void begin_epoch();

  const options options_;
  std::shared_ptr<commit_watchers> watchers_ = std::make_shared<commit_watchers>();
  std::shared_ptr<memory_journal*> self_;  // for steps posted to the executor; reset by the destructor
  mutable std::mutex mutex_;
  std::deque<std::unique_ptr<operation>> queue_;
  bool stepping_ = false;
  int failing_syncs_ = 0;
  std::deque<error> refusals_;  // for the next appends
  journal_status status_;
  journal_history history_;
  std::uint64_t openings_ = 0;

  std::vector<recorded_event> log_;  // position p is log_[p - 1]
  std::set<position> lost_;
  std::map<std::string, stream_record> streams_;
  std::unordered_map<uuid, std::size_t> places_;
  std::map<std::string, std::vector<raised_token>> tokens_;  // by scope
  std::map<std::string, declared_fact> facts_;
  instant recorded_at_{};  // of the latest event; never goes back
};

}  // namespace banyan
