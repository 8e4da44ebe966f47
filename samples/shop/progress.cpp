#include <shop/progress.hpp>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace shop {

using namespace std::chrono_literals;

std::string with_thousands(std::int64_t n) {
  auto text = std::to_string(n);
  std::size_t first = n < 0 ? 1 : 0;
  for (auto at = text.size(); at > first + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string pounds(std::int64_t minor) {
  auto pence = minor % 100;
  auto cents = std::to_string(pence < 0 ? -pence : pence);
  auto whole = with_thousands(minor / 100);
  if (minor < 0 && minor > -100) whole.insert(0, 1, '-');
  return whole + (cents.size() < 2 ? ".0" : ".") + cents;
}

bool is_terminal(int file_descriptor) { return ::isatty(file_descriptor) == 1; }

std::string progress_line(std::string_view label, std::uint64_t done, std::uint64_t total, banyan::nanoseconds elapsed,
                          std::string_view note) {
  constexpr int width = 24;
  done = std::min(done, total);
  double fraction = total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
  double seconds = std::chrono::duration<double>(elapsed).count();
  auto full = static_cast<int>(fraction * width);
  std::ostringstream line;
  line << std::left << std::setw(10) << label << " [" << std::string(static_cast<std::size_t>(full), '#')
       << std::string(static_cast<std::size_t>(width - full), '.') << "] " << std::right << std::setw(3) << static_cast<int>(fraction * 100)
       << " %  " << done << '/' << total;
  if (seconds >= 0.5 && done > 0) {
    double rate = static_cast<double>(done) / seconds;
    line << "  " << std::llround(rate) << "/s";
    if (done < total) line << "  " << std::llround(std::ceil(static_cast<double>(total - done) / rate)) << " s left";
  }
  if (!note.empty()) line << "  " << note;
  return line.str();
}

void progress::begin(std::string label, std::uint64_t total) {
  label_ = std::move(label);
  done_ = 0;
  total_ = total;
  started_ = drawn_ = clock_.steady();
}

void progress::show(std::uint64_t done, std::string_view note) {
  done_ = done;
  auto now = clock_.steady();
  if (now - drawn_ >= (terminal_ ? banyan::nanoseconds{100ms} : banyan::nanoseconds{5s})) draw(now, note, false);
}

void progress::end(std::string_view note) { draw(clock_.steady(), note, true); }

void progress::draw(banyan::monotonic now, std::string_view note, bool last) {
  drawn_ = now;
  auto line = progress_line(label_, done_, total_, now - started_, note);
  if (terminal_)
    out_ << '\r' << line << "\x1b[K" << (last ? "\n" : "") << std::flush;
  else
    out_ << line << '\n' << std::flush;
}

}  // namespace shop
