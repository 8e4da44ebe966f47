// The shared reader for a node's followers of the journal (projections, subscriptions): each page is read once for
// all, and kept in a bounded ring (feed_ring.hpp). A decorator of a journal: only read_all differs.
//
//   auto feed = a.shared<journal_feed>([&] { return std::make_shared<journal_feed>(*journal); });
//   feed->read_all({.after = checkpoint, .categories = {"orders"}}, done);
//
// A follower whose cursor is in the ring is answered from it, on its own thread. Followers at the ring's end share
// one read of the next page. A follower behind the ring reads from the journal itself until it has caught up; one
// ahead of it moves the ring forward. There is no read-ahead.
//
// Not for one-time reads (a dead letter, a report), nor for reads that must detect later damage: events in the ring
// were sound when they were read.
#pragma once

#include <banyan/journal/feed_ring.hpp>
#include <banyan/journal/journal_decorator.hpp>

#include <memory>
#include <mutex>
#include <vector>

namespace banyan {

class journal_feed final : public journal_decorator, public std::enable_shared_from_this<journal_feed> {
 public:
  struct options {
    feed_ring::limits ring = {};
    std::size_t page = 1000;     // events per read, 1 to 10,000
    std::size_t waiting = 1000;  // reads that wait for the current page; one more is `exhausted`
  };
  explicit journal_feed(journal& of) : journal_feed{of, options{}} {}
  journal_feed(journal& of, options o) : journal_decorator{of}, options_{o}, ring_{o.ring} {}

  void read_all(read_all_request request, completion<read_page> done) override;

  struct counts {
    std::uint64_t pages = 0;   // pages read from the journal for the ring
    std::uint64_t shared = 0;  // reads answered by the ring
    std::uint64_t behind = 0;  // reads of followers behind the ring, forwarded
  };
  counts counted() const;

 private:
  struct follower {
    read_all_request request;
    completion<read_page> done;
  };
  void arrived(result<read_page> page);
  static read_page copy_of(const feed_ring::shared_page& found, bool at_end);

  const options options_;
  mutable std::mutex mutex_;
  feed_ring ring_;
  bool is_reading_ = false;
  std::vector<follower> waiting_;  // for the current page
  counts counts_;
};

}  // namespace banyan
