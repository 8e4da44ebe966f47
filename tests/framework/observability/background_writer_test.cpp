// Who writes never waits, whatever becomes of the reader; real pipes.
#include <banyan/observability/background_writer.hpp>

#include <banyan/observability/log.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct test_pipe {
  test_pipe() { REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0); }
  ~test_pipe() {
    close_reader();
    ::close(ends[1]);
  }
  void close_reader() {
    if (ends[0] >= 0) ::close(std::exchange(ends[0], -1));
  }
  bool is_full() const {
    pollfd at{.fd = ends[1], .events = POLLOUT, .revents = 0};
    return ::poll(&at, 1, 0) == 0;
  }
  // Reads until all that came ends with this.
  std::string read_until(const std::string& end) {
    while (!text.ends_with(end)) text += read_more();
    return text;
  }
  std::string read_more() const {
    pollfd at{.fd = ends[0], .events = POLLIN, .revents = 0};
    REQUIRE(::poll(&at, 1, 20'000) > 0);
    char bytes[5000];
    const auto n = ::read(ends[0], bytes, sizeof bytes);
    REQUIRE(n > 0);
    return {bytes, static_cast<std::size_t>(n)};
  }
  std::array<int, 2> ends{-1, -1};
  std::string text;
};

std::string note(std::uint64_t n) { return "(" + std::to_string(n) + " lines were dropped)\n"; }

// Waits for what another thread does.
bool comes_true(const std::function<bool()>& condition) {
  for (const auto limit = system_clock().steady() + 20s; system_clock().steady() < limit; std::this_thread::yield())
    if (condition()) return true;
  return false;
}

}  // namespace

TEST_CASE("lines come out in their order", "[background_writer]") {
  test_pipe p;
  background_writer out{p.ends[1], 8 << 20};
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const auto line = "line " + std::to_string(i) + std::string(i % 7 == 0 ? 9000 : 5, '.') + "\n";
    expected += line;
    out.write(line);
  }
  CHECK(p.read_until("line 999.....\n") == expected);
  CHECK(out.flush(1s));
  CHECK_FALSE(out.trouble());
}

TEST_CASE("when nobody reads, lines beyond the room are dropped, and how many is told when reading goes on", "[background_writer]") {
  test_pipe p;
  constexpr std::size_t room = 100'000, lines = 50'000;
  background_writer out{p.ends[1], room};
  out.tell_dropped_with(note);
  const auto write = [&](std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out.write("much ado about nothing\n");
  };
  constexpr std::size_t fitting = 4'000;  // 92 kB, and the pipe holds 64 KiB
  write(fitting);
  REQUIRE(comes_true([&] { return p.is_full(); }));  // from now on nothing is taken, so nothing becomes free
  write(lines - fitting);
  REQUIRE(out.trouble());
  CHECK(out.trouble()->starts_with("nobody reads it, "));
  CHECK(out.trouble()->ends_with(" lines were dropped"));
  // One line tells it, or two: when half of the room is free again before all is read.
  std::size_t kept = 0, told = 0, notes = 0;
  while (kept + told < lines) {
    std::istringstream all{p.read_until("\n")};
    kept = told = notes = 0;
    for (std::string line; std::getline(all, line);) {
      std::size_t n = 0;
      if (std::sscanf(line.c_str(), "(%zu lines were dropped)", &n) == 1) told += n, ++notes;
      else ++kept;
    }
    if (kept + told < lines) p.text += p.read_more();
  }
  CHECK(kept + told == lines);
  CHECK(told > lines / 2);
  CHECK(notes <= 2);
  CHECK_FALSE(out.trouble());
  out.write("and on it goes\n");
  p.read_until("and on it goes\n");
}

TEST_CASE("flushing waits for a reader, but not for ever", "[background_writer]") {
  test_pipe p;
  background_writer out{p.ends[1]};
  out.write(std::string(200'000, 'x') + "\n");
  CHECK_FALSE(out.flush(200ms));
  std::thread reader{[&] { p.read_until("x\n"); }};
  const bool flushed = out.flush(20s);
  reader.join();
  CHECK(flushed);
}

TEST_CASE("without a reader it goes on, says so, and no signal comes", "[background_writer]") {
  std::signal(SIGPIPE, SIG_DFL);
  test_pipe p;
  background_writer out{p.ends[1]};
  p.close_reader();
  out.write("to nobody\n");
  CHECK(comes_true([&] { return out.trouble() == "Broken pipe"; }));
  out.write("to nobody\n");
  CHECK(out.flush(1s));
}

TEST_CASE("what a file does not take is dropped and told of once there is room", "[background_writer]") {
  const auto file = std::filesystem::temp_directory_path() / ("banyan-small-file-" + std::to_string(::getpid()));
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = 10, .rlim_max = before.rlim_max};
  std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  {
    background_writer out{fd};
    out.tell_dropped_with(note);
    out.write("123456789\n");
    CHECK(out.flush(5s));
    out.write("too much\n");
    CHECK(out.flush(5s));
    CHECK(out.trouble() == "File too large");
    ::setrlimit(RLIMIT_FSIZE, &before);
    out.write("there is room\n");
    CHECK(comes_true([&] { return !out.trouble(); }));
    CHECK(out.flush(5s));
  }
  std::ifstream in{file};
  CHECK(std::string{std::istreambuf_iterator<char>{in}, {}} == "123456789\nthere is room\n(1 lines were dropped)\n");
  ::close(fd);
  std::filesystem::remove(file);
}

TEST_CASE("a stream writes what is flushed, and the log of a forked child is its own", "[background_writer]") {
  test_pipe p;
  const int real = ::dup(STDERR_FILENO);
  ::dup2(p.ends[1], STDERR_FILENO);
  configure_logging({});
  log_info("of the parent");
  background_writer::of(STDERR_FILENO).flush(5s);
  const auto child = ::fork();
  if (child == 0) {
    log_info("of the child");
    background_stream{STDERR_FILENO} << "said " << 5 << std::endl;
    std::exit(0);  // gives them time
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::dup2(real, STDERR_FILENO);
  ::close(real);
  CHECK(status == 0);
  auto& text = p.text;
  while (text.find("said 5\n") == text.npos) text += p.read_more();  // a sanitizer may speak after it
  CAPTURE(text);
  CHECK(text.find("of the parent\n") < text.find("of the child\n"));
  CHECK(text.find("of the child\n") < text.find("said 5\n"));
}
