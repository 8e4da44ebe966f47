// Reads the next page of a journal before it is asked for, when two pages in a row were asked for: whoever replays the
// journal folds a page while the next one is read. At most one page is kept (read_budget, journal_rules.hpp); another
// sequence takes its place.
//
// Events never change, so a page that is full is the same whenever it is read. One that is not, the last one, is not
// kept: by the time it is asked for there may be more. Thread-safe.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/journal/journal.hpp>

#include <mutex>
#include <optional>

namespace banyan::sqlite {

class journal_read_ahead {
 public:
  // What is left to do after a step, outside of the lock.
  struct todo {
    std::optional<read_all_request> read = {};  // to be read ahead: read_ahead() or failed() is called with it
    completion<read_page> answer = {};          // to be completed with `page`; empty: none
    result<read_page> page = read_page{};
  };

  // A request. True when it is the next page, which is there (`then` has its answer) or is being read: `done` was
  // taken.
  bool take(const read_all_request& request, completion<read_page>& done, todo& then);
  // A page was read for a request that take() did not take. Returns the page to read ahead, if any.
  std::optional<read_all_request> was_read(const read_all_request& request, const read_page& page);
  // The page that `todo::read` asked for. When a request waits for it already, it is answered, and the one after it is
  // next.
  todo read_ahead(const read_all_request& request, result<read_page> page);

 private:
  static std::optional<read_all_request> next_of(const read_all_request& request, const read_page& page);
  std::optional<read_all_request> begin(std::optional<read_all_request> next);

  std::mutex lock_;
  std::optional<read_all_request> expected_;  // what continues the page that was read last
  std::optional<read_all_request> ahead_;     // is being read, or was
  std::optional<read_page> page_;             // of it; none: it is being read
  completion<read_page> waiting_;             // for it
};

}  // namespace banyan::sqlite
