// Returns freed heap memory to the operating system (glibc: malloc_trim; a no-op elsewhere). An allocator keeps
// freed memory for later allocations: good under steady load, but after a burst the process would stay at its peak
// size.
//
// Call it after freeing much, at most every few seconds: it walks the whole heap and blocks allocations of other
// threads meanwhile, for milliseconds per 100 MB.
#pragma once

namespace banyan {

void give_back_free_memory() noexcept;

}  // namespace banyan
