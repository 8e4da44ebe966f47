// The JSON document of the operations port about parked streams: written by view_health.hpp, read by the command line.
#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace banyan {

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

}  // namespace banyan
