// Prepares a process before its main does anything else, and ends it with a sentence when it can not start.
//
//   int main(int argc, char** argv) {
//     return banyan::run_process("shop", [&] { return all_of_main(argc, argv); });
//   }
//
// What whoever started the process may have left out, or left behind, is put right first:
// - Descriptors 0 to 2 that are closed are opened on /dev/null: else the first file that is opened would get the log
//   or the output.
// - SIGXFSZ is ignored: a write beyond RLIMIT_FSIZE fails with EFBIG, and is treated like one to a full disk.
// - The soft limit of open files is raised to the hard one (programs that are started from here get the old one back).
// - An exception that nobody catches ends the process with exit code 1 and one line on standard error while it
//   starts, wherever it was thrown: under a tight limit of threads or memory (ulimit -u, -v) that may be deep in a
//   library. Once `process_is_up` was called it is a defect: one line, and SIGABRT.
// Output on std::cout that can not be written (a full disk) is told when `work` has ended: one line on standard error, and exit code 1 where
// it would have been 0.
// A SIGHUP that was ignored at start (nohup) stays ignored, here and in the programs that are started from here.
#pragma once

#include <functional>
#include <string>

#include <sys/resource.h>

namespace banyan {

// Returns what `work` returns, see above. Call it once, as all of main.
int run_process(std::string name, const std::function<int()>& work);

void process_is_up();

// A write to a pipe or a socket that nobody reads fails with EPIPE. For what runs on without its reader: a command
// whose output goes into `head` should end by SIGPIPE.
void ignore_broken_pipes();

bool is_ignored(int signal);  // SIG_IGN is its disposition

// The limit of open files as it was before run_process; the present one without it.
rlimit original_open_files();

}  // namespace banyan
