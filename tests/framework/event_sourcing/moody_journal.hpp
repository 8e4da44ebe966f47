// A journal in front of another one that decides itself when an append goes on and when its answer comes back, in any
// order; that refuses, and that sends an append a second time and gives the answer of the second. Reads pass through.
#pragma once

#include <tests/framework/actor/stepped.hpp>

#include <banyan/journal/journal_decorator.hpp>

#include <utility>
#include <vector>

namespace banyan::test {

class moody_journal : public journal_decorator {
 public:
  using journal_decorator::journal_decorator;

  void append(append_request request, completion<append_result> done) override {
    waiting_.push_back({std::move(request), std::move(done)});
    if (at_ease_) pass_on_all();
  }

  // --- by hand: i-th of those that wait, i-th of the answers that came
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t answers() const { return answers_.size(); }
  void pass_on_one(std::size_t i, bool twice = false) {
    auto w = take(waiting_, i);
    if (twice) inner().append(w.request, [](result<append_result>) {});
    inner().append(std::move(w.request),
                   [this, done = std::make_shared<completion<append_result>>(std::move(w.done))](auto r) {
                     answers_.push_back({std::move(*done), std::move(r)});
                     if (at_ease_) answer_one(answers_.size() - 1);
                   });
  }
  void pass_on_all() {
    while (!waiting_.empty()) pass_on_one(0);
  }
  void answer_one(std::size_t i) {
    auto a = take(answers_, i);
    a.done(std::move(a.what));
  }
  void refuse_one(std::size_t i, error why) { take(waiting_, i).done(std::move(why)); }

  // --- by chance; nothing when there is nothing to do
  void pass_on(counting_random& random) {
    if (!waiting_.empty()) pass_on_one(random.below(waiting_.size()), random.below(4) == 0);
  }
  void answer(counting_random& random) {
    if (!answers_.empty()) answer_one(random.below(answers_.size()));
  }
  void refuse(counting_random& random) {
    if (!waiting_.empty()) refuse_one(random.below(waiting_.size()), error{code::exhausted, "no room"});
  }

  // From now on everything goes through at once, beginning with what was held up.
  void at_ease() {
    at_ease_ = true;
    pass_on_all();
    while (!answers_.empty()) answer_one(0);
  }

 private:
  struct held_append {
    append_request request;
    completion<append_result> done;
  };
  struct held_answer {
    completion<append_result> done;
    result<append_result> what;
  };
  template <class T>
  static T take(std::vector<T>& from, std::size_t i) {
    auto taken = std::move(from.at(i));
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(i));
    return taken;
  }
  std::vector<held_append> waiting_;
  std::vector<held_answer> answers_;
  bool at_ease_ = false;
};

}  // namespace banyan::test
