// A server that runs out of memory loses the connection for which there was none, and nothing else. Memory is refused by the size of what is
// asked for.
#include <tests/framework/http/a_server.hpp>

#include <cstdlib>
#include <limits>
#include <new>

namespace {
std::atomic<std::size_t> refused_from{std::numeric_limits<std::size_t>::max()};
}

void* operator new(std::size_t size) {
  if (size < refused_from.load(std::memory_order_relaxed))
    if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return size < refused_from.load(std::memory_order_relaxed) ? std::malloc(size) : nullptr;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace banyan;
using namespace banyan::test;

namespace {

class without_memory {
 public:
  explicit without_memory(std::size_t from) { refused_from = from; }
  ~without_memory() { refused_from = std::numeric_limits<std::size_t>::max(); }
};

}  // namespace

TEST_CASE("a body for which there is no memory ends its connection, and the others go on", "[http][memory]") {
  gate g;
  const auto server = serve({}, g.handler());
  auto other = raw::socket::connect(server->port());
  const std::string request =
      "POST /now HTTP/1.1\r\nHost: localhost\r\nContent-Length: 400000\r\n\r\n" + std::string(400'000, 'x');
  {
    const without_memory above{200'000};
    for (int i = 0; i < 5; ++i) {
      auto c = raw::socket::connect(server->port());
      c.send(request);
      try {
        CHECK(c.read_all().empty());
      } catch (const std::exception&) {
        FAIL("the connection was left open");
      }
      other.send(now_request);
      CHECK(other.read_response().ends_with("now"));
    }
  }
  CHECK(server->counters().server_failures == 5);
  CHECK(soon([&] { return server->counters().bytes_buffered == 0; }));  // an answer is counted until all of it is written
  CHECK(soon([&] { return server->counters().connections_open == 1; }));
  other.send(request);
  CHECK(other.read_response().ends_with("now"));
}

TEST_CASE("a handler that finds no memory is answered for with 500", "[http][memory]") {
  const auto server = serve({}, [](http_request r, completion<http_response> done) {
    done(http_response::text(r.target == "/large" ? std::string(1'000'000, 'x') : "small"));
  });
  auto c = raw::socket::connect(server->port());
  {
    const without_memory above{500'000};
    c.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(status_of(c.read_response()) == "HTTP/1.1 500 Internal Server Error");
    c.send(now_request);
    CHECK(c.read_response().ends_with("small"));
  }
  c.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(c.read_response().size() > 1'000'000);
  CHECK(server->counters().handler_failures == 1);
}
