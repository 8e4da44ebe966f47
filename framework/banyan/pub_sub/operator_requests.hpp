// The operator's requests about the subscriptions of a node: list, show and replay dead letters, list subscriptions
// with their positions, and reset a subscription to another position.
//
//   GET  /dead-letters?topic=&group=&limit=&after=             {"letters":[{"topic":...,"position":12,...}],"next":...}
//   GET  /dead-letters/<topic>/<group>/<position>              the same with the event's payload
//   POST /dead-letters/<topic>/<group>/<position>/replay       {"attempts":9}, or what its handler said: it stays a dead letter then
//   GET  /subscriptions                                        {"subscriptions":[{"group":...,"topic":...,"position":12,...}]}
//   POST /subscriptions/<group>/<topic>/reset?to=now           {"group":...,"topic":...,"position":12}
//
// A page has at most 100 letters (or `limit`, up to 1,000); for the next page, pass `next` as `after`. After an older
// copy of the journal was restored, several dead letters may have the same position: `?event=<id>` after a letter's
// path selects one. A replay whose handler fails is answered with its error, and the event stays a dead letter. `to` is
// `now` (skips events not handled yet), `start` (delivers the whole journal again) or a position.
#pragma once

#include <banyan/assembly/operator_command.hpp>
#include <banyan/pub_sub/running_subscription.hpp>

#include <memory>
#include <vector>

namespace banyan {

class actor_system;

class subscription_operations {
 public:
  explicit subscription_operations(actor_system& system) : system_{system} {}
  void add(std::shared_ptr<const running_subscription> s) { all_.push_back(std::move(s)); }
  // All must be added before the first is run.
  static std::vector<operator_command> commands(const std::shared_ptr<const subscription_operations>& of);

 private:
  void list(const operator_request& r, completion<std::string> answer) const;
  void show(const operator_request& r, completion<std::string> answer) const;
  void replay(const operator_request& r, completion<std::string> answer) const;
  void subscriptions(completion<std::string> answer) const;
  void reset(const operator_request& r, completion<std::string> answer) const;
  const running_subscription* find(const operator_request& r) const;

  actor_system& system_;
  std::vector<std::shared_ptr<const running_subscription>> all_;
};

// "now", "start", or a whole number; invalid_argument at "to" for everything else.
result<subscription_start> parse_subscription_start(std::string_view text);

}  // namespace banyan
