// A journal that forwards everything to another one. Derive from it and override what differs.
#pragma once

#include <banyan/journal/journal.hpp>

#include <utility>

namespace banyan {

class journal_decorator : public journal {
 public:
  explicit journal_decorator(journal& inner) : inner_{inner} {}

  void append(append_request r, completion<append_result> done) override {
    inner_.append(std::move(r), std::move(done));
  }
  void load(load_request r, completion<loaded_stream> done) override { inner_.load(std::move(r), std::move(done)); }
  void read_stream(read_stream_request r, completion<std::vector<recorded_event>> done) override {
    inner_.read_stream(std::move(r), std::move(done));
  }
  void read_all(read_all_request r, completion<read_page> done) override {
    inner_.read_all(std::move(r), std::move(done));
  }
  void save_snapshot(snapshot s, completion<bool> done) override {
    inner_.save_snapshot(std::move(s), std::move(done));
  }
  void list_streams(std::string prefix, std::string after, std::size_t limit,
                    completion<std::vector<stream_info>> done) override {
    inner_.list_streams(std::move(prefix), std::move(after), limit, std::move(done));
  }
  void info(completion<journal_info> done) override { inner_.info(std::move(done)); }
  void seal(partition part, fence f, completion<sealed> done) override {
    inner_.seal(part, std::move(f), std::move(done));
  }
  void read_token(partition part, std::string scope, completion<std::int64_t> done) override {
    inner_.read_token(part, std::move(scope), std::move(done));
  }
  void declare(std::string key, std::string value, completion<bool> done) override {
    inner_.declare(std::move(key), std::move(value), std::move(done));
  }
  void forget_commands(forget_request r, completion<forgotten> done) override {
    inner_.forget_commands(std::move(r), std::move(done));
  }
  journal_status status() const override { return inner_.status(); }
  std::unique_ptr<watch> on_commit(std::function<void(banyan::position)> notify) override {
    return inner_.on_commit(std::move(notify));
  }

 protected:
  journal& inner() const { return inner_; }

 private:
  journal& inner_;
};

}  // namespace banyan
