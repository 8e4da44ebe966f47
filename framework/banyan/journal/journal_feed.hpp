// What a node's followers of the journal (projections, subscriptions) read through: the journal is paged once for all
// of them, and what was read is kept in a bounded ring (feed_ring.hpp). A journal itself, in front of another one: only
// read_all is done otherwise, everything else is passed on.
//
//   auto feed = a.shared<journal_feed>([&] { return std::make_shared<journal_feed>(*journal); });
//   feed->read_all({.after = checkpoint, .categories = {"orders"}}, done);
//
// A follower whose cursor is in the ring is answered from it, on its own thread. Those at its end share one read of the
// next page, which all of them get. One that is behind the ring reads the journal itself, page by page, until it has
// caught up; the ring goes with whoever is furthest ahead. Nothing is read ahead: when nobody asks nothing is read.
//
// Do not read through it what is read once (a dead letter, a report), nor what must see damage that came since: what is
// in the ring was sound when it was read.
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
    std::size_t page = 1000;     // events that are read at once, 1 to 10,000
    std::size_t waiting = 1000;  // reads that wait for the page under way; one more is `exhausted`
  };
  explicit journal_feed(journal& of) : journal_feed{of, options{}} {}
  journal_feed(journal& of, options o) : journal_decorator{of}, options_{o}, ring_{o.ring} {}

  void read_all(read_all_request request, completion<read_page> done) override;

  struct counts {
    std::uint64_t pages = 0;   // read from the journal for the ring
    std::uint64_t shared = 0;  // reads that the ring answered
    std::uint64_t behind = 0;  // reads of followers behind it, passed on
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
  std::vector<follower> waiting_;  // for the page under way
  counts counts_;
};

}  // namespace banyan
