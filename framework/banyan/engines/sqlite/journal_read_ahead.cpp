#include <banyan/engines/sqlite/journal_read_ahead.hpp>

#include <banyan/journal/journal_rules.hpp>

#include <algorithm>
#include <utility>

namespace banyan::sqlite {

namespace {

bool is_same(const read_all_request& a, const read_all_request& b) {
  return a.after == b.after && a.limit == b.limit && a.backwards == b.backwards && a.part == b.part &&
         a.categories == b.categories && a.types == b.types;
}

// The request for the page after `page`. None: `page` is the last one, or is read backwards.
std::optional<read_all_request> next_of(const read_all_request& request, const read_page& page) {
  if (request.backwards || page.at_end || page.events.empty()) return std::nullopt;
  auto next = request;
  next.after = page.looked_to;
  return next;
}

// The same for a page that is still being read, assuming that it will have `limit` events. The assumption is wrong if
// the page is cut at its limit of bytes.
std::optional<read_all_request> presumed_next_of(const read_all_request& request) {
  if (is_filtered(request)) return std::nullopt;
  auto next = request;
  next.after += static_cast<position>(request.limit);
  return next;
}

}  // namespace

bool journal_read_ahead::take(const read_all_request& request, completion<read_page>& done, todo& then) {
  const std::lock_guard guard{lock_};
  if (ahead_.empty() || !is_same(ahead_.front().request, request) || ahead_.front().waiting) return false;
  if (!ahead_.front().page) {
    ahead_.front().waiting = std::move(done);
    return true;
  }
  then.answer = std::move(done);
  then.page = std::move(*ahead_.front().page);
  ahead_.pop_front();
  then.read = more(next_of(request, *then.page));
  return true;
}

std::vector<read_all_request> journal_read_ahead::was_read(const read_all_request& request, const read_page& page) {
  const std::lock_guard guard{lock_};
  const bool is_second = expected_ && is_same(*expected_, request);
  expected_ = next_of(request, page);
  if (!is_second || (!ahead_.empty() && ahead_.front().waiting)) return {};
  ahead_.clear();
  return more(expected_);
}

journal_read_ahead::todo journal_read_ahead::read_ahead(const read_all_request& request, result<read_page> page) {
  const std::lock_guard guard{lock_};
  auto at = std::find_if(ahead_.begin(), ahead_.end(), [&](const auto& p) { return is_same(p.request, request); });
  if (at == ahead_.end()) return {};  // discarded meanwhile
  const auto next = page ? next_of(request, *page) : std::nullopt;
  if (const auto after = at + 1; after != ahead_.end() && (!next || !is_same(after->request, *next)))
    ahead_.erase(after, ahead_.end());  // the assumption of presumed_next_of() was wrong
  todo then;
  if (at->waiting) {
    then.answer = std::move(at->waiting);
    then.is_stale = page && !next;
    then.page = std::move(page);
    ahead_.pop_front();
  } else if (next) {
    at->page = std::move(*page);
  } else {
    ahead_.erase(at);
  }
  if (next) then.read = more(next);
  return then;
}

// Adds pages to `ahead_` until there are `most_`, and returns the requests for them. `next`: the first one if `ahead_`
// is empty.
std::vector<read_all_request> journal_read_ahead::more(std::optional<read_all_request> next) {
  std::vector<read_all_request> requests;
  while (ahead_.size() < most_) {
    if (!ahead_.empty()) {
      const auto& last = ahead_.back();
      next = last.page ? next_of(last.request, *last.page) : presumed_next_of(last.request);
    }
    if (!next) break;
    ahead_.push_back({.request = *next});
    requests.push_back(std::move(*next));
  }
  return requests;
}

}  // namespace banyan::sqlite
