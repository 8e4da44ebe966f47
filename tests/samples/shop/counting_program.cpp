// A program to be supervised that knows nothing of Banyan: it prints numbered lines, and notes in a file that a line is printed once it
// is. So what must be in a log, whatever happens to this process, is known outside of it. It beats as sd_notify(3) says.
//
//   counting_program NOTES
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <string>

namespace {

void notify(const std::string& what) {
  const char* name = std::getenv("NOTIFY_SOCKET");
  if (!name) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  const std::string text{name};
  std::copy_n(text.begin(), std::min(text.size(), sizeof to.sun_path), to.sun_path);
  if (text[0] == '@') to.sun_path[0] = '\0';
  const int s = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  (void)::sendto(s, what.data(), what.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                 static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size()));
  ::close(s);
}

void write_all(int to, const std::string& text) { (void)!::write(to, text.data(), text.size()); }

}  // namespace

int main(int argc, char** argv) {
  const int notes = argc > 1 ? ::open(argv[1], O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
  if (notes < 0) return 1;
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);  // names this run: process ids come again
  const auto run = std::to_string(now.tv_sec * 1'000'000'000 + now.tv_nsec);
  notify("READY=1");
  for (int n = 0;; ++n) {
    // Short ones and long ones, up to what a pipe takes in one piece. The end of a line tells how long it should be.
    const auto dots = n % 20 == 0 ? 3000 : n * 37 % 200;
    write_all(1, "run " + run + " line " + std::to_string(n) + " " + std::string(static_cast<std::size_t>(dots), '.') + " " +
                     std::to_string(dots) + "\n");
    write_all(notes, run + " " + std::to_string(n) + "\n");
    if (n % 20 != 19) continue;
    notify("WATCHDOG=1");
    ::usleep(50'000);
  }
}
