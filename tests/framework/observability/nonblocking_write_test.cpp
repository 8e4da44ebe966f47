#include <banyan/observability/nonblocking_write.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace banyan;

namespace {

struct ends {
  ~ends() {
    for (const int fd : {reader, writer}) ::close(fd);
  }
  int reader = -1, writer = -1;
};

void open_pipe(ends& e) {
  std::array<int, 2> fds{};
  REQUIRE(::pipe(fds.data()) == 0);
  e.reader = fds[0], e.writer = fds[1];
}
void open_terminal(ends& e) {
  e.reader = ::posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE((e.reader >= 0 && ::grantpt(e.reader) == 0 && ::unlockpt(e.reader) == 0));
  e.writer = ::open(::ptsname(e.reader), O_RDWR | O_NOCTTY);
  REQUIRE(e.writer >= 0);
}
void open_sockets(ends& e) {
  std::array<int, 2> fds{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds.data()) == 0);
  e.reader = fds[0], e.writer = fds[1];
}

}  // namespace

TEST_CASE("a full pipe, terminal or socket takes nothing, and is not waited for", "[nonblocking_write]") {
  for (auto* open : {&open_pipe, &open_terminal, &open_sockets}) {
    ends e;
    open(e);
    const std::string line = std::string(98, 'x') + "\n";
    std::size_t taken = 0;
    ssize_t n = 0;
    while ((n = nonblocking_write(e.writer, line)) > 0) taken += static_cast<std::size_t>(n);
    CHECK(n == -1);
    CHECK(errno == EAGAIN);
    CHECK(taken > 1000);
    CHECK((::fcntl(e.writer, F_GETFL) & O_NONBLOCK) == 0);  // others, who share it, expect it to block
    std::string read(taken * 2, '-');
    do REQUIRE(::read(e.reader, read.data(), read.size()) > 0);
    while (nonblocking_write(e.writer, line) < 0);  // a terminal makes room some time after it was read
  }
}

TEST_CASE("whoever has gone is an error", "[nonblocking_write]") {
  std::signal(SIGPIPE, SIG_IGN);  // as both programs do
  ends p, s;
  open_pipe(p);
  open_sockets(s);
  for (auto* e : {&p, &s}) {
    ::close(std::exchange(e->reader, -1));
    CHECK(nonblocking_write(e->writer, "x") == -1);
    CHECK(errno == EPIPE);
  }
  CHECK(nonblocking_write(-1, "x") == -1);
  CHECK(errno == EBADF);
}
