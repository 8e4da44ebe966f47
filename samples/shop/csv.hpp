// A streaming reader of comma-separated values (RFC 4180) that stays small whatever it is fed.
//
// Use it for files of any size: it holds one record. Not for writing, other separators or type guessing.
//
//   shop::csv_reader rows{source};
//   std::vector<std::string_view> fields;
//   for (;;) {
//     auto more = rows.next(fields);
//     if (!more) return more.error();       // "line 17: ..."
//     if (!*more) break;
//   }
//
// Read as RFC 4180 says: quoted fields may hold commas, line breaks and doubled quotes; LF and CRLF both end a record. Beyond it,
// as files in the wild need: a byte order mark is skipped, empty lines are skipped, a quote inside an unquoted field stands for
// itself, and records may differ in their number of fields (the caller knows what it needs).
#pragma once

#include <shop/byte_source.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

struct csv_limits {
  std::size_t field = 64 * 1024;             // bytes in one field
  std::size_t record = 1024 * 1024;          // bytes in one record
  std::size_t fields = 256;                  // fields in one record
  std::size_t read_again = 4 * 1024 * 1024;  // bytes that recoveries may read a second time, beyond four times what was read once
};

class csv_reader {
 public:
  explicit csv_reader(byte_source& source, csv_limits limits = {}) : source_{source}, limits_{limits}, buffer_(64 * 1024) {}

  // Reads the next record; the views live until the next call. False at the end of the input.
  // Errors (corrupt, with the line's number in the sentence): a quoted field that never ends, text after a closing quote, a limit
  // exceeded; and whatever the source reports. After an error the reader stays at it, unless told to recover.
  banyan::result<bool> next(std::vector<std::string_view>& fields);

  // Gives the broken record up and goes on with the line after the one it begins on: a quote that is never closed costs one line and not
  // the rest of the file. Says what was broken; nothing when there is nothing to recover from (no error, or one of the source).
  //
  // The lines behind the broken one are read again, and a file of nothing but open quotes would be read once per line. Therefore a quoted
  // field must end on its line once `limits.read_again` is used up: the cost stays proportional to the length of the input.
  std::optional<std::string> recover();

  std::size_t line() const { return record_line_; }  // where the record last read begins, counted from 1

 private:
  static constexpr int end_of_input = -1;
  static constexpr int source_failed = -2;
  int take();  // the next byte, or one of the two above
  bool fill();
  void skip_empty_lines();
  bool may_span_lines() const { return read_again_ <= limits_.read_again + 4 * read_once_; }
  banyan::error broken(std::string what);
  banyan::result<bool> read_record();
  banyan::result<bool> end_field();

  byte_source& source_;
  csv_limits limits_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;
  std::size_t filled_ = 0;
  std::string raw_;                // the record as it came, and
  std::string again_;              // what is read once more, after a recovery,
  std::size_t again_at_ = 0;       // from here;
  std::size_t again_from_ = 0;     // where the record began in it
  std::size_t read_once_ = 0;      // bytes of the source
  std::size_t read_again_ = 0;     // bytes of again_
  std::string broken_;             // what is broken about the record; empty: nothing
  std::string text_;               // the fields of the record, one after the other, unquoted
  std::vector<std::size_t> ends_;  // where each of them ends
  std::size_t line_ = 1;
  std::size_t record_line_ = 0;
  bool started_ = false;
  bool failed_ = false;
  banyan::error failure_;
};

}  // namespace shop
