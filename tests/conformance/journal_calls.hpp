// For tests of journals: calls that wait for their answer, and requests in few words.
#pragma once

#include <banyan/journal/journal.hpp>

#include <chrono>
#include <future>
#include <string>
#include <utility>

namespace journal_test {

using namespace banyan;

// Waits for the one answer of `start(completion<T>)`. A minute without one is a failure of the engine, not of the machine.
template <class T, class F>
result<T> answer_of(F start) {
  std::promise<result<T>> promise;
  auto future = promise.get_future();
  start(completion<T>{[p = std::move(promise)](result<T> r) mutable { p.set_value(std::move(r)); }});
  if (future.wait_for(std::chrono::minutes{1}) != std::future_status::ready) throw std::runtime_error{"no answer"};
  return future.get();
}

inline auto append(journal& j, append_request r) {
  return answer_of<append_result>([&](auto done) { j.append(std::move(r), std::move(done)); });
}
inline auto load(journal& j, load_request r) {
  return answer_of<loaded_stream>([&](auto done) { j.load(std::move(r), std::move(done)); });
}
inline auto read_stream(journal& j, read_stream_request r) {
  return answer_of<std::vector<recorded_event>>([&](auto done) { j.read_stream(std::move(r), std::move(done)); });
}
inline auto read_page_of(journal& j, read_all_request r) {
  return answer_of<read_page>([&](auto done) { j.read_all(std::move(r), std::move(done)); });
}
// The events of one page.
inline result<std::vector<recorded_event>> read_all(journal& j, read_all_request r = {}) {
  auto page = read_page_of(j, std::move(r));
  if (!page) return page.error();
  return std::move(page->events);
}
inline auto save(journal& j, snapshot s) {
  return answer_of<bool>([&](auto done) { j.save_snapshot(std::move(s), std::move(done)); });
}
inline auto list(journal& j, std::string prefix = "", std::string after = "", std::size_t limit = 1000) {
  return answer_of<std::vector<stream_info>>([&](auto done) { j.list_streams(prefix, after, limit, std::move(done)); });
}
inline auto info(journal& j) {
  return answer_of<journal_info>([&](auto done) { j.info(std::move(done)); });
}
inline auto seal(journal& j, fence f, partition part = 0) {
  return answer_of<sealed>([&](auto done) { j.seal(part, std::move(f), std::move(done)); });
}
inline auto token(journal& j, std::string scope, partition part = 0) {
  return answer_of<std::int64_t>([&](auto done) { j.read_token(part, std::move(scope), std::move(done)); });
}
inline auto declare(journal& j, std::string key, std::string value) {
  return answer_of<bool>([&](auto done) { j.declare(std::move(key), std::move(value), std::move(done)); });
}
inline auto forget(journal& j, forget_request r) {
  return answer_of<forgotten>([&](auto done) { j.forget_commands(std::move(r), std::move(done)); });
}

// The n-th id of a family: distinct, and time-ordered within a family as real ids are.
inline uuid id(std::uint64_t n, std::uint8_t family = 1) {
  uuid u;
  u.bytes[0] = family;
  for (int i = 0; i < 8; ++i) u.bytes[static_cast<std::size_t>(15 - i)] = static_cast<std::uint8_t>(n >> (8 * i));
  return u;
}
inline new_event event(std::uint64_t n, std::string payload = "{}", std::string type = "test.happened") {
  return {id(n), std::move(type), 1, std::move(payload), {}};
}
inline append_request to(std::string stream, expected condition, std::vector<new_event> events) {
  return {{{std::move(stream), condition, std::move(events)}}, std::nullopt};
}
inline command_record command(std::string stream, std::uint64_t n, std::uint64_t fingerprint = 1, std::string reply = R"({"ok":{}})") {
  return {std::move(stream), id(n, 2), fingerprint, std::move(reply)};
}

// A small fast generator (splitmix64): seeds 1, 2, 3, ... give unrelated runs.
class seeded : public random_source {
 public:
  explicit seeded(std::uint64_t seed) : state_{seed * 0x9e3779b97f4a7c15u} {}
  std::uint64_t next() override {
    auto z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace journal_test
