#include <banyan/simulation/shared_journal.hpp>

#include <utility>

namespace banyan {

namespace {
// Increments a counter during its life.
class counted {
 public:
  explicit counted(std::shared_ptr<std::size_t> n) : n_{std::move(n)} { ++*n_; }
  counted(counted&&) noexcept = default;
  counted& operator=(counted&&) = delete;
  ~counted() {
    if (n_) --*n_;
  }

 private:
  std::shared_ptr<std::size_t> n_;
};
}  // namespace

shared_journal::shared_journal(journal& server, way travel) : server_{server}, travel_{std::move(travel)} {
  watch_ =
      server_.on_commit([this](position head) { travel_([watchers = watchers_, head] { watchers->notify(head); }); });
}

// `what(completion<T>)` sends the request to the server.
template <class T, class F>
void shared_journal::ask(completion<T> done, F what) {
  const auto number = ++last_;
  const auto held = std::make_shared<completion<T>>(std::move(done));
  asked_.emplace(number, held);
  travel_([this, number, waiting = std::weak_ptr{held}, what = std::move(what)]() mutable {
    what(completion<T>{[this, number, waiting](result<T> answer) {
      if (waiting.expired()) return;
      travel_([this, number, waiting, kept = std::make_shared<result<T>>(std::move(answer))] {
        if (const auto told = waiting.lock()) (*told)(std::move(*kept));
        asked_.erase(number);
      });
    }});
  });
}

void shared_journal::lose() { std::exchange(asked_, {}).clear(); }

void shared_journal::append(append_request request, completion<append_result> done) {
  ask<append_result>(
      std::move(done), [this, r = std::move(request), one = std::make_shared<counted>(appends_)](auto told) mutable {
        server_.append(std::move(r),
                       [told = std::move(told), one](result<append_result> a) mutable { told(std::move(a)); });
      });
}
void shared_journal::load(load_request request, completion<loaded_stream> done) {
  ask<loaded_stream>(std::move(done), [this, r = std::move(request)](auto told) { server_.load(r, std::move(told)); });
}
void shared_journal::read_stream(read_stream_request request, completion<std::vector<recorded_event>> done) {
  ask<std::vector<recorded_event>>(
      std::move(done), [this, r = std::move(request)](auto told) { server_.read_stream(r, std::move(told)); });
}
void shared_journal::read_all(read_all_request request, completion<read_page> done) {
  ask<read_page>(std::move(done), [this, r = std::move(request)](auto told) { server_.read_all(r, std::move(told)); });
}
void shared_journal::save_snapshot(snapshot s, completion<bool> done) {
  ask<bool>(std::move(done), [this, s = std::move(s)](auto told) { server_.save_snapshot(s, std::move(told)); });
}
void shared_journal::list_streams(std::string prefix, std::string after, std::size_t limit,
                                  completion<std::vector<stream_info>> done) {
  ask<std::vector<stream_info>>(std::move(done),
                                [this, prefix = std::move(prefix), after = std::move(after), limit](auto told) {
                                  server_.list_streams(prefix, after, limit, std::move(told));
                                });
}
void shared_journal::info(completion<journal_info> done) {
  ask<journal_info>(std::move(done), [this](auto told) { server_.info(std::move(told)); });
}
void shared_journal::seal(partition part, fence f, completion<sealed> done) {
  ask<sealed>(std::move(done), [this, part, f = std::move(f)](auto told) { server_.seal(part, f, std::move(told)); });
}
void shared_journal::read_token(partition part, std::string scope, completion<std::int64_t> done) {
  ask<std::int64_t>(std::move(done), [this, part, scope = std::move(scope)](auto told) {
    server_.read_token(part, scope, std::move(told));
  });
}
void shared_journal::declare(std::string key, std::string value, completion<bool> done) {
  ask<bool>(std::move(done), [this, key = std::move(key), value = std::move(value)](auto told) {
    server_.declare(key, value, std::move(told));
  });
}
void shared_journal::forget_commands(forget_request request, completion<forgotten> done) {
  ask<forgotten>(std::move(done),
                 [this, r = std::move(request)](auto told) { server_.forget_commands(r, std::move(told)); });
}

}  // namespace banyan
