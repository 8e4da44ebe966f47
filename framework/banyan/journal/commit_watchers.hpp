// The watchers of journal::on_commit, shared by the engines.
//
// `notify` may be called on several threads; one watcher is never called concurrently. Destroying the guard waits
// for a call in progress, except from within that call. A guard may outlive the journal.
#pragma once

#include <banyan/journal/journal.hpp>

#include <mutex>
#include <vector>

namespace banyan {

class commit_watchers : public std::enable_shared_from_this<commit_watchers> {
 public:
  std::unique_ptr<journal::watch> add(std::function<void(position)> notify);
  void notify(position head);

 private:
  struct entry;
  class guard;
  void remove(const entry* e);

  std::mutex mutex_;
  std::vector<std::shared_ptr<entry>> entries_;
};

}  // namespace banyan
