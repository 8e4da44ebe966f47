// Plain blocking sockets for tests that must be able to break HTTP: a client that sends any bytes in any packets, and a server that answers
// by a script. Every wait ends after `patience`, so a test fails instead of hanging.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace raw {

inline constexpr std::chrono::milliseconds patience{20'000};

// What is between the user of a socket and its bytes: TLS.
class layer {
 public:
  virtual ~layer() = default;
  virtual ssize_t send(std::string_view bytes) = 0;           // of them; 0 or less: no more
  virtual ssize_t receive(char* into, std::size_t size) = 0;  // 0 or less: the end; EAGAIN: nothing for us yet
  virtual bool has_more() const = 0;                          // without the socket
  virtual void finish() = 0;
};
// Of all sockets that connect, or are accepted by a server, if a test program sets it before its tests.
inline std::function<std::unique_ptr<layer>(int descriptor, bool as_server)> every_layer;

class socket {
 public:
  explicit socket(int fd) : fd_{fd} {
    if (fd < 0) throw std::runtime_error{"no socket"};
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  socket(int fd, bool as_server) : socket{fd} {
    if (every_layer) layer_ = every_layer(fd, as_server);
  }
  socket(socket&& other) noexcept
      : fd_{std::exchange(other.fd_, -1)}, layer_{std::move(other.layer_)}, seen_{std::move(other.seen_)} {}
  socket& operator=(socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(layer_, other.layer_);
    std::swap(seen_, other.seen_);
    return *this;
  }
  ~socket() {
    if (fd_ >= 0) ::close(fd_);
  }

  static socket connect(std::uint16_t port, int receive_buffer = 0) {
    socket made{::socket(AF_INET, SOCK_STREAM, 0), false};
    if (receive_buffer) ::setsockopt(made.fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(made.fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) throw std::runtime_error{"connect failed"};
    return made;
  }

  int fd() const { return fd_; }

  // False when the other side no longer takes bytes.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      if (!ready(POLLOUT)) return false;
      const auto n = layer_ ? layer_->send(bytes) : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  void finish() {
    if (layer_) layer_->finish();
    ::shutdown(fd_, SHUT_WR);
  }
  void reset() {
    const linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    ::close(std::exchange(fd_, -1));
  }

  // Reads on until `text` has come (in what was not taken before), and takes everything up to its end; "" when the stream ends first.
  std::string read_through(std::string_view text) {
    for (;;) {
      if (const auto at = seen_.find(text); at != std::string::npos) {
        auto out = seen_.substr(0, at + text.size());
        seen_.erase(0, at + text.size());
        return out;
      }
      if (!read_some()) return {};
    }
  }
  // Everything to the end of the stream; throws when it does not end.
  std::string read_all() {
    while (read_some()) {
    }
    return std::exchange(seen_, {});
  }
  // One response that tells its length: the header and the body.
  std::string read_response() {
    auto head = read_through("\r\n\r\n");
    const auto at = head.find("Content-Length: ");
    if (at == std::string::npos) return head;
    const auto length = std::stoul(head.substr(at + 16));
    while (seen_.size() < length && read_some()) {
    }
    head += seen_.substr(0, length);
    seen_.erase(0, length);
    return head;
  }

 private:
  bool ready(short what) {
    pollfd p{fd_, what, 0};
    return ::poll(&p, 1, static_cast<int>(patience.count())) > 0;
  }
  bool read_some() {
    std::array<char, 65536> chunk;
    ssize_t n = 0;
    do {
      if (!(layer_ && layer_->has_more()) && !ready(POLLIN))
        throw std::runtime_error{"nothing came in time; so far: " + seen_};
      errno = 0;
      n = layer_ ? layer_->receive(chunk.data(), chunk.size()) : ::recv(fd_, chunk.data(), chunk.size(), 0);
    } while (n < 0 && errno == EAGAIN);
    if (n <= 0) return false;
    seen_.append(chunk.data(), static_cast<std::size_t>(n));
    return true;
  }

  int fd_;
  std::unique_ptr<layer> layer_;
  std::string seen_;
};

// A listening socket on a port that the system chooses.
class listening {
 public:
  explicit listening(int backlog) : descriptor_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(descriptor_, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(descriptor_, backlog) != 0)
      throw std::runtime_error{"listen failed"};
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
  }
  listening(const listening&) = delete;
  ~listening() { ::close(descriptor_); }
  int descriptor() const { return descriptor_; }
  std::uint16_t port() const { return port_; }

 private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

// A listener whose queue of connections is full until let_in(): the system drops what a client sends to open another
// one, and the client sends it again after a second, after two more, and so on.
class slow_listener {
 public:
  slow_listener() { in_the_way_.emplace(socket::connect(port())); }

  std::uint16_t port() const { return listener_.port(); }
  void let_in() { socket{::accept(listener_.descriptor(), nullptr, nullptr)}, in_the_way_.reset(); }
  socket accept() {
    pollfd p{listener_.descriptor(), POLLIN, 0};
    if (::poll(&p, 1, static_cast<int>(patience.count())) <= 0) throw std::runtime_error{"nobody connects"};
    return socket{::accept(listener_.descriptor(), nullptr, nullptr)};
  }

 private:
  listening listener_{0};
  std::optional<socket> in_the_way_;
};

// Accepts connections one after the other and plays `script(connection, number)` on each, number counting from 0.
class server {
 public:
  explicit server(std::function<void(socket&, int)> script) {
    thread_ = std::thread{[this, script = std::move(script)] {
      for (int number = 0;; ++number) {
        const int fd = ::accept(listener_.descriptor(), nullptr, nullptr);
        if (fd < 0) return;
        socket connection{fd, true};
        ++accepted_;
        try {
          script(connection, number);
        } catch (const std::exception&) {  // the client went away: the next one
        }
      }
    }};
  }
  ~server() {
    ::shutdown(listener_.descriptor(), SHUT_RDWR);
    thread_.join();
  }

  std::uint16_t port() const { return listener_.port(); }
  int accepted() const { return accepted_; }

 private:
  listening listener_{16};
  std::atomic<int> accepted_{0};
  std::thread thread_;
};

}  // namespace raw
