#include "example.hpp"

using namespace compile_fail;

struct ping {
#ifdef FIXED
  using reply = done;
#endif
};
void answer_ping(context<> ctx, const ping& m);
auto pattern = handles<answer_ping>{};
