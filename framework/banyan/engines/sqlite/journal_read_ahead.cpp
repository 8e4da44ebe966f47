#include <banyan/engines/sqlite/journal_read_ahead.hpp>

#include <utility>

namespace banyan::sqlite {

namespace {

bool is_same(const std::optional<read_all_request>& a, const read_all_request& b) {
  return a && a->after == b.after && a->limit == b.limit && a->backwards == b.backwards && a->part == b.part &&
         a->categories == b.categories && a->types == b.types;
}

}  // namespace

bool journal_read_ahead::take(const read_all_request& request, completion<read_page>& done, todo& then) {
  const std::lock_guard guard{lock_};
  if (!is_same(ahead_, request) || waiting_) return false;
  if (!page_) {
    waiting_ = std::move(done);
    return true;
  }
  then.answer = std::move(done);
  then.page = std::move(*std::exchange(page_, std::nullopt));
  then.read = begin(next_of(request, *then.page));
  return true;
}

std::optional<read_all_request> journal_read_ahead::was_read(const read_all_request& request, const read_page& page) {
  const std::lock_guard guard{lock_};
  const bool is_second = is_same(expected_, request);
  expected_ = next_of(request, page);
  if (!is_second || waiting_) return std::nullopt;
  return begin(expected_);
}

journal_read_ahead::todo journal_read_ahead::read_ahead(const read_all_request& request, result<read_page> page) {
  const std::lock_guard guard{lock_};
  if (!is_same(ahead_, request)) return {};  // another sequence took its place
  todo then;
  const auto next = page ? next_of(request, *page) : std::nullopt;
  if (waiting_) {
    then.answer = std::move(waiting_);
    then.page = std::move(page);
    then.read = begin(next);
  } else if (next) {
    page_ = std::move(*page);
  } else {
    ahead_.reset();
  }
  return then;
}

// None: the page is the last one, or not part of a sequence.
std::optional<read_all_request> journal_read_ahead::next_of(const read_all_request& request, const read_page& page) {
  if (request.backwards || page.at_end || page.events.empty()) return std::nullopt;
  auto next = request;
  next.after = page.looked_to;
  return next;
}

std::optional<read_all_request> journal_read_ahead::begin(std::optional<read_all_request> next) {
  ahead_ = std::move(next);
  page_.reset();
  return ahead_;
}

}  // namespace banyan::sqlite
