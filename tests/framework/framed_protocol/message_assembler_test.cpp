#include <banyan/framed_protocol/message_assembler.hpp>
#include <banyan/framed_protocol/send_queue.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace banyan;
using namespace banyan::framed;

namespace {

// Of an answer at position 0: what stands before its body.
std::string head(std::uint32_t n) {
  std::string out;
  append_answer_head(out, 0);
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<char>(n >> shift & 0xff));
  return out;
}

}  // namespace

TEST_CASE("a message of one frame is there at once", "[framed][assembler]") {
  message_assembler assembler{100};
  const auto m = assembler.take({frame_type::answer, 3, head(2) + "ab"});
  REQUIRE(m);
  REQUIRE(*m);
  CHECK((*m)->call == 3);
  CHECK((*m)->body == "ab");
}

TEST_CASE("a message of several frames is there with its last one; small ones may come between",
          "[framed][assembler]") {
  message_assembler assembler{100};
  CHECK_FALSE(*assembler.take({frame_type::answer, 3, head(6) + "ab"}));
  CHECK_FALSE(*assembler.take({frame_type::more, 3, "cd"}));
  CHECK((*assembler.take({frame_type::answer, 4, head(1) + "x"}))->body == "x");
  const auto m = assembler.take({frame_type::more, 3, "ef"});
  REQUIRE(*m);
  CHECK((*m)->call == 3);
  CHECK((*m)->body == "abcdef");
}

TEST_CASE("what breaks the order of parts is refused", "[framed][assembler]") {
  message_assembler assembler{100};
  const auto refused = [&](const frame& f) {
    const auto r = assembler.take(f);
    REQUIRE_FALSE(r);
    return r.error().reason;
  };
  CHECK(refused({frame_type::more, 3, "a"}) == "bad_frame");  // of nothing
  CHECK(refused({frame_type::ping, 0, ""}) == "bad_frame");
  CHECK(refused({frame_type::answer, 3, head(101) + "a"}) == "message_too_large");
  CHECK(refused({frame_type::answer, 3, head(1) + "ab"}) == "bad_frame");
  CHECK_FALSE(*assembler.take({frame_type::answer, 3, head(4) + "ab"}));
  CHECK(refused({frame_type::more, 4, "c"}) == "bad_frame");    // of another call
  CHECK(refused({frame_type::more, 3, ""}) == "bad_frame");     // nothing: it could come for ever
  CHECK(refused({frame_type::more, 3, "cde"}) == "bad_frame");  // more than was said
  CHECK(refused({frame_type::answer, 5, head(4) + "ab"}) == "bad_frame");  // a second large one
}

TEST_CASE("a message that is given up leaves room for the next", "[framed][assembler]") {
  message_assembler assembler{100};
  CHECK_FALSE(*assembler.take({frame_type::answer, 3, head(4) + "ab"}));
  CHECK_FALSE(assembler.drop(2));
  CHECK(assembler.drop(3));
  CHECK_FALSE(*assembler.take({frame_type::answer, 5, head(4) + "ab"}));
}
