#include <banyan/process_supervision/process_setup.hpp>

#include <banyan/observability/background_writer.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <optional>
#include <streambuf>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

namespace banyan {
namespace {

constexpr int patience = 1000;  // ms to wait for a reader of standard error
constexpr std::chrono::milliseconds log_patience{500};

std::string& process_name() {
  static auto* name = new std::string{"banyan"};
  return *name;
}
std::optional<rlimit>& first_open_files() {
  static std::optional<rlimit> limit;
  return limit;
}
std::atomic<bool> is_up{false};

void open_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is this one. Without /dev/null, a descriptor that can be neither read nor written
    // serves.
    if (::open("/dev/null", O_RDWR) < 0) (void)::open("/", O_RDONLY | O_DIRECTORY);
  }
}

void raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  first_open_files() = limit;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

void share_heap_under_a_limit() {
#ifdef M_ARENA_MAX  // glibc
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) (void)::mallopt(M_ARENA_MAX, 1);
#endif
}

// The default of a stack is the soft limit RLIMIT_STACK, usually 8 MiB, all of which counts.
void shrink_stacks_under_a_limit() {
#ifdef __GLIBC__
  constexpr std::size_t enough = 2 * 1024 * 1024;  // glibc's own default on x86-64, when RLIMIT_STACK is unlimited
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  pthread_attr_t defaults;
  if (::pthread_getattr_default_np(&defaults) != 0) return;
  std::size_t size = 0;
  if (::pthread_attr_getstacksize(&defaults, &size) == 0 && size > enough &&
      ::pthread_attr_setstacksize(&defaults, enough) == 0)
    (void)::pthread_setattr_default_np(&defaults);
  (void)::pthread_attr_destroy(&defaults);
#endif
}

void keep_freed_memory() {
#ifdef M_TRIM_THRESHOLD  // glibc
  (void)::mallopt(M_MMAP_THRESHOLD, 8 * 1024 * 1024);
  (void)::mallopt(M_TRIM_THRESHOLD, 64 * 1024 * 1024);
#endif
}

// Neither allocates nor waits long: used when memory is short or nobody reads.
void say(const char* why) {
  char line[1024];
  const int n = std::snprintf(line, sizeof line, "%s can not go on: %s\n", process_name().c_str(), why);
  pollfd err{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  if (n <= 0 || ::poll(&err, 1, patience) <= 0) return;
  (void)!::write(STDERR_FILENO, line, std::min(static_cast<std::size_t>(n), sizeof line - 1));
}

// Between a stream and its buffer. Keeps the errno of the first failed write, for which the stream has no place, and
// drops the rest of a failed write.
class watched_output final : public std::streambuf {
 public:
  explicit watched_output(std::ostream& stream) : to_{stream.rdbuf(this)} {}
  int error() const { return error_; }

 protected:
  int_type overflow(int_type c) override {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    const auto put = to_->sputc(traits_type::to_char_type(c));
    note(traits_type::eq_int_type(put, traits_type::eof()));
    return put;
  }
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    const auto put = to_->sputn(text, size);
    note(put != size);
    return put;
  }
  int sync() override {
    const auto done = to_->pubsync();
    note(done != 0);
    return done;
  }

 private:
  void note(bool failed) {
    if (failed && error_ == 0) error_ = errno != 0 ? errno : EIO;
  }
  std::streambuf* to_;
  int error_ = 0;
};

// The exit code of a command that ended with `code`: failure when its output could not be written. A reader that has
// gone (EPIPE with SIGPIPE ignored) is no failure.
int after_output(const watched_output& output, int code) {
  std::cout.flush();
  if (output.error() == 0 || output.error() == EPIPE) return code;
  std::cerr << process_name() << ": write error: " << std::strerror(output.error()) << '\n';
  return code == 0 ? 1 : code;
}

constexpr const char* no_thread = "a thread can not be started: too many processes and threads of this user (ulimit -u), or too little "
                                  "memory (ulimit -v)";
constexpr const char* no_memory = "there is too little memory (ulimit -v)";

const char* reason(const std::exception& e) {
  if (dynamic_cast<const std::bad_alloc*>(&e)) return no_memory;
  const auto* system = dynamic_cast<const std::system_error*>(&e);
  return system && system->code() == std::errc::resource_unavailable_try_again ? no_thread : e.what();
}

// Called at the throw of an uncaught exception, before unwinding. (Unwinding a half-done start would crash: running
// threads use what is destroyed.) An exception stopped by a destructor or a noexcept function is not available here
// any more.
[[noreturn]] void end_by_exception() {
  static std::atomic_flag ending;
  if (ending.test_and_set()) ::_exit(1);
  try {
    background_writer::of(STDERR_FILENO).flush(log_patience);
  } catch (...) {  // formatting needs memory
  }
  if (const auto thrown = std::current_exception()) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      say(reason(e));
    } catch (...) {
      say("an exception of an unknown kind");
    }
  } else {
    say(is_up ? "std::terminate was called" : "it lacks threads or memory (ulimit -u, -v)");
  }
  if (!is_up) ::_exit(1);
  std::abort();
}

}  // namespace

int run_process(std::string name, const std::function<int()>& work) {
  open_standard_descriptors();
  std::signal(SIGXFSZ, SIG_IGN);
  raise_open_files();
  share_heap_under_a_limit();
  shrink_stacks_under_a_limit();
  process_name() = std::move(name);
  std::set_terminate(end_by_exception);
  static auto* output = new watched_output{std::cout};  // never destroyed: std::cout is used to the last
  const auto code = work();                             // no try: see end_by_exception
  return after_output(*output, code);
}

void process_is_up() {
  keep_freed_memory();
  is_up = true;
}

void ignore_broken_pipes() { std::signal(SIGPIPE, SIG_IGN); }

bool is_ignored(int signal) {
  struct sigaction now {};
  return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

bool has_controlling_terminal() {
  const int terminal = ::open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (terminal >= 0) ::close(terminal);
  return terminal >= 0;
}

rlimit original_open_files() {
  rlimit limit{};
  (void)::getrlimit(RLIMIT_NOFILE, &limit);
  return first_open_files().value_or(limit);
}

}  // namespace banyan
