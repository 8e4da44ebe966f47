// The operator's view of all sagas of a node, at its operations port. Reads need no token, as those of dead letters;
// values in them are cut. `name` is the saga's name; without it all kinds of sagas are asked for the id.
//
//   GET  /sagas?name=&status=&version=&older-than=&waiting-for=&after=&limit=   sagas_page, from the indexes
//   GET  /sagas/{id}?name=                                                      saga_page, from its actor and journal
//   POST /sagas/{id}/history?name=&from=                                        saga_history: all values
//   POST /sagas/{id}/retry|cancel|abort?name=&because=&by=                      saga_change
//   POST /sagas/{id}/send?name=&event=&payload=&by=                             payload: JSON
//   POST /sagas/{id}/undone?name=&step=&because=&by=
//
// `status` is a phase, an outcome, "living", "sleeping" (it waits for events and timers only), "blocked" or "ended";
// `older-than` a duration without a turn.
//
// Errors: invalid_argument with the parameter; not_found "no_such_saga"; conflict "several_sagas" when kinds of sagas
// share the id; those of the order (saga_orders.hpp).
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/assembly/operator_command.hpp>
#include <banyan/event_sourcing/unreadable_streams.hpp>
#include <banyan/saga/operator_pages.hpp>
#include <banyan/saga/running_saga.hpp>

#include <memory>
#include <string>
#include <vector>

namespace banyan {

class saga_administration : public std::enable_shared_from_this<saga_administration> {
 public:
  saga_administration(actor_system& system, std::shared_ptr<unreadable_streams> blocked)
      : system_{system}, blocked_{std::move(blocked)} {}

  void add(std::shared_ptr<const running_saga> s) { all_.push_back(std::move(s)); }
  // They hold on to `of`.
  static std::vector<operator_command> commands(const std::shared_ptr<const saga_administration>& of);

 private:
  using kind = std::shared_ptr<const running_saga>;
  using found = completion<kind>;
  struct search;

  void list(const operator_request& r, completion<std::string> answer) const;
  void show(const operator_request& r, completion<std::string> answer) const;
  void history(const operator_request& r, completion<std::string> answer) const;
  void change(saga_command what, const operator_request& r, completion<std::string> answer) const;

  void find(const operator_request& r, found then) const;
  void describe(const kind& k, const std::string& id, completion<saga_description> then) const;

  actor_system& system_;
  std::shared_ptr<unreadable_streams> blocked_;
  std::vector<kind> all_;
};

}  // namespace banyan
