#include "example.hpp"

using namespace compile_fail;

struct hurried {
  using reply = opened;
#ifdef FIXED
  static result<void> validate(const hurried& m);
#else
  result<void> validate() const;
#endif
};

result<opened> open(context<> ctx, const hurried& m);
auto pattern = handles<open>{};
