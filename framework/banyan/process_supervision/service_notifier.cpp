#include <banyan/process_supervision/service_notifier.hpp>

#include <banyan/process_supervision/notify_address.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <sys/time.h>
#include <unistd.h>

namespace banyan {
namespace {

std::optional<std::int64_t> number_in(const char* variable) {
  const auto* text = std::getenv(variable);
  if (!text) return {};
  const std::string_view digits{text};
  std::int64_t n = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) return {};
  return n;
}

std::optional<timespan> expected_heartbeat() {
  constexpr std::int64_t longest = std::int64_t{1} << 50;  // us; more would overflow in nanoseconds
  const auto period = number_in("WATCHDOG_USEC");
  if (!period || *period <= 0 || *period > longest) return {};
  if (std::getenv("WATCHDOG_PID") && number_in("WATCHDOG_PID") != ::getpid()) return {};
  return timespan{std::chrono::microseconds{*period}};
}

}  // namespace

service_notifier::service_notifier(std::string socket, std::optional<timespan> heartbeat)
    : socket_{std::move(socket)},
      from_{std::make_shared<const descriptor>(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))},
      heartbeat_{heartbeat} {}

service_notifier service_notifier::of_environment() {
  const auto* socket = std::getenv("NOTIFY_SOCKET");
  return socket ? service_notifier{socket, expected_heartbeat()} : service_notifier{};
}

void service_notifier::status(std::string_view text) const {
  auto line = "STATUS=" + std::string{text.substr(0, 1024)};
  std::replace(line.begin(), line.end(), '\n', ' ');
  send(line);
}

void service_notifier::send(std::string_view message, timespan patience) const {
  const auto to = parse_notify_address(socket_);
  if (!to) return;
  if (!from_ || !*from_) return;
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(patience.count()).count();
  const timeval limit{.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000};
  if (us != 0) ::setsockopt(from_->get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  (void)::sendto(from_->get(), message.data(), message.size(), MSG_NOSIGNAL | (us == 0 ? MSG_DONTWAIT : 0), to->get(), to->size);
}

}  // namespace banyan
