// A node's client of a journal that several simulated nodes share, as of a database server: requests and answers
// travel over the network. When the node's power fails, requests in flight may or may not be executed; the server
// and its data stay.
#pragma once

#include <banyan/journal/commit_watchers.hpp>
#include <banyan/journal/journal.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace banyan {

class shared_journal final : public journal {
 public:
  // Runs a step of this node after a network delay; not at all when its power fails before.
  using way = std::function<void(std::function<void()> step)>;
  // Both arguments must outlive this.
  shared_journal(journal& server, way travel);

  void append(append_request request, completion<append_result> done) override;
  void load(load_request request, completion<loaded_stream> done) override;
  void read_stream(read_stream_request request, completion<std::vector<recorded_event>> done) override;
  void read_all(read_all_request request, completion<read_page> done) override;
  void save_snapshot(snapshot s, completion<bool> done) override;
  void list_streams(std::string prefix, std::string after, std::size_t limit,
                    completion<std::vector<stream_info>> done) override;
  void info(completion<journal_info> done) override;
  void seal(partition part, fence f, completion<sealed> done) override;
  void read_token(partition part, std::string scope, completion<std::int64_t> done) override;
  void declare(std::string key, std::string value, completion<bool> done) override;
  void forget_commands(forget_request request, completion<forgotten> done) override;
  journal_status status() const override { return server_.status(); }
  std::unique_ptr<watch> on_commit(std::function<void(position head)> notify) override {
    return watchers_->add(std::move(notify));
  }

  std::size_t appends_under_way() const { return *appends_; }
  // Power failure: pending requests complete with `unavailable`, outcome unknown.
  void lose();

 private:
  template <class T, class F>
  void ask(completion<T> done, F what);

  journal& server_;
  way travel_;
  std::shared_ptr<commit_watchers> watchers_ = std::make_shared<commit_watchers>();
  std::shared_ptr<std::size_t> appends_ = std::make_shared<std::size_t>(0);
  std::unique_ptr<watch> watch_;  // on the server
  std::map<std::uint64_t, std::shared_ptr<void>>
      asked_;  // completions by number; messages in flight do not own them
  std::uint64_t last_ = 0;
};

}  // namespace banyan
