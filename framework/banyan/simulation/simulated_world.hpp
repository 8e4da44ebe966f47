// The implementation of a simulation: nodes, links, clients, scheduling and virtual time. Internal.
#pragma once

#include <banyan/simulation/simulated_node.hpp>
#include <banyan/simulation/simulation.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace banyan {

struct simulation::world : surroundings {
  explicit world(simulation_options o);

  simulated_node& add(std::string name, const application* app, std::function<void(simulated_actors&)> actors,
                      std::vector<std::string> only = {});
  simulated_node& at(const std::string& name);  // empty name: the first node
  simulated_link& between_ends(const std::string& from, const std::string& to);

  // --- scheduling
  bool step(monotonic until);
  monotonic next_time() const;
  void advance(monotonic to);
  bool strike_armed(bool time_moves);
  void notify_observers();  // calls the observers

  // --- clients
  struct exchange {
    answer_function answered;  // empty: answered already
    monotonic patience_ends;
    std::string what = {};  // description for the trace
    void finish(result<http_response> r) {
      if (auto done = std::exchange(answered, nullptr)) done(std::move(r));
    }
  };
  void request(simulated_node& to, http_request r, answer_function answered);
  void arrive(simulated_node& at, const http_request& r, const std::shared_ptr<exchange>& e);
  void answer(simulated_node& from, const std::shared_ptr<exchange>& e, result<http_response> r);
  void lose_patience();

  // --- messages between nodes
  void send(parcel p);
  void arrive(const std::shared_ptr<const parcel>& p);

  void inject(const planned_fault& f);

  std::vector<std::unique_ptr<simulated_node>> nodes;
  std::map<std::pair<std::string, std::string>, simulated_link> links;
  std::deque<std::shared_ptr<exchange>> waiting;  // ordered by time-out
  std::vector<std::weak_ptr<std::function<void()>>> observers;
};

}  // namespace banyan
