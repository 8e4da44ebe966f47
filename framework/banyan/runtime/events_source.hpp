// Where the commands `events list` and `events show` read from: a journal, or a running node (node_commands.hpp). The
// calls wait for their answers.
#pragma once

#include <banyan/journal/journal.hpp>

#include <future>
#include <string>
#include <vector>

namespace banyan {

class events_source {
 public:
  virtual ~events_source() = default;
  // Streams with the prefix and behind `after`, by name; 1 to 10,000.
  virtual result<std::vector<stream_info>> list_streams(std::string prefix, std::string after, std::size_t limit) = 0;
  virtual result<std::vector<recorded_event>> read_stream(read_stream_request request) = 0;
};

class journal_events final : public events_source {
 public:
  explicit journal_events(journal& j) : journal_{j} {}  // must outlive this
  result<std::vector<stream_info>> list_streams(std::string prefix, std::string after, std::size_t limit) override {
    return wait<std::vector<stream_info>>(
        [&](auto done) { journal_.list_streams(std::move(prefix), std::move(after), limit, std::move(done)); });
  }
  result<std::vector<recorded_event>> read_stream(read_stream_request request) override {
    return wait<std::vector<recorded_event>>(
        [&](auto done) { journal_.read_stream(std::move(request), std::move(done)); });
  }

 private:
  template <class T, class Start>
  static result<T> wait(Start start) {
    std::promise<result<T>> promise;
    auto answer = promise.get_future();
    start(completion<T>{[&](result<T> r) { promise.set_value(std::move(r)); }});
    return answer.get();
  }
  journal& journal_;
};

}  // namespace banyan
