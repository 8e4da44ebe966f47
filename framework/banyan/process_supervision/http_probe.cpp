#include <banyan/process_supervision/http_probe.hpp>

#include <banyan/http/wire.hpp>

#include <cerrno>
#include <charconv>

namespace banyan {
namespace {

constexpr http_limits small{.body_bytes = 0};

}  // namespace

std::optional<ip_endpoint> loopback_endpoint(std::string_view authority) {
  auto host = authority;
  std::uint16_t port = 80;
  if (const auto colon = authority.rfind(':'); colon != authority.npos && !authority.ends_with(']')) {
    const auto digits = authority.substr(colon + 1);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() || port == 0) return {};
    host = authority.substr(0, colon);
  }
  ip_endpoint out{};
  if (host == "127.0.0.1" || host == "localhost") {
    out.v4 = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    out.size = sizeof out.v4;
  } else if (host == "[::1]") {
    out.v6 = {};
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(port);
    out.v6.sin6_addr = in6addr_loopback;
    out.size = sizeof out.v6;
  } else {
    return {};
  }
  return out;
}

http_probe::http_probe(const std::string& url, timespan timeout) : to_{}, timeout_{timeout} {
  auto request = request_to("GET", url);
  if (!request || request->https) return;
  if (auto to = loopback_endpoint(request->authority)) to_ = *to;
  request->headers.add("Connection", "close");
  if (auto head = request_head(*request)) request_ = std::move(*head);
}

void http_probe::watch(poll_set& turn, monotonic now) {
  if (succeeded_) return;
  if (connection_ && now >= until_) {
    last_ = "the last attempt took longer than " + to_string(timeout_);
    hang_up();
  }
  if (!connection_ && now >= next_) begin(now);
  if (!connection_) {
    turn.at_latest(next_);
    return;
  }
  turn.at_latest(until_);
  if (unsent_.empty())
    turn.on(connection_.get(), POLLIN, [this] { receive(); });
  else
    turn.on(connection_.get(), POLLOUT, [this] { send(); });
}

void http_probe::begin(monotonic now) {
  next_ = now + pause;
  until_ = add_saturating(now, timeout_);
  unsent_ = request_;
  answer_.emplace(small);
  answer_->expect(true);  // as for HEAD: done at the end of the header
  connection_ = descriptor{::socket(to_.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (::connect(connection_.get(), &to_.any, to_.size) != 0 && errno != EINPROGRESS) {
    last_ = "nobody answered";
    hang_up();
  }
}

void http_probe::send() {
  const auto n = ::send(connection_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (n > 0) {
    unsent_.erase(0, static_cast<std::size_t>(n));
  } else if (errno != EAGAIN) {
    last_ = "nobody answered";
    hang_up();
  }
}

void http_probe::receive() {
  const auto room = answer_->prepare();
  const auto n = ::recv(connection_.get(), room.data(), room.size(), 0);
  if (n < 0 && errno == EAGAIN) return;
  if (n > 0)
    answer_->commit(static_cast<std::size_t>(n));
  else
    answer_->finish();
  switch (answer_->state()) {
    case parse_state::head:
    case parse_state::body:
      return;
    case parse_state::done:
      judge(answer_->take().status);
      break;
    case parse_state::failed:
      last_ = n > 0 ? "the last answer was no HTTP/1.1" : "the last connection was closed without an answer";
      break;
  }
  hang_up();
}

void http_probe::judge(int status) {
  succeeded_ = status >= 200 && status < 300;
  last_ = "the last answer was " + std::to_string(status);
}

}  // namespace banyan
