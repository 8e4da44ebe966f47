// Reads of an SQLite journal over a read-only connection. Single-threaded; readers and the writer do not block each
// other (WAL). Every function reads one consistent snapshot of the file.
#pragma once

#include <banyan/engines/sqlite/journal_schema.hpp>
#include <banyan/journal/journal_rules.hpp>

#include <map>
#include <memory>
#include <vector>

namespace banyan::sqlite {

error missing_position(position p, position there);  // `there`: the next position that exists

class journal_reader {
 public:
  static result<std::unique_ptr<journal_reader>> open(const sqlite_journal_options& options);

  result<loaded_stream> load(const load_request& request);
  result<std::vector<recorded_event>> read_stream(const read_stream_request& request);
  result<read_page> read_all(const read_all_request& request);
  result<std::int64_t> token_of(const std::string& scope);
  result<std::vector<stream_info>> list_streams(const std::string& prefix, const std::string& after, std::size_t limit);
  result<journal_info> info();

 private:
  // A cache of names by number, direct-mapped: numbers are given in order, and a replay looks up two per event. Rows of
  // `streams` and `types` never change.
  class names {
   public:
    result<void> prepare(database& db, std::string_view sql);
    // Valid until the next call.
    result<const std::string*> find(std::int64_t id);

   private:
    struct entry {
      std::int64_t id = 0;  // none
      std::string name;
    };
    entry& place_of(std::int64_t id) { return known_[static_cast<std::size_t>(id) & (known_.size() - 1)]; }
    void grow_for(std::int64_t id);

    statement find_;
    std::vector<entry> known_ = std::vector<entry>(64);  // a power of two
  };

  explicit journal_reader(database db) : db_{std::move(db)} {}
  result<void> prepare();
  result<std::int64_t> stream_id(const std::string& name);  // 0: none
  result<std::int64_t> head() { return db_.number("select max(position) from events"); }
  result<std::map<std::string, std::string>> facts();

  // journal_reader_filter.cpp
  class event_filter;
  result<read_page> read_filtered(const read_all_request& request);
  result<void> take(position at, read_page& page, read_budget& budget);

  result<void> collect(statement& rows, std::vector<recorded_event>& into, const std::string* stream, read_budget& budget);

  database db_;
  statement find_stream_, find_last_event_, forwards_, backwards_, all_forwards_, all_backwards_, snapshot_, commands_,
      list_, look_forwards_, look_backwards_, one_, find_type_, find_token_;
  bool has_fences_ = false;  // and facts; false: a file of an older format, opened for reading
  std::string incomplete_;
  names streams_;
  names types_;
};

}  // namespace banyan::sqlite
