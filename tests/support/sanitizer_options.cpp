// Linked into every program of the sanitizer builds: how the sanitizers run, and what they may not report. Only defects
// of libraries, and blind spots that an uninstrumented one leaves, belong here.

extern "C" {

const char* __asan_default_options() { return "detect_stack_use_after_return=1:check_initialization_order=1"; }

const char* __ubsan_default_options() { return "halt_on_error=1:print_stacktrace=1:suppressions=" UBSAN_SUPPRESSIONS; }

// Forked children of tests start threads.
const char* __tsan_default_options() { return "halt_on_error=1:second_deadlock_stack=1:die_after_fork=0"; }

// CAF's atomics order what actors do one after the other, but ThreadSanitizer does not see them. So races below a frame
// of CAF are not reported: the check covers engines, servers and everything that hands work between threads of ours.
//
// The free list of Boost.Lockfree reads the next pointer of a node that another thread may just have taken, and throws
// it away when the tag says so.
const char* __tsan_default_suppressions() {
  return "race:libcaf_core.so\n"
         "race:^caf::\n"
         "race:boost::lockfree::detail::freelist_stack\n"
         "mutex:libcaf_core.so\n"
         "deadlock:libcaf_core.so\n";
}
}
