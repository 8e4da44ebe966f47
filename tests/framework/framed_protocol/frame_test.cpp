#include <banyan/framed_protocol/frame.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

using namespace banyan;
using namespace banyan::framed;

namespace {

using owned_frame = std::tuple<frame_type, std::uint64_t, std::string>;

struct reading {
  std::vector<owned_frame> frames;
  std::optional<error> fault;
};

void feed(frame_reader& reader, std::string_view bytes, reading& into) {
  const auto space = reader.prepare(bytes.size());
  std::copy(bytes.begin(), bytes.end(), space.begin());
  reader.commit(bytes.size());
  while (!into.fault) {
    auto next = reader.next();
    if (!next) {
      into.fault = next.error();
    } else if (!*next) {
      return;
    } else {
      into.frames.emplace_back((*next)->type, (*next)->call, std::string{(*next)->payload});
    }
  }
}

// In pieces of 1 to `longest` bytes.
reading read_in_pieces(std::string_view bytes, std::size_t longest, std::mt19937_64& random,
                       std::size_t max_payload = 1000) {
  frame_reader reader{max_payload};
  reading all;
  while (!bytes.empty() && !all.fault) {
    const auto n = std::min<std::size_t>(bytes.size(), 1 + random() % longest);
    feed(reader, bytes.substr(0, n), all);
    bytes.remove_prefix(n);
  }
  return all;
}

std::string bytes_of(const std::vector<owned_frame>& frames) {
  std::string out;
  for (const auto& [type, call, payload] : frames) append_frame(out, type, call, payload);
  return out;
}

}  // namespace

TEST_CASE("a frame has twelve bytes before its payload: size, type and call in network byte order",
          "[framed][frame]") {
  std::string out;
  append_frame(out, frame_type::cancel, 0x0102030405060708, "ab");
  CHECK(out == std::string("\0\0\2\6\1\2\3\4\5\6\7\10ab", 14));
}

TEST_CASE("frames are read as they were written, wherever the stream is cut", "[framed][frame][property]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random{seed};
    CAPTURE(seed);
    std::vector<owned_frame> written;
    for (int i = 0; i < 20; ++i)
      written.emplace_back(static_cast<frame_type>(1 + random() % 9), random(),
                           std::string(random() % 300, static_cast<char>(random())));
    const auto read = read_in_pieces(bytes_of(written), 1 + random() % 400, random);
    CHECK_FALSE(read.fault);
    REQUIRE(read.frames == written);
  }
}

TEST_CASE("every single point of cutting gives the same two frames", "[framed][frame]") {
  const std::vector<owned_frame> written{{frame_type::ping, 0, "0123456789abcdef"}, {frame_type::answer, 7, ""}};
  const auto bytes = bytes_of(written);
  for (std::size_t at = 0; at <= bytes.size(); ++at) {
    CAPTURE(at);
    frame_reader reader{100};
    reading read;
    feed(reader, std::string_view{bytes}.substr(0, at), read);
    feed(reader, std::string_view{bytes}.substr(at), read);
    CHECK(read.frames == written);
    CHECK(reader.buffered() == 0);
  }
}

TEST_CASE("a frame of the largest size is taken, one byte more is refused with its head",
          "[framed][frame][limits]") {
  for (const std::size_t size : {100, 101}) {
    std::string out;
    append_frame(out, frame_type::request, 1, std::string(size, 'x'));
    frame_reader reader{100};
    reading read;
    feed(reader, out.substr(0, size > 100 ? frame_head_size : out.size()), read);
    CAPTURE(size);
    CHECK(read.fault.has_value() == (size > 100));
    if (read.fault) CHECK(read.fault->reason == "frame_too_large");
    CHECK(read.frames.size() == (size > 100 ? 0 : 1));
  }
}

TEST_CASE("an unknown type is refused, but for the ones that may be skipped", "[framed][frame]") {
  for (int type = 0; type < 256; ++type) {
    std::string out;
    append_frame(out, static_cast<frame_type>(type), 1, "payload");
    append_frame(out, frame_type::pong, 0, "");
    frame_reader reader{100};
    reading read;
    feed(reader, out, read);
    CAPTURE(type);
    if (type >= 1 && type <= 9) {
      CHECK(read.frames.size() == 2);
    } else if (type >= first_optional_type) {
      CHECK(read.frames == std::vector<owned_frame>{{frame_type::pong, 0, ""}});
    } else {
      REQUIRE(read.fault);
      CHECK(read.fault->reason == "bad_frame");
    }
  }
}

TEST_CASE("whatever bytes come, a reader ends in frames, in waiting or in a fault, and holds no more than it was given",
          "[framed][frame][property]") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    std::mt19937_64 random{seed};
    std::string bytes(random() % 500, '\0');
    for (auto& b : bytes) b = static_cast<char>(random() % 4 == 0 ? random() : random() % 3);
    const auto read = read_in_pieces(bytes, 64, random);
    std::size_t taken = 0;
    for (const auto& [type, call, payload] : read.frames) taken += frame_head_size + payload.size();
    CAPTURE(seed);
    CHECK(taken <= bytes.size());
  }
}
