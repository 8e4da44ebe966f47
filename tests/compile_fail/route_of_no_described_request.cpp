#include "example.hpp"

#include <banyan/http/http_routes.hpp>

using namespace compile_fail;

struct ping {
  using reply = done;
  std::string to;
};
#ifdef FIXED
BOOST_DESCRIBE_STRUCT(ping, (), (to))
#endif

auto route = query<ping>("GET /ping/{to}");
