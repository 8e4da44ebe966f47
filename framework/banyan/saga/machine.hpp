// The machine of one run of a saga: a deterministic function from notifications to requests. No actor, no journal, no
// clock: whoever drives it appends each turn, and only then asks for what the turn wants.
//
//   saga_machine m{&code};
//   result<saga_append> first = m.start(head, input, now);     // append it, then ask what is outstanding
//   for (const saga_open& open : m.outstanding()) send(*open.request);
//   result<saga_append> next = m.feed(saga_answer(1, answer), now);
//
//   saga_machine again{&code};                                 // after a crash, from the stored turns
//   result<void> same = again.replay(first->payload);          // conflict: saga_mismatch
//
// A notification that changes nothing is refused and is no turn: an answer that nobody waits for (not_found,
// "not_outstanding"), a timer before its time (refused, "not_due"), a cancellation after the pivot (conflict,
// "too_late"), an undo action that is none or is done (not_found, "no_such_undo"; conflict, "already_undone"), anything
// for an ended saga (conflict, "saga_ended").
//
// A saga is blocked, and takes no notification (unavailable, "saga_blocked"), when its code differs from its record
// (mismatch), threw (defect) or is not linked (unknown_version), or when its run is too long (too_long: until the limit
// is raised, or it is aborted). A machine without code follows a record without running anything: with it a saga whose
// code is gone can be aborted, and what was applied is undone from the record.
#pragma once

#include <banyan/saga/ledger.hpp>
#include <banyan/saga/limits.hpp>
#include <banyan/saga/mismatch.hpp>
#include <banyan/saga/saga_frame.hpp>

#include <coroutine>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// A turn to append: the record, as text, and the id of its event.
struct saga_append {
  saga_turned turn;
  std::string payload;
  uuid event_id;
};

// A request that waits for something: a step or an undo action to ask, a timer to arm.
struct saga_open {
  const saga_request* request;
  const saga_step_policy* policy;
  instant since;  // time of the turn that asked for it
  bool begun;     // another saga has taken it
};

enum class saga_block : std::uint8_t { mismatch, defect, unknown_version, too_long };
BOOST_DESCRIBE_ENUM(saga_block, mismatch, defect, unknown_version, too_long)
struct saga_blocked {
  saga_block why;
  std::string text;
  bool threw = false;  // a defect: its code threw, which may go well the next time
};

// How a run goes on as the next one.
struct saga_next_run {
  saga_head head;
  nested_json input;
};

class saga_machine {
 public:
  // `code` must outlive the machine; null: the machine follows a record without running it.
  explicit saga_machine(const saga_code* code, saga_limits limits = {});
  ~saga_machine();
  saga_machine(const saga_machine&) = delete;
  saga_machine& operator=(const saga_machine&) = delete;

  // Begins the run. invalid_argument: the input does not decode.
  result<saga_append> start(saga_head head, nested_json input, instant now, const uuid& id = {}, std::string by = {});
  // One more turn. Nothing may leave before it is stored.
  result<saga_append> feed(saga_notification n, instant now);
  // A stored turn, in order. conflict "saga_mismatch": the code differs from the record; corrupt: the record is no
  // record of this saga.
  result<void> replay(const saga_turned& recorded, std::size_t bytes = 0);
  result<void> replay(std::string_view payload);

  const saga_head& head() const { return head_; }
  saga_phase phase() const { return ledger_.phase(); }
  std::optional<saga_blocked> blocked() const;
  const std::optional<saga_ending>& ending() const { return ending_; }
  int turns() const { return turns_; }
  std::size_t bytes() const { return bytes_; }
  instant now() const { return now_; }
  const std::string& status() const { return status_; }
  // In the order of their numbers. Timers only while the function runs.
  std::vector<saga_open> outstanding() const;
  // When it is out of time; none once it was stopped, or is past its pivot.
  std::optional<instant> gives_up_at() const;
  // What would be undone if it failed now, or is still to be undone; last applied first, as an operator sees it.
  std::vector<saga_undo> to_undo() const;
  // Undo actions that were refused, and that an operator has to settle.
  struct refused_undo {
    const saga_request* request;
    const error* why;
  };
  std::vector<refused_undo> refused() const;
  // What its function waits for, or how it ends: "event approval", "timer 7", "payments.charge".
  std::vector<std::string> waiting_for() const;
  // The function's result, once it has returned: also when the saga has not ended.
  const nested_json& returned() const { return ledger_.result(); }
  // Received and not taken. Without its code a machine does not know what was taken.
  std::vector<saga_unread> unread() const { return ledger_.all_unread(); }
  std::vector<saga_warning> warnings() const;
  // After an ending `again`: the head and the input of the next run, to be stored in the same append.
  std::optional<saga_next_run> next_run() const;
  // All that a replay must restore, as text: two machines of one record are equal.
  std::string fingerprint() const;

