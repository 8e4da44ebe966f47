// The JSON documents of the operations port about subscriptions and dead letters (operator_requests.hpp), as the
// command line reads them.
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
  std::string reason;                     // of a long one the beginning
  std::optional<std::string> event = {};  // its id; none: of a version that did not keep it
};
BOOST_DESCRIBE_STRUCT(dead_letter_line, (), (topic, group, position, stream, type, attempts, reason, event))

struct dead_letters_page {
  std::vector<dead_letter_line> letters;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(dead_letters_page, (), (letters, next))

struct subscription_line {
  std::string group, topic;
  std::int64_t position = 0;             // up to which all is handled, or given up
  std::optional<std::string> waits_for;  // why it handles nothing until it is reset
};
BOOST_DESCRIBE_STRUCT(subscription_line, (), (group, topic, position, waits_for))

struct subscriptions_page {
  std::vector<subscription_line> subscriptions;
};
BOOST_DESCRIBE_STRUCT(subscriptions_page, (), (subscriptions))

}  // namespace banyan
