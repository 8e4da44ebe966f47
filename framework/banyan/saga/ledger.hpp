// The state of a saga's run without its coroutine: requests and their answers, events that wait, the order in which
// things came, and how the run ends (settling, then undo). The rules of cancellation, pivot and undo are here; the
// machine (machine.hpp) adds the coroutine, the record and the limits.
//
// Phases: running -> settling (its function has returned; steps without an answer are waited for) -> undoing (only when
// it failed) -> ended. When undo actions were refused it does not end: attention, until an operator has each of them
// asked again (retried: undoing), or says that it was done by hand (undone). A step that another saga has taken may
// last for days, so when the run has failed or was stopped its undo action is asked before it is settled: it is what
// ends the other saga. When it is refused, and that saga ends well, it is asked again in its turn.
#pragma once

#include <banyan/core/message_codec.hpp>
#include <banyan/saga/record.hpp>
#include <banyan/saga/step_policy.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace banyan {

enum class saga_phase : std::uint8_t { unborn, running, settling, undoing, attention, ended };
BOOST_DESCRIBE_ENUM(saga_phase, unborn, running, settling, undoing, attention, ended)

// A decoded answer: a value of the type that the saga's code waits for, or an error.
struct saga_decoded {
  std::shared_ptr<const void> value;  // null: failed
  error failure;
};
using saga_decoder = result<saga_decoded> (*)(std::string_view json);

// A request and what became of it.
struct saga_entry {
  enum class state : std::uint8_t { open, ok, failed };
  saga_request asked;
  state is = state::open;
  std::uint64_t order = 0;                          // when it was answered, among all that came
  saga_decoder decode = nullptr;                    // the codecs are those of the saga's code, null without it
  const message_codec* arguments_codec = nullptr;
  const message_codec* undo_codec = nullptr;
  saga_step_policy policy = {};
  bool begun = false;                               // a step: another saga has taken it
  int undo_asked = 0;                               // its undo action, asked before its answer to end that saga
  instant since{};                                  // time of the turn that asked for it
  saga_decoded answer = {};
};

class saga_ledger {
 public:
  // The notifications' effects.
  void begin(const saga_head& head);
  void settle(saga_entry& e, saga_decoded answer);
  void mark_begun(saga_entry& e) { e.begun = true; }
  void receive(std::string name, nested_json event);
  void stop(error why);                            // waits for events and timers end, new steps are refused
  void abort(error why);                           // the function is over, with this error
  void answer_undo(saga_entry& e, std::optional<error> refused);
  void retry_undo();                               // phase attention: all that were refused
  void settle_by_hand(saga_entry& e);              // an undo action that is open or refused

  // The requests' effects. `asked.number` is set by add().
  saga_entry& add(saga_request asked);
  void pivot();
  void drop_timer(saga_entry& e);
  // The function returned: an error, or a value. `again`: it goes on in a new run.
  void conclude(nested_json result, bool failed, bool again);
  // Goes on with the end, as far as it can: the next undo action to ask (already added), or nothing. Then the phase is
  // ended, or an answer is waited for.
  saga_entry* go_on();

  // What is there for code that waits: when the request was answered, or can be by an event that waits. 0: not there.
  std::uint64_t order_of(int number) const;
  bool is_there(std::span<const int> numbers, bool any) const;
  // Takes the events that the waiting code gets now: of all the numbers, or of the first that came.
  void take(std::span<const int> numbers, bool any);
  std::size_t first_of(std::span<const int> numbers) const;

  saga_entry* find(int number);                    // null: no such request
  const saga_entry* find(int number) const;
  // An undo action by its number, or the last one of a step by that of the step; null: none was asked for.
  saga_entry* undo_of(int number);
  bool may_be_settled(const saga_entry& undo) const;
  const std::vector<int>& refused() const { return refused_; }  // undo actions, in the order in which they were asked
  const saga_entry* waits_for_event(std::string_view name, std::span<const int> numbers) const;
  const std::vector<int>& open() const { return open_; }  // steps, timers and undo actions without an answer

  saga_phase phase() const { return phase_; }
  const std::optional<error>& stopped() const { return stopped_; }
  bool is_beyond_pivot() const { return beyond_; }
  bool has_failed() const { return failed_; }
  bool goes_on_again() const { return again_; }
  int last_number() const { return static_cast<int>(entries_.size()); }
  int open_steps() const { return open_steps_; }
  int open_timers() const { return open_timers_; }
  int undo_actions() const { return undo_actions_ + static_cast<int>(carried_.size()); }
  std::size_t undo_bytes() const { return undo_bytes_; }
  std::size_t unread_bytes() const { return unread_bytes_; }
  void count_undo(const saga_entry& e);            // e.asked.undo was set
  std::size_t unread(std::string_view name) const;
  std::size_t most_unread() const;                 // of one name
  const nested_json& result() const { return result_; }
  saga_outcome outcome() const;                    // phase ended
  std::vector<saga_unread> all_unread() const;     // in the order in which they came
  // What would be undone if the run failed now, or is still to be undone; first applied first.
  std::vector<saga_undo> to_undo() const;

 private:
  struct waiting_event {
    nested_json payload;
    std::uint64_t order;
  };
  struct undo_item {
    saga_undo action;
    int of;
  };
  static bool is_applied(const saga_entry& e);
  saga_entry* begun_to_undo();
  saga_entry& ask_undo(undo_item item);
  bool is_to_be_undone(const undo_item& item) const;
  std::vector<undo_item> undo_items() const;
  void take_event(saga_entry& e);
  void close(saga_entry& e, saga_entry::state as);

  std::vector<std::unique_ptr<saga_entry>> entries_;  // number n is at n - 1; addresses are stable
  std::vector<int> open_;                             // ascending
  std::map<std::string, std::deque<waiting_event>, std::less<>> inbox_;
  std::vector<saga_undo> carried_;
  saga_phase phase_ = saga_phase::unborn;
  std::optional<error> stopped_;
  std::uint64_t stop_order_ = 0;
  std::uint64_t order_ = 0;
  bool beyond_ = false, failed_ = false, again_ = false, aborted_ = false;
  std::vector<undo_item> still_to_undo_;              // the next one is the last
  const saga_entry* undoing_ = nullptr;
  std::vector<int> refused_;                          // undo actions that nobody has settled
  int open_steps_ = 0, open_timers_ = 0, undo_actions_ = 0;
  std::size_t undo_bytes_ = 0, unread_bytes_ = 0;
  nested_json result_;
};

}  // namespace banyan
