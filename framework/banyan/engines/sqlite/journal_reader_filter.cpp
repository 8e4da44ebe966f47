// Filtered reads: the numeric columns of a row decide whether it matches, and only matching rows are read completely.
// Testing a row costs a tenth of reading it, so there is no index by category or type, which every append would pay
// for.
#include <banyan/engines/sqlite/journal_reader.hpp>

#include <banyan/journal/category.hpp>

#include <algorithm>

namespace banyan::sqlite {

class journal_reader::event_filter {
 public:
  static result<event_filter> make(journal_reader& reader, const read_all_request& request) {
    event_filter made{reader.streams_, request};
    for (const auto& name : request.types) {
      const reset_at_end reset{reader.find_type_};
      reader.find_type_.bind_view(1, name);
      auto row = reader.find_type_.step();
      if (!row) return row.error();
      if (*row) made.types_.push_back(reader.find_type_.integer(0));
    }
    return made;
  }

  result<bool> matches(std::int64_t stream, std::int64_t type) const {
    if (!request_->types.empty() && std::find(types_.begin(), types_.end(), type) == types_.end()) return false;
    const auto& wanted = request_->categories;
    if (wanted.empty()) return true;
    auto name = streams_->find(stream);
    if (!name) return name.error();
    return std::find(wanted.begin(), wanted.end(), category_of(**name)) != wanted.end();
  }

 private:
  event_filter(names& streams, const read_all_request& request) : streams_{&streams}, request_{&request} {}

  names* streams_;
  const read_all_request* request_;
  std::vector<std::int64_t> types_;
};

// A gap in the positions is an error, whether the missing event would have matched or not.
result<read_page> journal_reader::read_filtered(const read_all_request& request) {
  auto tx = transaction::begin(db_, transaction::kind::deferred);
  if (!tx) return tx.error();
  auto filter = event_filter::make(*this, request);
  if (!filter) return filter.error();
  auto last = head();
  if (!last) return last.error();

  read_page page;
  page.looked_to = first_looked_to(request, *last);
  const auto end = request.backwards ? position{1} : *last;
  const int step = request.backwards ? -1 : 1;
  auto& rows = request.backwards ? look_backwards_ : look_forwards_;
  const reset_at_end reset{rows};
  rows.bind(1, page.looked_to).bind(2, static_cast<std::int64_t>(journal_limits::looked_at));
  read_budget budget{request.limit};
  for (auto looks = journal_limits::looked_at; looks > 0 && !budget.is_spent(); --looks) {
    auto row = rows.step();
    if (!row) return row.error();
    if (!*row && request.backwards && page.looked_to > end) return missing_position(page.looked_to - 1, page.looked_to);
    if (!*row) break;
    const auto at = rows.integer(0);
    if (at != page.looked_to + step) return missing_position(page.looked_to + step, at);
    auto wanted = filter->matches(rows.integer(1), rows.integer(2));
    if (!wanted) return wanted.error();
    if (*wanted) {
      if (auto taken = take(at, page, budget); !taken) return taken.error();
    }
    page.looked_to = at;
  }
  page.at_end = request.backwards ? page.looked_to <= end : page.looked_to >= end;
  return page;
}

result<void> journal_reader::take(position at, read_page& page, read_budget& budget) {
  one_.bind(1, at);
  return collect(one_, page.events, nullptr, budget);
}

}  // namespace banyan::sqlite
