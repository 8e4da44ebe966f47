#include <banyan/process_supervision/program_run.hpp>

#include <banyan/process_supervision/notify_address.hpp>
#include <banyan/process_supervision/notify_message.hpp>
#include <banyan/process_supervision/process_table.hpp>
#include <banyan/process_supervision/signal_name.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace banyan {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t at_once = 64 * 1024;  // bytes read before others are served
constexpr int datagrams_at_once = 100;
constexpr auto unkillable = 5s;             // without an end after SIGKILL
constexpr auto sweep_pause = 5ms;
constexpr auto sweep_limit = 2s;

// Environment variable that identifies processes which left the session, also below a nested supervisor.
constexpr auto mark = "BANYAN_SUPERVISED";
constexpr auto last_end_name = "BANYAN_LAST_END=";

// Receives datagrams with the sender's credentials.
result<descriptor> notification_socket(const std::string& name) {
  descriptor s{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const auto address = parse_notify_address(name);
  const int yes = 1;
  if (!s || !address || ::setsockopt(s.get(), SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0 ||
      ::bind(s.get(), address->get(), address->size) != 0)
    return error{code::unavailable, "cannot open the socket " + name + ": " + std::strerror(errno)};
  return s;
}

struct datagram {
  std::string text;
  pid_t sender = 0;  // 0: another pid namespace
};

// The next datagram; nothing when there is none. One from another user is empty.
std::optional<datagram> receive(int socket) {
  std::array<char, 4096> text;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control;
  iovec part{.iov_base = text.data(), .iov_len = text.size()};
  msghdr m{};
  m.msg_iov = &part;
  m.msg_iovlen = 1;
  m.msg_control = control.data();
  m.msg_controllen = control.size();
  const auto n = ::recvmsg(socket, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0) return {};
  ucred sender{.pid = 0, .uid = static_cast<uid_t>(-1), .gid = 0};
  for (auto* c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) std::memcpy(&sender, CMSG_DATA(c), sizeof sender);
  const bool trusted = sender.uid == ::geteuid() || sender.uid == 0;
  return trusted ? datagram{{text.data(), static_cast<std::size_t>(n)}, sender.pid} : datagram{};
}

}  // namespace

std::string to_string(const program_end& e) {
  if (!e.by_signal) return "exited with code " + std::to_string(e.number);
  return "was killed by " + signal_name(e.number) + (e.core ? " (core dumped)" : "");
}

program_run::program_run(const program_spec& spec, std::string tag, std::string socket, listener to, monotonic now)
    : spec_{spec}, tag_{std::move(tag)}, socket_{std::move(socket)}, to_{std::move(to)}, monitor_{spec.ready.within, spec.heartbeat, now} {
  if (spec.ready.when == readiness::kind::answered) probe_.emplace(spec.ready.url, spec.ready.timeout);
}

program_run::~program_run() {
  if (notifications_) ::unlink(socket_.c_str());
}

result<std::unique_ptr<program_run>> program_run::start(const program_spec& spec, std::string tag, std::string socket, listener to,
                                                        monotonic now, std::string last_end) {
  std::unique_ptr<program_run> run{new program_run{spec, std::move(tag), std::move(socket), std::move(to), now}};
  run->last_end_ = std::move(last_end);
  if (sends_notifications(spec)) {
    auto receiver = notification_socket(run->socket_);
    if (!receiver) return receiver.error();
    run->notifications_ = std::move(*receiver);
  }
  auto child = start_process(spec, run->environment());
  if (!child) return child.error();
  run->child_ = std::move(*child);
  if (spec.ready.when == readiness::kind::started) run->monitor_.mark_ready(now);
  return run;
}

std::vector<std::string> program_run::environment() const {
  auto all = process_environment();
  std::erase_if(all, [](const std::string& e) {
    return e.starts_with("NOTIFY_SOCKET=") || e.starts_with("WATCHDOG_") || e.starts_with(last_end_name);
  });
  for (const auto& [name, value] : spec_.environment) all.push_back(name + "=" + value);
  const auto* outer = std::getenv(mark);
  all.push_back(std::string{mark} + "=" + (outer ? outer : "") + tag_ + ":");
  if (sends_notifications(spec_)) all.push_back("NOTIFY_SOCKET=" + socket_);
  if (!last_end_.empty()) all.push_back(last_end_name + last_end_);
  if (spec_.heartbeat)
    all.push_back("WATCHDOG_USEC=" + std::to_string(std::chrono::floor<std::chrono::microseconds>(spec_.heartbeat->count()).count()));
  return all;
}

// --- orders ----------------------------------------------------------------------------------------------------------

void program_run::stop(timespan patience, monotonic now) {
  ordered_ = true;
  end_with(spec_.stop_signal, patience, now);
}

// A stopped process (SIGSTOP) handles only SIGKILL before it continues.
void program_run::end_with(int signal, timespan patience, monotonic now) {
  if (state_ == state::dead || killed_) return;
  if (patience.count() < 1ms) return kill(now);
  ::kill(child_.id, signal);
  ::kill(-child_.id, SIGCONT);
  const auto limit = add_saturating(now, patience);
  if (!kill_at_ || limit < *kill_at_) kill_at_ = limit;
  state_ = state::ending;
}

void program_run::kill(monotonic now) {
  if (state_ == state::dead) return;
  state_ = state::ending;
  ::kill(-child_.id, SIGKILL);
  ::kill(child_.id, SIGKILL);
  if (!std::exchange(killed_, true)) stuck_at_ = now + unkillable;
  kill_at_.reset();
}

void program_run::give_up_on(std::string why, int signal, monotonic now) {
  to_.noticed(why + ": " + signal_name(signal));
  trouble_ = std::move(why);
  end_with(signal, spec_.shutdown, now);
}

// --- what is seen ----------------------------------------------------------------------------------------------------

void program_run::watch(poll_set& turn, bool may_print, monotonic now) {
  if (child_.output && may_print && state_ != state::dead) turn.on(child_.output.get(), POLLIN, [this] { read_output(at_once); });
  if (notifications_ && state_ != state::dead) {
    turn.on(notifications_.get(), POLLIN, [this] { read_notifications(system_clock().steady()); });
  }
  if (state_ == state::living) {
    if (probe_ && !monitor_.is_ready()) probe_->watch(turn, now);
    turn.at_latest(monitor_.deadline());
  } else if (state_ == state::ending) {
    turn.at_latest(kill_at_);
    turn.at_latest(stuck_at_);
  } else {
    turn.at_latest(next_sweep_);
  }
}

bool program_run::read_output(std::size_t most) {
  std::array<char, 16 * 1024> bytes;
  for (std::size_t all = 0; all < most;) {
    const auto n = ::read(child_.output.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) child_.output.close();  // all writers have closed it
    if (n <= 0) return false;
    for (const auto& piece : lines_.feed({bytes.data(), static_cast<std::size_t>(n)})) to_.printed(piece, state_ == state::dead);
    all += static_cast<std::size_t>(n);
  }
  return true;
}

// A sender that has ended can not be looked up (systemd-notify(1) ends right after sending); the folder excludes
// other users.
bool program_run::is_ours(pid_t sender) const {
  if (sender == child_.id) return true;
  const auto p = process_of(sender);
  return !p || p->ended || p->session == child_.id || environment_holds(sender, tag_ + ":");
}

void program_run::read_notifications(monotonic now) {
  for (int n = 0; n < datagrams_at_once; ++n) {
    const auto came = receive(notifications_.get());
    if (!came) return;
    if (!is_ours(came->sender)) {
      if (!std::exchange(reported_stranger_, true))
        to_.noticed("was spoken for by process " + std::to_string(came->sender) + ", which is not one of its own: ignored");
      continue;
    }
    const auto m = parse_notify_message(came->text);
    if (m.ready && spec_.ready.when == readiness::kind::notified) monitor_.mark_ready(now);
    if (m.heartbeat) monitor_.record_heartbeat(now);
    if (!m.status.empty() && m.status != status_) to_.printed({"(" + (status_ = m.status) + ")"}, false);
    if (m.stopping && state_ == state::living) {  // on its own: the same time as after a stop order
      state_ = state::ending;
      kill_at_ = add_saturating(now, spec_.shutdown);
    }
  }
}

void program_run::has_ended(const program_end& end, monotonic now) {
  kill_left_behind();
  ::kill(-child_.id, SIGKILL);  // not reaped: the group's id is not reused
  if (notifications_) read_notifications(now);
  end_ = end;
  state_ = state::dead;
  next_sweep_ = now;
  sweep_until_ = now + sweep_limit;
}

// A stop may be intended (a debugger, an operator), so it alone is no failure: the heartbeat decides.
void program_run::has_paused(int signal) {
  if (state_ != state::living) return;
  to_.noticed(signal == 0       ? "goes on"
              : spec_.heartbeat ? "was paused by " + signal_name(signal)
                                : "was paused by " + signal_name(signal) + "; it has no heartbeat, and stays so until SIGCONT");
}

// --- what follows ----------------------------------------------------------------------------------------------------

program_run::event program_run::look(monotonic now) {
  switch (state_) {
    case state::living:
      return look_living(now);
    case state::dead:
      return look_dead(now);
    case state::ending:
      break;
  }
  if (kill_at_ && now >= *kill_at_) {
    to_.noticed("has not ended in its time: SIGKILL");
    kill(now);
  }
  if (!stuck_at_ || now < *stuck_at_) return event::none;
  stuck_at_.reset();
  return event::stuck;
}

program_run::event program_run::look_living(monotonic now) {
  using health = heartbeat_monitor::health;
  if (probe_ && probe_->succeeded()) monitor_.mark_ready(now);
  if (monitor_.assess(now) != health::well && notifications_) read_notifications(now);
  switch (monitor_.assess(now)) {
    case health::well:
      break;
    case health::late:
      give_up_on("was not ready within " + to_string(spec_.ready.within) + (probe_ ? " (" + probe_->last() + ")" : ""), spec_.stop_signal,
                 now);
      break;
    case health::hung:
      give_up_on("missed its heartbeat for " + to_string(*spec_.heartbeat), SIGABRT, now);
      break;
  }
  return monitor_.is_ready() && !std::exchange(reported_ready_, monitor_.is_ready()) ? event::ready : event::none;
}

program_run::event program_run::look_dead(monotonic now) {
  if (now < next_sweep_) return event::none;
  if (kill_left_behind() && now < sweep_until_) {  // they are ending, and their children will follow
    next_sweep_ = now + sweep_pause;
    return event::none;
  }
  read_what_is_left();
  for (const auto& piece : lines_.finish()) to_.printed(piece, true);
  child_.output.close();
  if (const auto n = left_behind_.size())
    to_.noticed("left " + std::to_string(n) + (n == 1 ? " process" : " processes") + " behind: SIGKILL");
  return event::over;
}

// Reads the last output. Not to the end of the pipe: an escaped process may hold it open and write faster than it is
// read.
void program_run::read_what_is_left() {
  int bytes = 0;
  if (child_.output && ::ioctl(child_.output.get(), FIONREAD, &bytes) == 0) read_output(static_cast<std::size_t>(std::max(0, bytes)));
}

// False: none was left.
bool program_run::kill_left_behind() {
  const auto killed = kill_children([&](const process_entry& p) { return p.session == child_.id || environment_holds(p.id, tag_ + ":"); });
  left_behind_.insert(killed.begin(), killed.end());
  return !killed.empty();
}

bool program_run::failed() const {
  if (!trouble_.empty() || end_.by_signal || end_.number != 0) return true;
  return !monitor_.is_ready() && spec_.ready.when != readiness::kind::exited && !ordered_;
}

bool program_run::failed_for_good() const { return trouble_.empty() && !end_.by_signal && spec_.final_exit_code == end_.number; }

std::string program_run::end() const {
  if (ordered_) return "ordered";
  if (!trouble_.empty()) return "hung";
  return end_.by_signal ? signal_name(end_.number) : "exit " + std::to_string(end_.number);
}

std::string program_run::summary() const {
  if (!trouble_.empty()) return trouble_ + " and " + to_string(end_);
  const bool early = !monitor_.is_ready() && spec_.ready.when != readiness::kind::exited && !ordered_;
  return to_string(end_) + (early ? " before it was ready" : "");
}

}  // namespace banyan
