#include <banyan/process_supervision/line_splitter.hpp>

#include <algorithm>

namespace banyan {

std::vector<log_piece> line_splitter::feed(std::string_view bytes) {
  std::vector<log_piece> out;
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    rest_ += bytes.substr(0, end);
    take_long_pieces(out);
    if (end == bytes.npos) break;
    bytes.remove_prefix(end + 1);
    if (rest_.ends_with('\r')) rest_.pop_back();
    if (!rest_.empty() || !within_) give_out(rest_.size(), out);
    within_ = false;
  }
  return out;
}

std::vector<log_piece> line_splitter::finish() {
  std::vector<log_piece> out;
  if (!rest_.empty()) give_out(rest_.size(), out);
  within_ = false;
  return out;
}

void line_splitter::take_long_pieces(std::vector<log_piece>& out) {
  while (rest_.size() > longest_) {
    auto n = longest_;
    const auto is_inside = [&](std::size_t i) { return (static_cast<unsigned char>(rest_[i]) & 0xc0) == 0x80; };
    while (n > 0 && longest_ - n < 4 && is_inside(n)) --n;
    if (n == 0 || is_inside(n)) n = longest_;  // not UTF-8
    give_out(n, out);
  }
}

void line_splitter::give_out(std::size_t n, std::vector<log_piece>& out) {
  log_piece piece{rest_.substr(0, n), within_};
  std::replace_if(
      piece.text.begin(), piece.text.end(), [](unsigned char c) { return (c < 0x20 && c != '\t' && c != 0x1b) || c == 0x7f; }, '?');
  out.push_back(std::move(piece));
  rest_.erase(0, n);
  within_ = true;
}

}  // namespace banyan
