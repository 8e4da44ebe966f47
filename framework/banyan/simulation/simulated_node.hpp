// One node of a simulation: its actors, journal, views, clock and edge; how its power fails and how it starts again. Internal.
#pragma once

#include <banyan/http/message.hpp>
#include <banyan/runtime/edge.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/simulation/memory_journal.hpp>
#include <banyan/simulation/simulated_actors.hpp>
#include <banyan/simulation/simulated_views.hpp>
#include <banyan/simulation/surroundings.hpp>

#include <caf/scheduler/test_coordinator.hpp>

#include <functional>
#include <optional>
#include <unordered_map>

namespace banyan {

class simulated_node {
 public:
  // Takes a message for an actor of another node; `kind` copies it.
  using post_office =
      std::function<void(simulated_node& from, const std::string& to, const std::string& name, message_ptr l, const copyable_message& kind)>;
  // `app` may be null, and `actors` empty.
  simulated_node(surroundings& s, int number, std::string name, const application* app, std::function<void(simulated_actors&)> actors,
                 post_office post);
  ~simulated_node();

  const std::string& name() const { return name_; }
  int number() const { return number_; }
  bool is_up() const { return up_; }
  bool is_paused() const { return world_.now < paused_until_; }
  monotonic paused_until() const { return paused_until_; }
  std::uint64_t generation() const { return generation_; }  // which, since the world began
  actor_system& system() { return *system_; }
  edge* front() { return front_.get(); }
  const banyan::node& running() const { return *node_; }
  memory_journal& journal() { return journal_; }
  simulated_clock& clock() { return clock_; }

  // --- its actors, for the scheduler
  std::size_t jobs() { return up_ && !is_paused() ? scheduler_->jobs.size() : 0; }
  void run_job(std::size_t k);
  monotonic next_time() const;  // of its actors' timers
  void trigger_timers();        // those that are due

  // --- faults
  void start();  // throws result_error when it can not
  void fail_power(crash_point planned, timespan down_for);
  void arm(crash_point during, int steps, timespan down_for);  // the power fails then
  void disarm() { armed_.clear(), cut_start_after_.reset(); }
  bool inject(bool time_moves);  // true: an armed crash was due and happened
  void pause(timespan d);
  void slow_down(int times, timespan d) { slower_ = times, slow_until_ = world_.now + d.count(); }

  // --- messages from other nodes
  void publish(std::string name, address a) { published_.insert_or_assign(std::move(name), std::move(a)); }
  address find(const std::string& name) const;
  // A request that leaves: who waits for its answer, under a number that may travel.
  std::uint64_t await_answer(const message& request);
  void hear(std::uint64_t number, result<message_ptr> answer);
  void send_out(const std::string& to, const std::string& name, message_ptr l, const copyable_message& kind) {
    post_(*this, to, name, std::move(l), kind);
  }

 private:
  struct armed_crash {
    crash_point during;
    int steps;
    timespan down_for;
  };
  struct asker {
    address who;
    std::uint64_t call;
    monotonic deadline;
  };
  bool is_in(crash_point m) const;
  bool come_up();
  ports engines();
  result<done> run_until_up(actor_system& s, const address& supervisor);
  void end_actors();
  void lose_disk_queues();
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
  const post_office post_;

  simulated_clock clock_;
  seeded_random random_;
  seeded_random answers_;  // the order of the journal's
  memory_journal journal_;
  simulated_views views_;
  monotonic last_disk_step_{}, paused_until_{}, slow_until_{};
  int slower_ = 1;

  std::optional<actor_system> system_;
  caf::scheduler::test_coordinator* scheduler_ = nullptr;
  std::unique_ptr<banyan::node> node_;
  std::unique_ptr<edge> front_;
  bool up_ = false, starting_ = false, power_failed_ = false;
  std::uint64_t generation_ = 0;
  std::vector<armed_crash> armed_;
  std::optional<int> cut_start_after_;  // messages
  int passivating_ = 0;
  monotonic passivating_at_{};
  std::size_t told_events_ = 0;
  std::map<std::string, address> published_;
  std::unordered_map<std::uint64_t, asker> asked_;
  std::uint64_t last_asked_ = 0;
};

}  // namespace banyan
