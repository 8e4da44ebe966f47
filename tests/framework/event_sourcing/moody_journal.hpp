// A journal in front of another one that decides itself when an append goes on and when its answer comes back, in any order; that refuses, and
// that sends an append a second time and gives the answer of the second. Reads pass through.
#pragma once

#include <tests/framework/actor/stepped.hpp>

#include <banyan/journal/journal.hpp>

#include <utility>
#include <vector>

namespace banyan::test {

class moody_journal : public journal {
 public:
  explicit moody_journal(journal& inner) : inner_{inner} {}

  void append(append_request request, completion<append_result> done) override {
    waiting_.push_back({std::move(request), std::move(done)});
    if (at_ease_) pass_on_all();
  }
  void load(load_request r, completion<loaded_stream> done) override { inner_.load(std::move(r), std::move(done)); }
  void read_stream(read_stream_request r, completion<std::vector<recorded_event>> done) override {
    inner_.read_stream(std::move(r), std::move(done));
  }
  void read_all(read_all_request r, completion<read_page> done) override {
    inner_.read_all(std::move(r), std::move(done));
  }
  void save_snapshot(snapshot s, completion<bool> done) override { inner_.save_snapshot(std::move(s), std::move(done)); }
  void list_streams(std::string p, std::string a, std::size_t n, completion<std::vector<stream_info>> done) override {
    inner_.list_streams(std::move(p), std::move(a), n, std::move(done));
  }
  void info(completion<journal_info> done) override { inner_.info(std::move(done)); }
  void seal(partition part, fence f, completion<sealed> done) override {
    inner_.seal(part, std::move(f), std::move(done));
  }
  void read_token(partition part, std::string scope, completion<std::int64_t> done) override {
    inner_.read_token(part, std::move(scope), std::move(done));
  }
  void declare(std::string key, std::string value, completion<bool> done) override {
    inner_.declare(std::move(key), std::move(value), std::move(done));
  }
  void forget_commands(forget_request r, completion<forgotten> done) override {
    inner_.forget_commands(std::move(r), std::move(done));
  }
  std::unique_ptr<watch> on_commit(std::function<void(position)> notify) override { return inner_.on_commit(std::move(notify)); }

  // --- by hand: i-th of those that wait, i-th of the answers that came
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t answers() const { return answers_.size(); }
  void pass_on_one(std::size_t i, bool twice = false) {
    auto w = take(waiting_, i);
    if (twice) inner_.append(w.request, [](result<append_result>) {});
    inner_.append(std::move(w.request), [this, done = std::make_shared<completion<append_result>>(std::move(w.done))](auto r) {
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

 protected:
  journal& inner_;

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
