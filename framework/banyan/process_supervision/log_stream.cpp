#include <banyan/process_supervision/log_stream.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

log_stream::log_stream(std::vector<std::string> names, log_look look, std::size_t room) : look_{look}, room_{room} {
  for (auto& name : names) {
    width_ = std::max(width_, name.size());
    sources_.push_back({std::move(name)});
  }
}

void log_stream::add(std::size_t source, const log_piece& piece, instant at, bool even_if_full) {
  auto& from = sources_[source];
  if (drops_ && from.bytes >= (even_if_full ? last_words * room_ : room_)) {
    ++from.lost;
    return;
  }
  report_lost(source, at);
  append(source, piece, at);
}

void log_stream::has_ended(std::size_t source, instant at) { report_lost(source, at); }

void log_stream::report_lost(std::size_t source, instant at) {
  if (const auto lost = std::exchange(sources_[source].lost, 0))
    append(source, {"(lines are missing here, " + std::to_string(lost) + " in all: nobody took them in time)"}, at);
}

void log_stream::append(std::size_t source, const log_piece& piece, instant at) {
  static constexpr std::string_view colors[] = {"\x1b[36m", "\x1b[33m", "\x1b[32m", "\x1b[35m", "\x1b[34m", "\x1b[31m"};
  auto& from = sources_[source];
  std::string text;
  if (look_.times) text += to_rfc3339_ms(at) + " ";
  if (look_.names) {
    if (look_.color) text += colors[source % std::size(colors)];
    text += from.name + std::string(width_ - from.name.size(), ' ') + (piece.continues ? " + " : " | ");
    if (look_.color) text += "\x1b[0m";
  }
  text += piece.text;
  // Resets the colour at the end of the line.
  if (look_.color && piece.text.find('\x1b') != piece.text.npos) text += "\x1b[0m";
  text += '\n';
  from.bytes += text.size();
  lines_.push_back({source, std::move(text)});
}

std::string log_stream::front(std::size_t most) const {
  std::string out;
  auto skip = done_;
  for (auto l = lines_.begin(); l != lines_.end() && out.size() < most; ++l, skip = 0)
    out += std::string_view{l->text}.substr(skip, most - out.size());
  return out;
}

void log_stream::written(std::size_t n) {
  done_ += n;
  while (!lines_.empty() && done_ >= lines_.front().text.size()) {
    done_ -= lines_.front().text.size();
    sources_[lines_.front().source].bytes -= lines_.front().text.size();
    lines_.pop_front();
  }
}

}  // namespace banyan
