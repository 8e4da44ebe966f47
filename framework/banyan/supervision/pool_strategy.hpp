// The decision core of a pool (pool.hpp), independent of actors: events in, actions out, like strategy.hpp for a
// supervisor.
//
// The children are independent, so they start, restart and end concurrently. The cost of an event does not depend on
// their number, except for ending all.
#pragma once

#include <banyan/supervision/strategy.hpp>

#include <map>

namespace banyan {

class pool_strategy {
 public:
  explicit pool_strategy(supervision_policy policy);  // its `strategy` is ignored

  child_actions begin() { return {{child_action::up}}; }
  child_actions started(std::size_t child, moment at);
  child_actions exited(std::size_t child, exit_reason why, moment at);  // not ordered
  child_actions ended(std::size_t child, moment at);  // as ordered; if not ordered, others have stopped it
  child_actions overdue(std::size_t child, moment at);
  child_actions wait_over(std::size_t token, moment at);
  child_actions shut_down(bool for_good, moment at);  // ends all, concurrently

  // Requests, each answered once, with its token. A child that ends for good is removed: there is nothing to restart
  // or delete.
  child_actions add(std::size_t token, child_policy child, moment at);  // gets number next_child(); kept if it starts
  child_actions terminate(std::size_t token, std::size_t child, moment at);

  std::size_t next_child() const { return next_child_; }
  child_state state_of(std::size_t child) const;
  int restarts_of(std::size_t child) const;
  std::vector<std::size_t> children() const;  // oldest first
  std::vector<std::size_t> waiting_for(std::size_t token) const;
  bool is_up() const { return true; }

 private:
  struct child {
    child_policy policy;
    banyan::backoff waits;
    child_state now = child_state::starting;
    int restarts = 0;
    std::size_t token = nobody;  // token of the wait before its restart
    std::vector<std::size_t> questions = {};
  };
  static constexpr std::size_t nobody = ~std::size_t{0};

  child* find(std::size_t number);
  void answer(child& c, std::size_t number, verdict v, child_actions& out);
  void leave(std::size_t number, child_actions& out);
  void end(std::size_t number, child_actions& out);
  void close(child_action::kind_type last, child_actions& out);
  void finish_if_empty(child_actions& out);

  supervision_policy policy_;
  std::map<std::size_t, child> children_;
  std::map<std::size_t, std::size_t> waiting_;  // token -> child
  restart_count restarts_;
  std::size_t next_child_ = 0, tokens_ = 0, significant_ = 0;
  std::optional<child_action::kind_type> last_;  // set while the pool is ending
};

}  // namespace banyan
