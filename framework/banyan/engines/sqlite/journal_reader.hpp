// The reading side of an SQLite journal on one read-only connection. One thread; several readers and the writer do not wait for
// each other (WAL). Every member answers from one consistent snapshot of the file.
#pragma once

#include <banyan/engines/sqlite/journal_schema.hpp>
#include <banyan/journal/journal_rules.hpp>

#include <memory>
#include <unordered_map>
#include <vector>

namespace banyan::sqlite {

class journal_reader {
 public:
  static result<std::unique_ptr<journal_reader>> open(const sqlite_journal_options& options);

  result<loaded_stream> load(const load_request& request);
  result<std::vector<recorded_event>> read_stream(const read_stream_request& request);
  result<std::vector<recorded_event>> read_all(const read_all_request& request);
  result<std::vector<stream_info>> list_streams(const std::string& prefix, const std::string& after, std::size_t limit);
  result<journal_info> info();

 private:
  // Names by number. Rows of `streams` and `types` never change, so what was read once stays true.
  class names {
   public:
    result<void> prepare(database& db, std::string_view sql);
    result<const std::string*> find(std::int64_t id);

   private:
    statement find_;
    std::unordered_map<std::int64_t, std::string> known_;
  };

  explicit journal_reader(database db) : db_{std::move(db)} {}
  result<void> prepare();
  result<std::int64_t> stream_id(const std::string& name);  // 0: no such stream
  result<void> collect(statement& rows, std::vector<recorded_event>& into, const std::string* stream, read_budget& budget);

  database db_;
  statement find_stream_, find_last_event_, forwards_, backwards_, all_forwards_, all_backwards_, snapshot_, commands_, list_;
  std::string incomplete_;
  names streams_;
  names types_;
};

}  // namespace banyan::sqlite
