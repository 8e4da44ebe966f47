// One node of a simulation: actors, journal, views, clock and edge; power failure and restart. Internal.
#pragma once

#include <banyan/actor/simulated_scheduler.hpp>
#include <banyan/http/message.hpp>
#include <banyan/runtime/edge.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/engines/memory/memory_journal.hpp>
#include <banyan/simulation/shared_journal.hpp>
#include <banyan/simulation/simulated_actors.hpp>
#include <banyan/simulation/simulated_views.hpp>
#include <banyan/simulation/surroundings.hpp>
#include <banyan/transport/encoded_call.hpp>
#include <banyan/transport/transport.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace banyan {

// An encoded message between nodes: a call, a one-way message, or the cancellation of a call.
struct parcel {
  simulated_node* from;
  std::string to;             // destination node
  std::string actor;          // name published there; empty: an operation of the application
  const operation* what;      // null: cancels a call
  encoded_call call;
  std::uint64_t number;       // number of the sender's call; 0: one-way
  std::uint64_t generation;   // generation of the sender
  monotonic deadline;
};

class simulated_node {
 public:
  using post_office = std::function<void(parcel)>;
  // `app` may be null, `actors` empty. `only`: the services of `app` that this node runs, empty: all; other services
  // are called on the nodes that run them.
  simulated_node(surroundings& s, int number, std::string name, const application* app, std::function<void(simulated_actors&)> actors,
                 std::vector<std::string> only, post_office post);
  ~simulated_node();

  const std::string& name() const { return name_; }
  int number() const { return number_; }
  bool is_up() const { return up_; }
  bool is_paused() const { return world_.now < paused_until_; }
  monotonic paused_until() const { return paused_until_; }
  std::uint64_t generation() const { return generation_; }  // number of starts since the beginning
  actor_system& system() { return *system_; }
  std::vector<span> take_spans();
  edge* front() { return front_.get(); }
  const banyan::node& running() const { return *node_; }
  memory_journal& journal() { return *stored_; }  // stored data: the node's own, or the shared one
  simulated_clock& clock() { return clock_; }

  // --- actors, for the scheduler
  std::size_t jobs() { return up_ && !is_paused() ? scheduler_->jobs() : 0; }
  void run_job(std::size_t k);
  monotonic next_time() const;  // earliest timer of its actors
  void trigger_timers();        // runs the due timers

  // --- faults
  void start();  // throws result_error on failure
  void fail_power(crash_point planned, timespan down_for);
  void arm(crash_point during, int steps, timespan down_for);  // schedules a power failure
  void disarm() { armed_.clear(), cut_start_after_.reset(); }
  bool inject(bool time_moves);  // true: an armed crash happened
  void pause(timespan d);
  void slow_down(int times, timespan d) { slower_ = times, slow_until_ = world_.now + d.count(); }

  // --- messages from other nodes
  void publish(std::string name, address a) { published_.insert_or_assign(std::move(name), std::move(a)); }
  address find(const std::string& name) const;
  // Keeps operations alive as long as this node, for messages in flight.
  std::shared_ptr<const std::vector<operation>> keep(std::vector<operation> travelling);
  std::unique_ptr<transport::attempt> call(const std::string& to, const std::string& actor, const operation& what,
                                           const message& request, monotonic deadline,
                                           completion<remote_answer> answered);
  void post(const std::string& to, const std::string& actor, const operation& what, const message& one_way);
  // A message from another node: a call to answer (`answered` is not called for one-way messages), a cancellation,
  // or an answer.
  void take(const parcel& p, completion<encoded_answer> answered);
  void hear(std::uint64_t number, encoded_answer answer);

 private:
  struct armed_crash {
    crash_point during;
    int steps;
    timespan down_for;
  };
  class outgoing_call;
  struct asker {
    const operation* what;
    completion<remote_answer> answered;
  };
  bool is_in(crash_point m) const;
  bool come_up();
  ports engines();
  remote_services elsewhere() const;
  result<done> run_until_up(actor_system& s, const address& supervisor);
  void end_actors();
  void lose_disk_queues();
  void travel(std::function<void()> step);
  void lose_power();
  void disk_step(std::function<void()> step, std::uint64_t& counted);
  void see(const actor_host& who, const message& l);
  void tell_of(const actor_host& who, const message& l);
  void record(std::string_view what) const { world_.record(name_, what); }

  surroundings& world_;
  const int number_;
  const std::string name_;
  const application* app_;
  const std::function<void(simulated_actors&)> actors_;
  const std::vector<std::string> only_;
  const post_office post_;

  simulated_clock clock_;
  seeded_random random_;
  seeded_random answers_;  // draws the order of the journal's answers
  seeded_random span_ids_;
  std::vector<span> spans_;  // of earlier starts
  memory_journal journal_;
  memory_journal* stored_ = &journal_;
  std::unique_ptr<shared_journal> shared_;  // client of the shared journal, if any
  simulated_views views_;
  monotonic last_disk_step_{}, last_way_{}, paused_until_{}, slow_until_{};
  int slower_ = 1;

  std::optional<actor_system> system_;
  std::optional<simulated_scheduler> scheduler_;
  std::unique_ptr<banyan::node> node_;
  std::unique_ptr<edge> front_;
  bool up_ = false, starting_ = false, power_failed_ = false;
  std::uint64_t generation_ = 0;
  std::vector<armed_crash> armed_;
  std::optional<int> cut_start_after_;  // messages until the crash
  int passivating_ = 0;
  monotonic passivating_at_{};
  std::size_t told_events_ = 0;
  std::map<std::string, address> published_;
  std::map<std::uint64_t, asker> asked_;
  std::uint64_t last_asked_ = 0;
  struct served_call {
    std::uint64_t number;
    std::unique_ptr<transport::attempt> attempt;
  };
  // Calls being served, by sender and the sender's number: several if the call travelled twice.
  std::multimap<std::pair<int, std::uint64_t>, served_call> served_;
  std::uint64_t last_served_ = 0;
  std::vector<std::shared_ptr<const std::vector<operation>>> kept_;
};

}  // namespace banyan
