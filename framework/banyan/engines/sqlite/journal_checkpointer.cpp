#include <banyan/engines/sqlite/journal_checkpointer.hpp>

#include <sqlite3.h>

namespace banyan::sqlite {

result<std::unique_ptr<journal_checkpointer>> journal_checkpointer::start(const sqlite_journal_options& options) {
  auto db = database::open({.path = options.path, .create = false, .vfs = options.vfs});
  if (!db) return db.error();
  // FULL: the log is synced before pages are overwritten.
  if (auto prepared = db->execute("pragma synchronous = full; pragma wal_autocheckpoint = 0"); !prepared) return prepared.error();
  return std::unique_ptr<journal_checkpointer>{new journal_checkpointer{std::move(*db)}};
}

journal_checkpointer::~journal_checkpointer() {
  {
    const std::lock_guard lock{mutex_};
    ends_ = true;
  }
  asked_.notify_one();
  thread_.join();
}

void journal_checkpointer::ask() {
  {
    const std::lock_guard lock{mutex_};
    is_asked_ = true;
  }
  asked_.notify_one();
}

void journal_checkpointer::work() {
  for (;;) {
    {
      std::unique_lock lock{mutex_};
      asked_.wait(lock, [&] { return is_asked_ || ends_; });
      if (ends_) return;
      is_asked_ = false;
    }
    sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  }
}

}  // namespace banyan::sqlite
