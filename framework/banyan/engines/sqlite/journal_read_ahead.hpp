// Reads the next pages of a journal before they are asked for, when two pages in a row were asked for: whoever replays
// the journal folds a page while the next ones are read. At most `most` pages are kept (read_budget,
// journal_rules.hpp); another sequence takes their place.
//
// Positions have no gaps, so that a page that follows one that is being read is known as well, unless the read is
// filtered: then the pages are read one after the other.
//
// Events never change, so a page that is full is the same whenever it is read. One that is not, the last one, is not
// kept: by the time it is asked for there may be more. Thread-safe.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/journal/journal.hpp>

#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace banyan::sqlite {

class journal_read_ahead {
 public:
  explicit journal_read_ahead(std::size_t most = 1) : most_{most} {}

  // What is left to do after a step, outside of the lock.
  struct todo {
    std::vector<read_all_request> read = {};  // to be read ahead: read_ahead() is called with each, in any order
    completion<read_page> answer = {};        // to be completed with `page`; empty: none
    result<read_page> page = read_page{};
    bool is_stale = false;  // `page` is the last one and was begun before it was asked for: to be read once more
  };

  // A request. True when it is the next page, which is there (`then` has its answer) or is being read: `done` was
  // taken.
  bool take(const read_all_request& request, completion<read_page>& done, todo& then);
  // A page was read for a request that take() did not take. Returns the pages to read ahead.
  std::vector<read_all_request> was_read(const read_all_request& request, const read_page& page);
  // A page of `todo::read`. A request that waits for it is answered.
  todo read_ahead(const read_all_request& request, result<read_page> page);

 private:
  struct page_ahead {
    read_all_request request;
    std::optional<read_page> page = {};      // none: it is being read
    completion<read_page> waiting = {};      // for it; of the first page only
  };
  std::vector<read_all_request> more(std::optional<read_all_request> next);

  const std::size_t most_;
  std::mutex lock_;
  std::optional<read_all_request> expected_;  // what continues the page that was read last, not ahead
  std::deque<page_ahead> ahead_;              // in the order of the sequence
};

}  // namespace banyan::sqlite
