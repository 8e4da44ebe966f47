#include <banyan/core/completion.hpp>

#include <catch2/catch.hpp>

#include <vector>

using namespace banyan;

namespace {

completion<int> recorded_in(std::vector<result<int>>& answers) {
  return [&answers, only_movable = std::make_unique<int>(1)](result<int> r) { answers.push_back(std::move(r)); };
}

}  // namespace

TEST_CASE("a completion answers once; later answers change nothing") {
  std::vector<result<int>> answers;
  {
    auto done = recorded_in(answers);
    CHECK(done);
    done(1);
    CHECK_FALSE(done);
    done(2);
  }
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].value() == 1);
}

TEST_CASE("a completion that is dropped answers that the outcome is unknown") {
  std::vector<result<int>> answers;
  { auto done = recorded_in(answers); }
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].error().code == code::unavailable);
  CHECK(answers[0].error().outcome == outcome::unknown);
}

TEST_CASE("a completion that moved on does not answer from its old place") {
  std::vector<result<int>> answers;
  {
    completion<int> last;
    {
      auto first = recorded_in(answers);
      last = std::move(first);
      CHECK_FALSE(first);
    }
    CHECK(answers.empty());
    last(7);
  }
  CHECK(answers.size() == 1);
}

TEST_CASE("assigning over an open completion answers it first") {
  std::vector<result<int>> old_answers;
  std::vector<result<int>> new_answers;
  auto done = recorded_in(old_answers);
  done = recorded_in(new_answers);
  REQUIRE(old_answers.size() == 1);
  CHECK(old_answers[0].error().outcome == outcome::unknown);
  done(3);
  CHECK(new_answers[0].value() == 3);
}

TEST_CASE("an empty completion takes an answer and drops it") {
  completion<int> none;
  CHECK_FALSE(none);
  none(1);
}

TEST_CASE("an answer may call what owns the completion") {
  int calls = 0;
  completion<int> done;
  done = [&](result<int>) {
    ++calls;
    done(error{code::internal, "again"});
  };
  done(1);
  CHECK(calls == 1);
}

TEST_CASE("a completion of nothing says only whether it worked") {
  bool worked = false;
  completion<void> done{[&](result<void> r) { worked = r.has_value(); }};
  done({});
  CHECK(worked);
}
