// A program to be supervised: does what its arguments say, one after the other.
//
//   misbehaving_program say "I am here" ready heartbeat
#include <banyan/process_supervision/service_notifier.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

void wait_for_ever() {
  for (;;) ::pause();
}

// A child that outlives its parent: in the same session, or in one of its own.
void leave_behind(bool in_own_session) {
  int is_away[2];
  if (::pipe(is_away) != 0) std::abort();
  if (::fork() == 0) {
    std::signal(SIGTERM, SIG_IGN);
    std::signal(SIGHUP, SIG_IGN);
    if (in_own_session) {
      ::setsid();
      if (::fork() != 0) ::_exit(0);
    }
    ::close(is_away[0]);
    ::close(is_away[1]);
    wait_for_ever();
  }
  ::close(is_away[1]);
  char c;
  (void)!::read(is_away[0], &c, 1);
}

// Answers 503 to the first `refusals` requests, then 200.
void serve(std::uint16_t port, int refusals) {
  const int s = ::socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  ::setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(s, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || ::listen(s, 5) != 0) std::abort();
  for (;;) {
    const int c = ::accept(s, nullptr, nullptr);
    char request[2000];
    (void)!::read(c, request, sizeof request);
    const std::string answer =
        refusals-- > 0 ? "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n" : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    std::cout << "asked" << std::endl;
    (void)!::write(c, answer.data(), answer.size());
    ::close(c);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGSEGV, SIG_DFL);  // a sanitizer would make an exit of it
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto above = banyan::service_notifier::of_environment();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& what = words[i];
    const auto next = [&] { return words.at(++i); };
    if (what == "say")
      std::cout << next() << std::endl;
    else if (what == "print")
      std::cout << next() << std::flush;
    else if (what == "complain")
      std::cerr << next() << std::endl;
    else if (what == "flood")
      for (int n = 0, all = std::stoi(next()); n < all; ++n) std::cout << "line " << n << '\n';
    else if (what == "flood_for_ever")
      for (;;) std::cout << "much ado" << std::endl;
    else if (what == "ready")
      above.ready();
    else if (what == "status")
      above.status(next());
    else if (what == "stopping")
      above.stopping();
    else if (what == "heartbeat")
      for (;;) above.send_heartbeat(), std::this_thread::sleep_for(above.heartbeat()->count() / 4);
    else if (what == "ignore_term")
      std::signal(SIGTERM, SIG_IGN);
    else if (what == "ignore")
      std::signal(std::stoi(next()), SIG_IGN);
    else if (what == "say_bye")
      std::signal(SIGTERM, [](int) { (void)!::write(1, "bye\n", 4), ::_exit(0); });
    else if (what == "leave_behind")
      leave_behind(false);
    else if (what == "leave_away")
      leave_behind(true);
    else if (what == "serve")
      serve(static_cast<std::uint16_t>(std::stoi(next())), 2);
    else if (what == "show")
      std::cout << words[i + 1] << "=" << (std::getenv(words[i + 1].c_str()) ? "set" : "unset") << std::endl, ++i;
    else if (what == "value") {
      const auto name = next();
      const char* value = std::getenv(name.c_str());
      std::cout << name << " is " << (value ? value : "not set") << std::endl;
    } else if (what == "raise")
      std::raise(std::stoi(next()));
    else if (what == "exit")
      return std::stoi(next());
    else if (what == "wait")
      wait_for_ever();
    else
      return 99;
  }
  return 0;
}
