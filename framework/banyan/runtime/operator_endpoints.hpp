// What an operator sees and sends again through the operations port: events that subscriptions gave up, streams that
// views hold back, how far subscriptions are, and from where they go on (subscription_reset.hpp).
//
//   GET  /dead-letters?topic=&group=&limit=&after=             {"letters":[{"topic":...,"position":12,...}],"next":...}
//   GET  /dead-letters/<topic>/<group>/<position>              the same with the event's payload
//   POST /dead-letters/<topic>/<group>/<position>/replay       {"attempts":9}, or what its handler said: it stays a dead letter then
//   GET  /parked                                               {"parked":[{"view":...,"stream":...,"position":7,"reason":...}],"streams":1}
//   POST /parked/<view>/<stream>/replay                        {"events":3}
//   GET  /subscriptions                                        {"subscriptions":[{"group":...,"topic":...,"position":12,...}]}
//   POST /subscriptions/<group>/<topic>/reset?to=now           {"group":...,"topic":...,"position":12}
//
// A page has at most 100 letters (or `limit`, up to 1,000); `next` is given back as `after`. When an older copy of the
// journal was restored, letters of several events may have one position: `?event=`, behind a letter's path, says which.
// POST needs the operator's token.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/http/message.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct dead_letter_line {
  std::string topic, group;
  banyan::position position = 0;
  std::string stream, type;
  std::int64_t attempts = 0;
  std::string reason;                // of a long one the beginning
  std::optional<std::string> event;  // its id; none: of a version that did not keep it
};
BOOST_DESCRIBE_STRUCT(dead_letter_line, (), (topic, group, position, stream, type, attempts, reason, event))

struct dead_letters_page {
  std::vector<dead_letter_line> letters;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(dead_letters_page, (), (letters, next))

struct parked_line {
  std::string view, stream;
  banyan::position position = 0;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(parked_line, (), (view, stream, position, reason))

struct parked_page {
  std::vector<parked_line> parked;  // at most view_progress::listed of each view
  std::int64_t streams = 0;         // in all
};
BOOST_DESCRIBE_STRUCT(parked_page, (), (parked, streams))

struct subscription_line {
  std::string group, topic;
  banyan::position position = 0;        // up to which all is handled, or given up
  std::optional<std::string> waits_for;  // why it handles nothing until it is reset
};
BOOST_DESCRIBE_STRUCT(subscription_line, (), (group, topic, position, waits_for))

struct subscriptions_page {
  std::vector<subscription_line> subscriptions;
};
BOOST_DESCRIBE_STRUCT(subscriptions_page, (), (subscriptions))

class operator_endpoints {
 public:
  operator_endpoints(const node& running, const node_settings& settings) : node_{running}, settings_{settings} {}

  // The methods that a path takes, as Allow lists them; empty when it is none of these.
  static std::string_view methods_of(const std::vector<std::string>& path);
  // Of a request with such a path and one of its methods.
  void handle(const http_request& request, completion<http_response> answer) const;

 private:
  void subscriptions(const http_request& request, completion<http_response> answer) const;
  void dead_letters(const http_request& request, completion<http_response> answer) const;
  void parked(const http_request& request, completion<http_response> answer) const;
  void list(const http_request& request, completion<http_response> answer) const;
  void show(const http_request& request, position at, completion<http_response> answer) const;

  const node& node_;
  const node_settings& settings_;
};

}  // namespace banyan
