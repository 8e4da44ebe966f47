#include "example.hpp"

#include <banyan/ambassador/breaker_changed.hpp>
#include <banyan/topic/listens.hpp>

using namespace compile_fail;

#ifdef FIXED
task<result<done>> watch(context<> ctx, const breaker_changed& e);
#else
void watch(context<> ctx, const breaker_changed& e);
#endif
auto pattern = listens<watch>{.topic = breakers_topic};
