// A caller and a callee whose bytes go through the hands of a test: it decides how many arrive, and when.
#pragma once

#include <banyan/framed_protocol/callee_session.hpp>
#include <banyan/framed_protocol/caller_session.hpp>

#include <algorithm>
#include <map>
#include <string>

namespace banyan::framed {

struct two_sessions {
  explicit two_sessions(hello of_caller = {.node = "a"}, hello of_callee = {.node = "b"}, session_options options = {})
      : callee{of_callee, options, now + apart}, caller{of_caller, options, now} {}

  std::int64_t now = 1'000'000;        // of the caller
  std::int64_t apart = 5'000'000'000;  // the callee's clock is ahead by this
  std::string to_callee, to_caller;  // under way

  std::map<std::uint64_t, whole_message> requests;  // with the handlers
  std::vector<std::uint64_t> told;            // handlers that were told to end
  std::map<int, std::string> ends;            // of calls, by the test's own number; a second end shows as "twice"
  callee_session callee;
  caller_session caller;  // last, as it ends its calls when it is destroyed

  std::uint64_t call(int number, std::string body, std::int64_t timeout = 1'000'000) {
    request_head head;
    head.operation = "a.b";
    head.deadline = now + timeout;
    return caller.call(std::move(head), std::move(body), [this, number](result<framed::answer> r) {
      const auto name = [](const error& e) {
        return std::string{to_string(e.code)} + " " + std::string{to_string(e.outcome)};
      };
      const auto text = !r ? name(r.error()) : r->failure ? name(*r->failure) : "ok " + r->body;
      ends[number] = ends.contains(number) ? "twice" : text;
    });
  }

  template <class To>
  static void move_bytes(std::string& from, To& to, std::size_t n, std::int64_t now) {
    n = std::min(n, from.size());
    if (n == 0 || to.fault()) return;
    const auto space = to.prepare(n);
    std::copy_n(from.begin(), n, space.begin());
    from.erase(0, n);
    to.received(n, now);
  }
  void callee_reads(std::size_t n) {
    if (!callee.reading()) return;
    move_bytes(to_callee, callee, n, now + apart);
    for (auto& r : callee.take_requests(now + apart)) requests.emplace(r.call, std::move(r));
    for (auto call : callee.take_cancelled())
      if (requests.erase(call) > 0) told.push_back(call);
  }
  void caller_reads(std::size_t n) { move_bytes(to_caller, caller, n, now); }
  void write(std::size_t about) {
    caller.take_output(to_callee, to_callee.size() + about);
    callee.take_output(to_caller, to_caller.size() + about);
  }
  void answer(std::uint64_t call, std::string body) {
    requests.erase(call);
    callee.answer(call, {std::move(body), 0, {}});
  }
  void fail(std::uint64_t call, error why) {
    requests.erase(call);
    callee.answer(call, {{}, 0, std::move(why)});
  }
  void answer_all() {
    while (!requests.empty()) answer(requests.begin()->first, requests.begin()->second.body);
  }
  // All bytes there and back, until none is under way.
  void settle() {
    do {
      write(1 << 20);
      callee_reads(to_callee.size());
      write(1 << 20);
      caller_reads(to_caller.size());
    } while ((caller.has_output() && !caller.fault()) || (callee.has_output() && !callee.fault()));
  }
  void advance(std::int64_t by) {
    now += by;
    caller.on_time(now);
    callee.on_time(now + apart);
  }
};

}  // namespace banyan::framed
