#include <banyan/http/listener.hpp>

#include <banyan/http/deadline.hpp>

#include <boost/asio/post.hpp>

#include <array>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <linux/filter.h>
#include <sys/socket.h>
#include <unistd.h>

namespace banyan {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr int accepted_at_once = 64;  // per turn of the thread
// For handshakes in progress when new connections were shut out. On loopback a tick is enough: only the
// last packet of a handshake may wait there, for a busy processor.
constexpr auto handshake_grace = std::chrono::milliseconds{250};

// Lets the kernel drop every packet with the SYN flag that arrives at this socket. Accepted connections inherit the
// filter and get no such packets.
bool drop_new_connections(int listening) {
  constexpr std::uint32_t offset_of_flags = 13;  // RFC 9293, 3.1
  constexpr std::uint32_t syn = 0x02;
  std::array<sock_filter, 4> code{{
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, offset_of_flags),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, syn, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
  }};
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  return ::setsockopt(listening, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

void discard_what_came(int connection) {
  std::array<char, 16 * 1024> nowhere;
  for (int i = 0; i < 4; ++i)
    if (::recv(connection, nowhere.data(), nowhere.size(), MSG_DONTWAIT) <= 0) return;
}

}  // namespace

void turn_away(int connection, listener::refusal by) {
  if (by == listener::refusal::silent) {
    ::close(connection);
    return;
  }
  static constexpr std::string_view text =
      "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
  discard_what_came(connection);  // unread bytes would turn the close into a reset
  (void)::send(connection, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  ::shutdown(connection, SHUT_WR);
  discard_what_came(connection);
  ::close(connection);
}

listener::listener(asio::io_context& context, std::size_t reserve, hooks to)
    : context_{context}, reserve_{std::max<std::size_t>(1, reserve)}, to_{std::move(to)}, acceptor_{context}, pause_{context} {}

listener::~listener() {
  for (const int fd : spare_) ::close(fd);
}

error_code listener::open(const tcp::endpoint& at) {
  error_code ec;
  const auto ok = [&](auto&&...) { return !ec; };
  if (!ok(acceptor_.open(at.protocol(), ec)) || !ok(acceptor_.set_option(tcp::acceptor::reuse_address{true}, ec)) ||
      !ok(acceptor_.bind(at, ec)) || !ok(acceptor_.listen(tcp::acceptor::max_listen_connections, ec)) || !ok(acceptor_.non_blocking(true, ec)))
    return ec;
  port_ = acceptor_.local_endpoint(ec).port();
  on_loopback_ = at.address().is_loopback();
  refill();
  return {};
}

void listener::start() { wait(); }

void listener::wait() {
  if (closed()) return;
  acceptor_.async_wait(tcp::acceptor::wait_read, [this](const error_code& ec) {
    if (!ec && !closed()) accept_some();
  });
}

void listener::accept_some() {
  for (int i = 0; i < accepted_at_once; ++i) {
    error_code ec;
    auto socket = acceptor_.accept(to_.next_context(), ec);
    if (!ec) {
      try {
        to_.taken(std::move(socket));
      } catch (const std::exception&) {  // out of memory: the socket is closed
      }
      continue;
    }
    if (ec == asio::error::would_block || ec == asio::error::try_again) return wait();
    if (ec == asio::error::connection_aborted || ec == asio::error::interrupted) continue;
    const auto then = without_descriptor(ec);
    if (then == next::nothing) return wait();
    if (then == next::trouble) return pause();
  }
  asio::post(context_, [this] {
    if (!closed()) accept_some();
  });
}

// The kernel allocates a descriptor before it looks at the queue, so this is also called when no connection waits.
listener::next listener::without_descriptor(const error_code& ec) {
  if (ec != asio::error::no_descriptors && ec != boost::system::errc::too_many_files_open_in_system) return next::trouble;
  if (spare_.empty()) return next::trouble;
  ::close(spare_.back());
  spare_.pop_back();
  if (!spare_.empty()) return next::connection;
  const int connection = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  const bool nobody = connection < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  if (connection >= 0) {
    turn_away(connection, to_.by);
    to_.turned_away();
  }
  refill();
  return connection >= 0 ? next::connection : nobody ? next::nothing : next::trouble;
}

// Retrying at once would be a busy loop.
void listener::pause() {
  pause_.expires_after(std::chrono::milliseconds{50});
  pause_.async_wait([this](const error_code& ec) {
    if (ec || closed()) return;
    refill();
    accept_some();
  });
}

void listener::refill() {
  while (spare_.size() < reserve_) {
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    spare_.push_back(fd);
  }
}

void listener::finish(monotonic now) {
  if (closed() || std::exchange(finishing_, true)) return;
  const bool no_more = drop_new_connections(acceptor_.native_handle());
  close_at_ = no_more && !on_loopback_ ? deadline_after(now, handshake_grace) : now;
  if (!no_more) on_tick(now);
}

void listener::on_tick(monotonic now) {
  if (closed()) return;
  refill();
  if (!finishing_ || now < close_at_) return;
  // Connections in the queue have completed their handshake, and may have sent a request.
  for (;;) {
    error_code ec;
    auto socket = acceptor_.accept(to_.next_context(), ec);
    if (ec == asio::error::connection_aborted || ec == asio::error::interrupted) continue;
    const bool queue_is_empty = ec == asio::error::would_block || ec == asio::error::try_again;
    if (ec && !queue_is_empty && without_descriptor(ec) == next::connection) continue;
    if (ec) break;
    try {
      to_.taken(std::move(socket));
    } catch (const std::exception&) {
    }
  }
  close();
}

void listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

}  // namespace banyan
