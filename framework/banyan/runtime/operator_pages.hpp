// The answers of the operations port that the command line reads: pages of dead letters, parked streams and subscriptions, as their patterns write
// them (pub_sub/operator_requests.hpp, cqrs/view_health.hpp).
#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

struct dead_letter_line {
  std::string topic, group;
  std::int64_t position = 0;
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
  std::int64_t position = 0;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(parked_line, (), (view, stream, position, reason))

struct parked_page {
  std::vector<parked_line> parked;  // the first of each view
  std::int64_t streams = 0;         // in all
};
BOOST_DESCRIBE_STRUCT(parked_page, (), (parked, streams))

struct subscription_line {
  std::string group, topic;
  std::int64_t position = 0;        // up to which all is handled, or given up
  std::optional<std::string> waits_for;  // why it handles nothing until it is reset
};
BOOST_DESCRIBE_STRUCT(subscription_line, (), (group, topic, position, waits_for))

struct subscriptions_page {
  std::vector<subscription_line> subscriptions;
};
BOOST_DESCRIBE_STRUCT(subscriptions_page, (), (subscriptions))

}  // namespace banyan
