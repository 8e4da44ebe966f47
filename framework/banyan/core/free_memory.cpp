#include <banyan/core/free_memory.hpp>

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace banyan {

void give_back_free_memory() noexcept {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace banyan
