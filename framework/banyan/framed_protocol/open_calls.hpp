// The open calls of one connection, those not answered yet: outgoing_calls at the caller, incoming_calls at the
// callee. Pure.
//
// Every request is answered exactly once, also a cancelled one. So both sides agree on the open calls, a caller
// never has more than max_calls of them at a callee, whatever happens to the callee, and a second or unexpected
// answer is a protocol violation.
//
//   outgoing_calls<pending> calls{peer.max_calls};
//   if (calls.full()) ...                                  // exhausted, not_applied: nothing was sent
//   std::uint64_t call = calls.open(pending{...});
//   calls.abandon(call);                                   // cancelled: the entry stays until the answer
//   result<std::optional<pending>> p = calls.answered(call);
//   for (auto& p : calls.lost()) ...                       // the connection broke
//
// `T`: the data of a call (completion, deadline), movable.
#pragma once

#include <banyan/framed_protocol/frame.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace banyan::framed {

template <class T>
class outgoing_calls {
 public:
  explicit outgoing_calls(std::size_t limit) : limit_{limit} {}

  bool full() const { return open_.size() >= limit_; }
  std::size_t size() const { return open_.size(); }

  std::uint64_t open(T content) {
    open_.emplace(++last_, std::move(content));
    return last_;
  }

  T* find(std::uint64_t call) {
    const auto at = open_.find(call);
    return at == open_.end() || !at->second ? nullptr : &*at->second;
  }

  // For a call of which nothing was sent: the other side will not answer.
  std::optional<T> forget(std::uint64_t call) {
    auto node = open_.extract(call);
    return node.empty() ? std::nullopt : std::move(node.mapped());
  }

  std::optional<T> abandon(std::uint64_t call) {
    const auto at = open_.find(call);
    return at == open_.end() ? std::nullopt : std::exchange(at->second, std::nullopt);
  }

  // Empty: the call was abandoned. Error: no such call is open; close the connection.
  result<std::optional<T>> answered(std::uint64_t call) {
    auto node = open_.extract(call);
    if (node.empty()) return bad_frame("an answer to call " + std::to_string(call) + ", which is not open");
    return std::move(node.mapped());
  }

  // All calls, by number, without abandoned ones.
  std::vector<std::pair<std::uint64_t, T>> lost() {
    std::vector<std::pair<std::uint64_t, T>> all;
    for (auto& [call, content] : open_)
      if (content) all.emplace_back(call, std::move(*content));
    open_.clear();
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return all;
  }

 private:
  std::size_t limit_;
  std::uint64_t last_ = 0;
  std::unordered_map<std::uint64_t, std::optional<T>> open_;
};

class incoming_calls {
 public:
  explicit incoming_calls(std::size_t limit) : limit_{limit} {}

  std::size_t size() const { return open_.size(); }
  bool is_open(std::uint64_t call) const { return open_.contains(call); }

  // Call it with the first frame of a request. Numbers come in any order, because small requests overtake large ones
  // in the caller's queue. Errors: an open call's number, or 0, or more than max_calls; close the connection.
  result<void> begin(std::uint64_t call) {
    if (open_.size() >= limit_)
      return error{code::exhausted, "more open calls than this side takes"}.because("too_many_calls");
    if (call == 0 || !open_.insert(call).second)
      return bad_frame("the number of a call that is open, or of none");
    return {};
  }

  // False: already answered, which is no error: an answer and a cancellation may cross.
  bool answer(std::uint64_t call) { return open_.erase(call) > 0; }

  // By number.
  std::vector<std::uint64_t> lost() {
    const auto all = std::exchange(open_, {});
    return {all.begin(), all.end()};
  }

 private:
  std::size_t limit_;
  std::set<std::uint64_t> open_;
};

}  // namespace banyan::framed
