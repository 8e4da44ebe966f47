#include <banyan/observability/terminal.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

using namespace banyan;

TEST_CASE("colours are for terminals, and for those who want them") {
  const int file = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  CHECK_FALSE(takes_color(file));
  ::close(file);
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) return;  // none can be made here
  ::setenv("TERM", "xterm", 1);
  ::unsetenv("NO_COLOR");
  CHECK(takes_color(terminal) == (::isatty(terminal) != 0));
  ::setenv("NO_COLOR", "1", 1);
  CHECK_FALSE(takes_color(terminal));
  ::setenv("NO_COLOR", "", 1);
  CHECK(takes_color(terminal) == (::isatty(terminal) != 0));
  ::setenv("TERM", "dumb", 1);
  CHECK_FALSE(takes_color(terminal));
  ::close(terminal);
}
