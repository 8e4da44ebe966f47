// A NOTIFY_SOCKET that a test reads.
#pragma once

#include <banyan/process_supervision/descriptor.hpp>
#include <banyan/process_supervision/notify_address.hpp>

#include <catch2/catch.hpp>

#include <string>

namespace banyan::test {

struct notify_receiver {
  explicit notify_receiver(const std::string& of_test) : name{"@banyan-test-" + of_test + "-" + std::to_string(::getpid())} {
    const auto at = parse_notify_address(name);
    REQUIRE(at);
    REQUIRE(::bind(socket.get(), at->get(), at->size) == 0);
  }
  std::string next() {
    char text[2000];
    const auto n = ::recv(socket.get(), text, sizeof text, MSG_DONTWAIT);
    return n < 0 ? "nothing" : std::string{text, static_cast<std::size_t>(n)};
  }

  const std::string name;
  descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

}  // namespace banyan::test
