// A write(2) that never blocks, on a descriptor shared with other processes, which therefore can not be made
// non-blocking: standard output and standard error. poll(2) is not enough: a terminal with room for one byte is
// writable, and another writer may fill a pipe between the two calls.
#pragma once

#include <string_view>

#include <sys/types.h>

namespace banyan {

// As write(2): the number of bytes written, or -1 with errno; EAGAIN: no room. Never blocks on pipes, terminals and
// sockets; a file blocks as long as its disk does.
ssize_t nonblocking_write(int fd, std::string_view bytes);

}  // namespace banyan