  // For the saga's context and handles (context.hpp, pending.hpp), during a turn. Numbers: of requests; 0 is a request
  // that was not begun because the saga is stopped.
  struct ask {
    saga_request request;
    saga_decoder decode = nullptr;
    const message_codec* arguments_codec = nullptr;
  };
  int begin(ask a);
  void add_undo(int number, saga_undo undo, const message_codec* codec);
  saga_step_policy* policy_of(int number);           // null: it was not begun
  const nested_json* recorded_value(std::string_view name);  // null: this is no replay
  [[noreturn]] void unreadable_value(std::string_view name, const nested_json& recorded, const error& why);
  void say_status(std::string_view text);
  result<void> pivot();
  void drop_timer(int number);
  error go_on_again(nested_json input, const message_type* type);
  bool is_there(std::span<const int> numbers, bool any);
  bool would_be_there(int number) const { return ledger_.order_of(number) != 0; }
  std::size_t first_of(std::span<const int> numbers) const { return ledger_.first_of(numbers); }
  void suspend(std::coroutine_handle<> h, std::span<const int> numbers,
               bool any);                            // `numbers` live until it is resumed
  const saga_decoded& answer_of(int number);         // takes an event that is there; throws when nothing is
  const std::optional<error>& stopped() const { return ledger_.stopped(); }
  const uuid& run_id() const { return run_id_; }
  bool is_in_turn() const { return in_turn_; }

 private:
  struct made {                                      // what a turn led to, in order
    int number;                                      // 0: a status
    std::string status;
  };
  struct wait {
    std::coroutine_handle<> handle;
    std::span<const int> numbers;
    bool any = false;
  };

  result<void> admit(saga_notification& n, instant now);
  result<void> admit_answer(saga_notification& n);
  result<void> admit_event(saga_notification& n) const;
  result<void> admit_stop(saga_notice kind) const;
  result<void> admit_undone(saga_notification& n);
  result<saga_append> turn(saga_notification n, std::optional<saga_head> head, instant now);
  void run(const saga_notification& n);
  void deliver(const saga_notification& n);
  void run_code();
  void follow_record();                              // without code: takes the requests from the record
  void go_on_ending();
  void check_requests_in_turn();
  void add_undo_request(saga_entry& e);
  // Replay.
  const saga_request* next_recorded();
  void close_request();
  void compare_rest();
  void compare_ending();
  [[noreturn]] void differ(std::string recorded, std::string present);
  [[noreturn]] void defect(std::string what);
  saga_turned finished_turn(saga_notification because);
  error blocked_error() const;

  const saga_code* code_;
  saga_limits limits_;
  saga_ledger ledger_;
  saga_head head_;
  uuid run_id_;
  std::unique_ptr<saga_frame> frame_;
  wait waiting_;
  std::optional<saga_blocked> blocked_;
  std::optional<saga_ending> ending_;
  int turns_ = 0;
  std::size_t bytes_ = 0;
  instant now_{};
  std::string status_;

  // Of the turn under way.
  bool in_turn_ = false;
  std::vector<made> made_;
  saga_decoded answer_;                              // of an answer that was decoded when it was admitted
  bool has_answer_ = false;
  int asked_ = 0, awaited_ = 0;
  bool returned_ = false;                            // the function returned in this turn
  std::optional<nested_json> next_input_;
  const saga_turned* recorded_ = nullptr;            // in a replay
  std::size_t compared_ = 0;                         // requests of the record that were met
  int unchecked_ = 0;                                // the last request, whose undo may still come
  saga_decoded not_begun_;                           // the answer of request 0
};

}  // namespace banyan
