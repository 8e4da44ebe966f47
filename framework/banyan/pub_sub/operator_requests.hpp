// What an operator sees and does about the subscriptions of a node: events that they gave up, how far they are, and from where they go on.
//
//   GET  /dead-letters?topic=&group=&limit=&after=             {"letters":[{"topic":...,"position":12,...}],"next":...}
//   GET  /dead-letters/<topic>/<group>/<position>              the same with the event's payload
//   POST /dead-letters/<topic>/<group>/<position>/replay       {"attempts":9}, or what its handler said: it stays a dead letter then
//   GET  /subscriptions                                        {"subscriptions":[{"group":...,"topic":...,"position":12,...}]}
//   POST /subscriptions/<group>/<topic>/reset?to=now           {"group":...,"topic":...,"position":12}
//
// A page has at most 100 letters (or `limit`, up to 1,000); `next` is given back as `after`. When an older copy of the journal was restored,
// letters of several events may have one position: `?event=`, behind a letter's path, says which. `to` is now (what is stored and not handled
// yet is left out), start (the whole journal, again) or a position.
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
