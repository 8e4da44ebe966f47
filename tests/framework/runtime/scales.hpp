// Scales: the event that they store and the one question that is asked of them. How a view sums the weights up is each test's own.
#pragma once

#include <banyan/journal/event.hpp>
#include <banyan/plan/operation.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <string_view>

namespace scales {

struct weighed {
  static constexpr banyan::stored_as stored{"scales.weighed", 1};
  std::int64_t grams = 0;
};
BOOST_DESCRIBE_STRUCT(weighed, (), (grams))

struct total {
  std::int64_t grams = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (grams))
struct get_total {
  using reply = total;
};
BOOST_DESCRIBE_STRUCT(get_total, (), ())

struct scales_api {
  static constexpr std::string_view name = "scales";
  using operations = banyan::operations<banyan::op<get_total>>;
};

}  // namespace scales
