// Read-ahead for sequential reads of a journal: after requests for two consecutive pages, the next pages are read
// before they are requested, so that a reader that replays the journal folds one page while the next ones are read. At
// most `most` pages are being read or kept, each bounded by a read_budget (journal_rules.hpp). There is one sequence at
// a time; a new one replaces it.
//
// Several pages can be read at once: positions have no gaps, so the request for the page after one that is still being
// read is known, assuming that this page has `limit` events. If it is shorter, the pages read after it are discarded.
// The pages of a filtered read are read one after the other.
//
// Events never change, so a page that ends before the journal's end is the same whenever it is read. The last page is
// not kept, because events may be appended before it is requested. Thread-safe. Decides only; the caller reads.
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

  // What the caller must do after a call of the functions below.
  struct todo {
    std::vector<read_all_request> read = {};  // to be read ahead: read_ahead() is called with each, in any order
    completion<read_page> answer = {};        // to be completed with `page`; empty: none
    result<read_page> page = read_page{};
    bool is_stale = false;  // `page` is the last one, and its read began before the request: read it once more
  };

  // Call for each request. True if it is for the next page read ahead: `done` is taken, and is in `then` if the page
  // is there; otherwise it is completed once the page has been read. False: read the page, and call was_read().
  bool take(const read_all_request& request, completion<read_page>& done, todo& then);
  // Call when a page has been read for a request that take() did not take. Returns the requests to read ahead.
  std::vector<read_all_request> was_read(const read_all_request& request, const read_page& page);
  // Call with the result of each read of `todo::read`. The returned `answer` is the request that waited for it, if any.
  todo read_ahead(const read_all_request& request, result<read_page> page);

 private:
  struct page_ahead {
    read_all_request request;
    std::optional<read_page> page = {};      // none: it is being read
    completion<read_page> waiting = {};      // of a request that waits for it; set for the first page only
  };
  std::vector<read_all_request> more(std::optional<read_all_request> next);

  const std::size_t most_;
  std::mutex lock_;
  std::optional<read_all_request> expected_;  // the request after the last page that was not read ahead
  std::deque<page_ahead> ahead_;              // in the order of the sequence
};

}  // namespace banyan::sqlite
