// The actor of one saga: loads its turns, builds the machine again, and drives it. Hosted by a shard, as the entities
// of an aggregate are.
//
//   order, answer, timer -> turn -> append -> durable: the order is answered, steps are asked
//
// One turn is one event, and nothing leaves before its own turn is durable. Turns are pipelined: the next notification
// is taken while the last turn is being written, and each append requires that the stream ends with the turn before it
// (expected::after), so that of two owners one wins. What the journal answers decides:
//
//   stored                       what the turn asks for leaves
//   unknown                      the same append again, with back-off, until it is known
//   wrong_version, repeated      another owner, or an earlier attempt, was first: the machine is dropped and built
//                                again from what is stored; displaced orders and answers are taken again
//   refused (full, fenced, ...)  nothing leaves; the order is answered with the error; after a back-off the machine is
//                                built again, and answers of steps are taken again
//
// A step is asked with the command id of its turn until its outcome is known (step_policy.hpp, step_outcome.hpp),
// through the link of its service, by the operation's wire name: a request whose type the saga's code does not know
// any more can still be asked, so a saga without code can be undone. An answer that is lost with the actor is asked for
// again.
//
// A turn whose code throws is no turn: the machine is built again, and what led to it is taken again. When the same
// turn has thrown three times, counted in memory (a restarted program tries as often), the saga is blocked.
// A verified saga (saga_verify) is blocked by a turn that its replay does not repeat. Neither appends anything.
//
// A saga that another saga asks (message_context::asking_saga) answers at once, when its first turn is stored, that it
// has begun it; the asking one stores that and waits without memory. At its end it gives its answer to the other as an
// order, until that is taken. Whichever of them was stopped meanwhile, the asking saga asks once more when it is
// activated, and gets the answer then: the end itself is not stored a second time.
//
// A run that ends with `again` and the first turn of the next run are one append. Commands are remembered with the
// stream of the first run.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/event_sourcing/known_commands.hpp>
#include <banyan/event_sourcing/passivation.hpp>
#include <banyan/event_sourcing/unreadable_streams.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/saga/machine.hpp>
#include <banyan/saga/saga_meters.hpp>
#include <banyan/saga/saga_spec.hpp>
#include <banyan/saga/step_outcome.hpp>
#include <banyan/service/context.hpp>

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banyan {

// An operation that a saga may ask, of any service of the application.
struct saga_operation {
  std::string service;
  operation of;
};
using saga_operations = std::map<std::string, saga_operation, std::less<>>;  // by wire name

// Data shared by the sagas of a kind. The references must outlive them.
struct saga_surroundings {
  const saga_spec& spec;
  banyan::journal& journal;
  const service_scope& scope;
  saga_operations operations;
  saga_meters meters = {};
  std::shared_ptr<unreadable_streams> blocked = {};  // null: not reported
  std::shared_ptr<unreadable_streams> attention = {};  // sagas with a step that needs a person; null: not reported
  // Where an order for a saga of this name goes; null: not on this node.
  std::function<address(const std::string& saga, message& order)> route = {};
  std::string build = {};                            // of the program, stored with new runs
  bool has_clock = false;  // somebody wakes sagas whose timers are due: they need not stay in memory for that
  bool verify_all = false; // whatever spec.verify says
};

class saga_entity final : public actor {
 public:
  static constexpr std::size_t page = 1000;         // events per read
  static constexpr std::size_t max_waiting = 1000;  // orders, wakes, and those that wait for the end
  static constexpr int most_throws = 3;             // of one turn
  static constexpr int max_runs_in_turn = 16;       // runs that end with `again` in their first turn

  // `stream` is "<category>-<saga id>".
  saga_entity(std::shared_ptr<const std::string> stream, std::shared_ptr<const saga_surroundings> around);
  ~saga_entity() override;

  behavior make_behavior() override;
  void started() override;

 private:
  static constexpr backoff_policy between_appends{.first = std::chrono::milliseconds{50},
                                                  .max = std::chrono::seconds{10}};

  struct settled {
    std::uint32_t incarnation;
    std::uint64_t number;  // the append's
    result<append_result> appended;
  };
  struct append_again {
    std::uint64_t number;
  };
  struct look_at_clock {
    monotonic planned;
  };
  // Something to take: an order, or a notification that nobody waits for.
  struct waiting {
    message_ptr request;
    std::optional<saga_notification> notification;
    int run = 0;  // of the notification
  };
  struct leaving {  // a step or undo action of a turn
    saga_request asked;
    saga_step_policy policy;
    instant since;
    bool begun;
  };
  // A turn that is not known to be durable.
  struct pending {
    std::uint64_t number;
    waiting cause;
    append_request request;            // kept, so that it can be sent again
    saga_receipt receipt;
    int run;
    uuid command;                      // nil: none
    std::vector<leaving> leave;
    std::optional<saga_outcome> ends;  // the saga's end
    std::vector<message_ptr> repeats;  // of its command
    backoff pauses{between_appends};   // while its outcome is unknown
    bool is_settled = false;
  };
  struct step {
    int run;
    saga_request asked;
    saga_step_policy policy;
    instant wanted_at;
    bool begun = false;                // by another saga, as recorded
    bool is_taken = false;             // by another saga, as it has just answered
    int attempts = 0, queries = 0;
    // Set while it may have been applied: the latest deadline of an attempt.
    std::optional<monotonic> doubt = {};
    std::uint64_t generation = 0;      // of the task that asks it
    std::optional<error> last_error = {};
  };
  struct step_reply {
    std::string reply;   // as JSON
    bool begun = false;  // there is none yet: another saga has taken it
  };
  using step_place = std::pair<int, int>;  // run and number: several steps may have one command
  static step_place place_of(const step& s) { return {s.run, s.asked.number}; }
  struct stored_run {
    int run = 1;
    std::vector<std::string> turns;
    version last_version = 0;
    uuid last_event;
  };
  struct stored_saga {
    std::vector<command_record> commands;
    std::optional<std::uint64_t> started_with;
    event_metadata start;              // of the first turn
    stored_run current;
  };

  // saga_entity.cpp: orders
  void take(message_ptr& m);
  void go_on();
  void process(waiting w);
  void start(waiting w, nested_json given, std::string by);
  void notify(waiting w, saga_notification n);
  bool feed(waiting w, saga_notification n, const uuid& command, std::uint64_t fingerprint);

  // saga_entity_defects.cpp: code that throws, or does not do the same again
  void begin_verification();
  std::optional<error> differs(const saga_append& turn);
  bool takes_again(int turn);
  void take_later(waiting w);
  void warn_of_limits();

  // saga_entity_turns.cpp: what is appended, and what follows
  static std::optional<saga_receipt> receipt_in(std::string_view stored_reply);
  static event_metadata metadata_of(const message* request, const uuid& command, const event_metadata& start);
  void store(saga_append turn, waiting cause, const uuid& command, std::uint64_t fingerprint);
  void add_turn(append_request& to, const saga_append& turn, pending& p);
  bool begin_next_run(append_request& to, pending& p);
  void append(pending& p);
  void settle(settled& s);
  void stored(pending& p, const append_result& r);
  void answer(message_ptr& request, const saga_receipt& receipt, position at);
  void keep_for_end(message_ptr request);
  void answer_end();

  // saga_entity_family.cpp: sagas that wait for one another
  std::optional<saga_parent> parent_in(const message& request) const;
  std::shared_ptr<const std::string> as_parent(const step& s) const;
  void give_answer();
  task<void> give_answer_until_taken(saga_order order, saga_parent to);

  // saga_entity_operators.cpp
  void describe(message& request) const;
  void retry(waiting w, const std::string& because, const std::string& by);
  void block(std::string why, std::string_view kind = "defect");
  void unblock();
  error not_there() const;
  error blocked_error() const;

  // saga_entity_load.cpp: what is stored
  void load(nanoseconds pause);
  task<void> load_after(nanoseconds pause);
  task<result<stored_saga>> read_saga();
  task<result<stored_run>> read_run(int run, stored_saga* first);
  task<result<int>> last_run();
  void activate(stored_saga s);
  void reload(nanoseconds pause);
  void maybe_passivate();

  // saga_entity_steps.cpp: what leaves, and the clock
  void begin_step(leaving l, int run, bool in_doubt);
  const saga_operation* operation_of(const std::string& name) const;  // null: no service of the application offers it
  service_link& link_to(const std::string& service) const;
  monotonic attempt_ends(const step& s) const;
  saga_step_facts facts_of(const step& s) const;
  task<void> ask_until_known(std::shared_ptr<step> s, std::uint64_t generation);
  task<std::optional<nested_json>> ask_step(std::shared_ptr<step> s);
  task<std::optional<nested_json>> ask_query(std::shared_ptr<step> s);
  task<result<step_reply>> ask_once(saga_request asked, std::string arguments, timespan limit,
                              std::shared_ptr<const std::string> as_saga);
  void leave_to_a_person(const step& s, error why);
  void look_at_people();
  bool is_wanted(const step& s) const;
  void look_at_time();
  void plan_look();
  std::optional<instant> next_due() const;        // of a timer, or when it gives up

  bool can_feed() const;
  bool exists() const { return version_ > 0; }  // includes turns that are not durable yet
  bool has_ended() const;
  std::string id() const { return stream_->substr(spec().category.size() + 1); }
  std::string stream_of(int run) const { return run == 1 ? *stream_ : *stream_ + "~" + std::to_string(run); }
  const address& shard() const { return self().parent(); }  // null: without a shard
  const saga_spec& spec() const noexcept { return around_->spec; }

  std::shared_ptr<const std::string> stream_;
  std::shared_ptr<const saga_surroundings> around_;
  std::unique_ptr<saga_machine> machine_;     // null: not started, loading, or it can not be built
  std::unique_ptr<saga_machine> record_;      // without code, to describe one that can not be built with it
  int run_ = 1;
  version version_ = 0;                       // of the run's stream
  uuid last_event_;
  std::optional<std::uint64_t> started_with_; // hash of the input of the first run
  event_metadata start_;                      // of the first turn
  known_commands known_;
  std::list<waiting> waiting_;
  std::list<pending> pending_;                // oldest first
  std::uint64_t last_number_ = 0;
  std::size_t in_flight_ = 0;                 // appends without a final answer
  std::map<step_place, std::shared_ptr<step>> steps_;  // under way
  std::map<step_place, error> left_to_people_;         // open steps that are not asked any more
  std::vector<message_ptr> wakes_;            // answered when all that was due is stored
  std::vector<message_ptr> for_end_;          // starts by an operation, answered when the saga ends
  std::optional<saga_parent> parent_;         // who waits for the end, as stored
  bool gives_answer_ = false;                 // to it
  std::optional<error> broken_;               // what is stored can not be read: every order is refused
  std::optional<std::string> blocked_;
  std::string blocked_by_;                    // a saga_block
  bool verifies_ = false;
  std::vector<std::string> verified_;         // the run's turns, when it is verified
  int throwing_turn_ = 0, throws_ = 0;        // in a row; turn -1: a replay
  std::set<std::string> warned_;              // limits, in this activation
  backoff pauses_;
  nanoseconds pause_{};                       // before the machine is built again
  std::optional<monotonic> next_look_;
  std::optional<std::uint64_t> passivation_asked_;
  bool loading_ = false, tainted_ = false, without_code_ = false;
  bool offered_to_end_ = false;
};

}  // namespace banyan
