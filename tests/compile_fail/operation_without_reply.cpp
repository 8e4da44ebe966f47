#include "example.hpp"

using namespace compile_fail;

struct ping {
#ifdef FIXED
  using reply = done;
#endif
};
struct ping_api {
  static constexpr std::string_view name = "ping";
  using operations = banyan::operations<op<ping>>;
};

plan describe() { return service<ping_api>(); }
