#include "example.hpp"

using namespace compile_fail;

struct ping_api {
  static constexpr std::string_view name = "ping";
#ifdef FIXED
  using operations = banyan::operations<>;
#endif
};

plan describe() { return service<ping_api>(); }
