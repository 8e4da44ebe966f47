#include <banyan/journal/journal_feed.hpp>

#include <banyan/journal/journal_rules.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace banyan {

// A reader at the ring's end waits for the next page, and starts reading it if nobody has. A reader ahead of the
// ring moves it forward, unless others wait for a page.
void journal_feed::read_all(read_all_request request, completion<read_page> done) {
  if (auto sound = check(request); !sound) return done(sound.error());
  if (request.backwards || request.limit == 0) return inner().read_all(std::move(request), std::move(done));
  auto lock = std::unique_lock{mutex_};
  if (request.after > ring_.ends() && !is_reading_) ring_.restart(request.after);
  auto found = ring_.find(request);
  if (!found) {
    ++counts_.behind;
    lock.unlock();
    return inner().read_all(std::move(request), std::move(done));
  }
  if (found->looked_to > std::max<position>(request.after, 0)) {
    ++counts_.shared;
    lock.unlock();
    return done(copy_of(*found, false));
  }
  if (waiting_.size() >= options_.waiting) {
    lock.unlock();
    return done(queue_is_full());
  }
  waiting_.push_back({std::move(request), std::move(done)});
  if (std::exchange(is_reading_, true)) return;
  ++counts_.pages;
  const read_all_request next{.after = ring_.ends(), .limit = options_.page};
  lock.unlock();
  inner().read_all(next, [self = shared_from_this()](result<read_page> page) { self->arrived(std::move(page)); });
}

// Answers without the lock: an answer may call read_all again.
void journal_feed::arrived(result<read_page> page) {
  std::vector<follower> followers;
  std::vector<std::optional<feed_ring::shared_page>> answers;
  bool at_end = false;
  position end = 0;
  {
    const auto lock = std::lock_guard{mutex_};
    is_reading_ = false;
    followers = std::exchange(waiting_, {});
    if (page) {
      at_end = page->at_end;
      ring_.append(std::move(*page));
      end = ring_.ends();
      for (const auto& f : followers) answers.push_back(ring_.find(f.request));
    }
  }
  for (std::size_t i = 0; i < followers.size(); ++i) {
    auto& [request, done] = followers[i];
    if (!page)
      done(page.error());
    else if (!answers[i])
      inner().read_all(std::move(request), std::move(done));  // the page was larger than the ring
    else
      done(copy_of(*answers[i], at_end && answers[i]->looked_to == end));
  }
}

read_page journal_feed::copy_of(const feed_ring::shared_page& found, bool at_end) {
  read_page page;
  page.events.reserve(found.events.size());
  for (const auto& e : found.events) page.events.push_back(*e);
  page.looked_to = found.looked_to;
  page.at_end = at_end;
  return page;
}

journal_feed::counts journal_feed::counted() const {
  const auto lock = std::lock_guard{mutex_};
  return counts_;
}

}  // namespace banyan
