// What a view of totals is made of: an event, a reply and its query.
#pragma once

#include <banyan/cqrs/projection.hpp>

namespace banyan::test {

struct counted {
  static constexpr stored_as stored{"numbers.counted", 1};
  int n = 0;
};
BOOST_DESCRIBE_STRUCT(counted, (), (n))

struct total {
  int n = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (n))
struct get_total {
  using reply = total;
};
BOOST_DESCRIBE_STRUCT(get_total, (), ())

}  // namespace banyan::test
