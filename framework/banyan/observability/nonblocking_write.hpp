// write(2) that never waits for a reader, on a descriptor that may be shared with other processes and so can not be made
// non-blocking: standard output and standard error. poll(2) is not enough: a terminal with room for one byte is
// writable, and a pipe's room may be taken by another writer between the two calls.
#pragma once

#include <string_view>

#include <sys/types.h>

namespace banyan {

// As write(2): how many bytes were taken, or -1 with errno; EAGAIN: there is no room. Pipes, terminals and sockets never
// block; a file blocks as long as its disk does.
ssize_t nonblocking_write(int fd, std::string_view bytes);

}  // namespace banyan
