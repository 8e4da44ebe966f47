#include <shop/csv.hpp>

#include <utility>

namespace shop {

banyan::error csv_reader::broken(std::string what) {
  broken_ = std::move(what);
  return banyan::error{banyan::code::corrupt, "line " + std::to_string(record_line_) + ": " + broken_};
}

std::optional<std::string> csv_reader::recover() {
  if (broken_.empty()) return std::nullopt;
  if (auto end = raw_.find('\n'); end != std::string::npos) {
    if (again_at_ - again_from_ == raw_.size()) {
      again_at_ = again_from_ + end + 1;  // all of it was read a second time: go back in place
    } else {
      again_ = raw_.substr(end + 1);
      again_at_ = 0;
    }
    line_ = record_line_ + 1;
  } else {
    for (int c = take(); c != '\n' && c != end_of_input && c != source_failed; c = take()) raw_.clear();
  }
  failed_ = false;
  return std::exchange(broken_, {});
}

bool csv_reader::fill() {
  std::size_t wanted = started_ ? 1 : 4;  // at first enough to see a byte order mark and something behind it
  at_ = filled_ = 0;
  while (filled_ < wanted) {
    auto got = source_.read(std::span{buffer_}.subspan(filled_));
    if (!got) {
      failure_ = got.error();
      return false;
    }
    if (*got == 0) break;
    filled_ += *got;
  }
  if (!started_ && std::string_view{buffer_.data(), filled_}.starts_with("\xEF\xBB\xBF")) at_ = 3;
  started_ = true;
  return true;
}

int csv_reader::take() {
  bool repeated = again_at_ < again_.size();
  if (!repeated && at_ == filled_) {
    if (!fill()) return source_failed;
    if (at_ == filled_) return end_of_input;
  }
  ++(repeated ? read_again_ : read_once_);
  auto c = static_cast<unsigned char>(repeated ? again_[again_at_++] : buffer_[at_++]);
  raw_.push_back(static_cast<char>(c));
  if (c == '\n') ++line_;
  return c;
}

// Of what is in memory, at the speed of memory. A record is not begun yet, and an empty one is none.
void csv_reader::skip_empty_lines() {
  if (again_at_ < again_.size()) return;
  const auto from = at_;
  for (;;) {
    const auto left = filled_ - at_;
    if (left >= 1 && buffer_[at_] == '\n')
      at_ += 1;
    else if (left >= 2 && buffer_[at_] == '\r' && buffer_[at_ + 1] == '\n')
      at_ += 2;
    else
      break;
    ++line_;
  }
  read_once_ += at_ - from;
}

banyan::result<bool> csv_reader::end_field() {
  if (ends_.size() == limits_.fields) return broken("more than " + std::to_string(limits_.fields) + " fields");
  ends_.push_back(text_.size());
  return true;
}

// True when a record was read, even an empty one; false at the end of the input.
banyan::result<bool> csv_reader::read_record() {
  enum class at { field_start, plain, quoted, closing_quote };
  auto where = at::field_start;
  raw_.clear();
  text_.clear();
  ends_.clear();
  skip_empty_lines();
  again_from_ = again_at_;
  record_line_ = line_;
  std::size_t field_begin = 0;
  bool any = false;
  bool carriage_return = false;  // seen after a closing quote
  for (;;) {
    int c = take();
    if (c == source_failed) return failure_;
    if (c == end_of_input) {
      if (where == at::quoted) return broken("the file ends inside a quoted field");
      if (!any) return false;
    }
    any = true;
    if (carriage_return && c != '\n' && c != end_of_input) return broken("text follows a closing quote");
    if (c == '"' && where == at::field_start) {
      where = at::quoted;
      continue;
    }
    if (where == at::quoted) {
      if (c == '"') {
        where = at::closing_quote;
        continue;
      }
      if (c == '\n' && !may_span_lines()) return broken("a quoted field does not end on its line, after many that never ended");
    } else if (c == ',' || c == '\n' || c == end_of_input) {
      bool ends_record = c != ',';
      if (ends_record && where == at::plain && text_.back() == '\r') text_.pop_back();
      if (auto ended = end_field(); !ended) return ended;
      if (ends_record) return true;
      field_begin = text_.size();
      where = at::field_start;
      continue;
    } else if (where == at::closing_quote) {
      if (c == '\r') {
        carriage_return = true;
        continue;
      }
      if (c != '"') return broken("text follows a closing quote");
      where = at::quoted;  // a doubled quote stands for one
    } else {
      where = at::plain;
    }
    if (text_.size() - field_begin >= limits_.field) return broken("a field is longer than " + std::to_string(limits_.field) + " bytes");
    if (text_.size() >= limits_.record) return broken("the record is longer than " + std::to_string(limits_.record) + " bytes");
    text_.push_back(static_cast<char>(c));
  }
}

banyan::result<bool> csv_reader::next(std::vector<std::string_view>& fields) {
  fields.clear();
  if (failed_) return failure_;
  for (;;) {
    auto got = read_record();
    if (!got) {
      failed_ = true;
      failure_ = got.error();
    }
    if (!got || !*got) return got;
    if (!text_.empty() || ends_.size() > 1) break;
  }
  std::size_t begin = 0;
  for (auto end : ends_) {
    fields.emplace_back(std::string_view{text_}.substr(begin, end - begin));
    begin = end;
  }
  return true;
}

}  // namespace shop
