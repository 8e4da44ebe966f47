// What tests of the SQLite journal do to its files, and the processes that they do it in.
#pragma once

#include <tests/conformance/journal_calls.hpp>
#include <tests/conformance/journal_engines.hpp>

#include <banyan/engines/sqlite/database.hpp>
#include <banyan/engines/sqlite/journal.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

namespace journal_test {

inline void change(const std::string& file, const std::string& sql) {
  auto db = sqlite::database::open({.path = file, .create = false}).value();
  db.execute(sql).value();
}

// Runs `body` in a process of its own, which ends without a word when body returns.
template <class Body>
pid_t in_another_process(Body body) {
  const auto child = ::fork();
  if (child == 0) {
    body();
    ::_exit(0);
  }
  return child;
}

class channel {
 public:
  channel() { REQUIRE(::pipe(ends_.data()) == 0); }
  ~channel() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  void close_sending() { ::close(std::exchange(ends_[1], -1)); }
  void send(std::uint64_t n) { [[maybe_unused]] const auto sent = ::write(ends_[1], &n, sizeof n); }
  std::optional<std::uint64_t> receive() {
    std::uint64_t n = 0;
    if (::read(ends_[0], &n, sizeof n) != sizeof n) return std::nullopt;
    return n;
  }

 private:
  std::array<int, 2> ends_{};
};

inline std::string content_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline bool mentions(const error& e, const std::string& part) { return e.message.find(part) != std::string::npos; }

// Streams "s0" to "s9" with so many events in turn.
inline void fill(journal& j, std::uint64_t events) {
  for (std::uint64_t n = 0; n < events; n += 10) {
    append_request r;
    for (std::uint64_t k = 0; k < 10; ++k)
      r.writes.push_back({"s" + std::to_string(k), expected::any(), {event(n + k + 1, std::string(300, 'x'))}});
    append(j, r).value();
  }
}

}  // namespace journal_test
