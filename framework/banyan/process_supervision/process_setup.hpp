// Prepares a process before main, and ends it with a one-line error when it can not start.
//
//   int main(int argc, char** argv) {
//     return banyan::run_process("shop", [&] { return all_of_main(argc, argv); });
//   }
//
// Corrections of the inherited environment:
// - Descriptors 0 to 2 that are closed are opened on /dev/null: else the first file that is opened would get the log
//   or the output.
// - SIGXFSZ is ignored: a write beyond RLIMIT_FSIZE fails with EFBIG, and is treated like one to a full disk.
// - The soft limit of open files is raised to the hard one (programs that are started from here get the old one back).
// - Under a limit of the address space (ulimit -v) all threads allocate from one heap, and the stack of a thread has at
//   most 2 MiB: glibc reserves 64 MiB for the heap of each further thread, and usually 8 MiB for its stack.
// - An exception that nobody catches ends the process with exit code 1 and one line on standard error while it
//   starts, wherever it was thrown: under a tight limit of threads or memory (ulimit -u, -v) that may be deep in a
//   library. After `process_is_up` it is a defect: one line, and SIGABRT.
// When std::cout could not be written (a full disk), the end of `work` reports it: one line on standard error, and
// exit code 1 instead of 0.
// A SIGHUP ignored at start (nohup) stays ignored, here and in child programs.
#pragma once

#include <functional>
#include <string>

#include <sys/resource.h>

namespace banyan {

// Returns the result of `work`, see above. Call it once, as the whole of main.
int run_process(std::string name, const std::function<int()>& work);

// Call when the process has started. From then on glibc's malloc keeps freed memory for longer (at most 64 MiB at the end
// of each arena, and blocks of up to 8 MiB): a replay, which frees each page of events while it reads the next, would
// else get its memory from the kernel anew for every page. Not before: with little memory, a start needs it given back.
void process_is_up();

// Makes writes to a pipe or socket without a reader fail with EPIPE. For processes that continue without their
// reader; a command whose output goes to `head` should end by SIGPIPE.
void ignore_broken_pipes();

bool is_ignored(int signal);  // its disposition is SIG_IGN

// Whether a terminal, when it closes, sends SIGHUP to this process or its group (credentials(7)).
bool has_controlling_terminal();

// The limit of open files before run_process; the current one if it was not called.
rlimit original_open_files();

}  // namespace banyan
