// Memory that was freed goes back to the operating system. An allocator keeps what is freed for the next allocation: right for a steady load,
// wrong after a burst, when a process would look as large as at its worst for ever.
//
// Call it after much was freed, at most every some seconds: it walks the whole heap and holds up other threads' allocations meanwhile, for
// milliseconds per hundred megabytes. Where the C library has no such call (glibc: malloc_trim) it does nothing.
#pragma once

namespace banyan {

void give_back_free_memory() noexcept;

}  // namespace banyan
