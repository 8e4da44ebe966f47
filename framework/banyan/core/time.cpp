#include <banyan/core/time.hpp>

#include <array>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace banyan {
namespace {

using namespace std::chrono;

struct unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr std::array units{unit{"d", 86'400'000'000'000}, unit{"h", 3'600'000'000'000}, unit{"min", 60'000'000'000},
                           unit{"s", 1'000'000'000}, unit{"ms", 1'000'000}, unit{"us", 1'000}, unit{"ns", 1}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads fixed-width numbers and separators from the front of a text; after the first mismatch every read fails.
class scanner {
 public:
  explicit scanner(std::string_view text) : rest_{text} {}
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool accept(char c) {
    if (peek() != c || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { ok_ = accept(c) && ok_; }
  int number(std::size_t width) {
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (!is_digit(peek())) return ok_ = false, 0;
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  // The digits after a decimal point as nanoseconds; what is finer is cut off.
  std::int64_t fraction() {
    std::int64_t value = 0;
    std::int64_t digit = 100'000'000;
    if (!is_digit(peek())) ok_ = false;
    for (; is_digit(peek()); rest_.remove_prefix(1), digit /= 10) value += digit * (rest_.front() - '0');
    return value;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// Zone of a time: seconds east of UTC.
std::int64_t read_offset(scanner& in, bool may_be_absent) {
  if (in.at_end() && may_be_absent) return 0;
  if (in.accept('Z') || in.accept('z')) return 0;
  const bool west = in.accept('-');
  if (!west) in.expect('+');
  const int hour = in.number(2);
  in.expect(':');
  const int minute = in.number(2);
  if (hour > 23 || minute > 59) in.expect('\0');
  return (west ? -1 : 1) * (hour * 3600 + minute * 60);
}

monotonic read_steady_clock() { return time_point_cast<nanoseconds>(steady_clock::now()); }

#if defined(__x86_64__)
// Whether the time stamp counter runs at one speed, never stops while the processor sleeps (AMD64 Architecture
// Programmer's Manual, volume 3, CPUID 8000_0007h EDX bit 8), and is equal on all processors: Linux uses it as its
// clock only as long as it finds no difference.
bool counter_is_a_clock() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(0x8000'0007, &a, &b, &c, &d) == 0 || (d >> 8 & 1) == 0) return false;
  std::ifstream source{"/sys/devices/system/clocksource/clocksource0/current_clocksource"};
  std::string name;
  return source >> name && name == "tsc";
}

// Reads the time stamp counter, and the clock only if the last reading of this thread is older than `fresh` ticks: a
// third of the cost for work that takes less than a microsecond. A counter that has gone back counts as old.
monotonic recent_steady_clock() {
  constexpr std::uint64_t fresh = 1500;  // 0.3 to 1.5 us at 5 to 1 GHz
  struct reading {
    std::uint64_t ticks = 0;
    monotonic at{};
  };
  static thread_local constinit reading last;
  const auto ticks = __builtin_ia32_rdtsc();
  if (ticks - last.ticks < fresh) return last.at;
  last = {ticks, read_steady_clock()};
  return last.at;
}
#endif

class system_clock_port final : public clock {
 public:
  instant now() const override { return time_point_cast<nanoseconds>(std::chrono::system_clock::now()); }
  monotonic steady() const override {
#if defined(__x86_64__)
    if (counter_is_clock_) return recent_steady_clock();
#endif
    return read_steady_clock();
  }

#if defined(__x86_64__)
 private:
  const bool counter_is_clock_ = counter_is_a_clock();
#endif
};

}  // namespace

std::string to_string(timespan t) {
  const auto count = t.count().count();
  if (count == 0) return "0s";
  const bool negative = count < 0;
  const auto value = negative ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  for (const auto& unit : units) {
    const auto size = static_cast<std::uint64_t>(unit.nanoseconds);
    // Days, hours and minutes only when whole: 90 seconds read better as "90s" than as "1.5min".
    if (value < size || (size > 1'000'000'000 && value % size != 0)) continue;
    std::string text = (negative ? "-" : "") + std::to_string(value / size);
    if (auto rest = value % size; rest != 0) {
      text += '.';
      for (auto digit = size / 10; rest != 0; rest %= digit, digit /= 10) text += static_cast<char>('0' + rest / digit);
    }
    return text += unit.name;
  }
  return "0s";
}

result<timespan> parse_timespan(std::string_view text) {
  const auto refuse = [](std::string why) { return error{code::invalid_argument, std::move(why)}; };
  constexpr auto form = "not a time span such as 800ms, 1.5s, 10min, 2h or 7d";
  const auto number_end = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = text.substr(0, number_end);
  const auto point = number.find('.');
  const auto whole = number.substr(0, point);
  const auto fraction = point == std::string_view::npos ? std::string_view{} : number.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && (fraction.empty() || fraction.find('.') != std::string_view::npos)))
    return refuse(form);
  for (const auto& unit : units) {
    if (unit.name != text.substr(number_end)) continue;
    std::int64_t total = 0;
    const auto add = [&](char digit, std::int64_t of) {
      std::int64_t part = 0;
      return !__builtin_mul_overflow(std::int64_t{digit - '0'}, of, &part) && !__builtin_add_overflow(total, part, &total);
    };
    for (const char digit : whole) {
      if (__builtin_mul_overflow(total, std::int64_t{10}, &total) || !add(digit, 1)) return refuse("the time span is too long");
    }
    if (__builtin_mul_overflow(total, unit.nanoseconds, &total)) return refuse("the time span is too long");
    auto place = unit.nanoseconds;
    for (const char digit : fraction) {
      const bool exact = place % 10 == 0;
      place /= 10;
      if (digit != '0' && !exact) return refuse("the time span is finer than a nanosecond");
      if (exact && !add(digit, place)) return refuse("the time span is too long");
      if (!exact) place = 0;
    }
    return timespan{nanoseconds{total}};
  }
  return refuse(form);
}

std::string to_rfc3339(instant t) {
  const auto day = floor<days>(t);
  const year_month_day date{day};
  const hh_mm_ss<nanoseconds> time{t - day};
  std::string text = "0000-00-00T00:00:00.000000000Z";
  const auto put = [&](std::size_t at, std::size_t width, std::int64_t value) {
    for (; width > 0; value /= 10) text[at + --width] = static_cast<char>('0' + value % 10);
  };
  put(0, 4, static_cast<int>(date.year()));
  put(5, 2, static_cast<unsigned>(date.month()));
  put(8, 2, static_cast<unsigned>(date.day()));
  put(11, 2, time.hours().count());
  put(14, 2, time.minutes().count());
  put(17, 2, time.seconds().count());
  const auto fraction = time.subseconds().count();
  put(20, 9, fraction);
  const std::size_t end = fraction == 0 ? 19 : fraction % 1'000'000 == 0 ? 23 : fraction % 1'000 == 0 ? 26 : 29;
  text.resize(end);
  return text += 'Z';
}

std::string to_rfc3339_ms(instant t) {
  auto text = to_rfc3339(std::chrono::floor<std::chrono::milliseconds>(t));
  if (text.find('.') == text.npos) text.insert(text.size() - 1, ".000");
  return text;
}

result<instant> parse_rfc3339(std::string_view text) {
  const auto refuse = [](const char* why) { return error{code::invalid_argument, why}; };
  constexpr auto form = "not a time such as 2026-01-02T03:04:05Z";
  if (text.size() > 64) return refuse(form);
  scanner in{text};
  const int y = in.number(4);
  in.expect('-');
  const int m = in.number(2);
  in.expect('-');
  const int d = in.number(2);
  const bool spaced = in.accept(' ');
  if (!spaced && !in.accept('t')) in.expect('T');
  const int hour = in.number(2);
  in.expect(':');
  const int minute = in.number(2);
  in.expect(':');
  const int second = in.number(2);
  const std::int64_t fraction = in.accept('.') ? in.fraction() : 0;
  const std::int64_t offset = read_offset(in, spaced);
  if (!in.ok() || !in.at_end()) return refuse(form);
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
  if (!date.ok()) return refuse("no such day");
  if (hour > 23 || minute > 59 || second > 60) return refuse("no such time of day");
  const std::int64_t since_epoch = sys_days{date}.time_since_epoch().count() * 86'400LL + hour * 3600 + minute * 60 + second - offset;
  // A leap second is the last second of a day of UTC; system clocks count it as the first of the next day.
  if (second == 60 && since_epoch % 86'400 != 0) return refuse("no such time of day");
  // Whole seconds that fit 64 bits of nanoseconds, with one to spare for the fraction: the years 1678 to 2261.
  constexpr auto bound = std::numeric_limits<std::int64_t>::max() / 1'000'000'000 - 1;
  if (since_epoch < -bound || since_epoch > bound) return refuse("the time is outside the years 1678 to 2261");
  return instant{seconds{since_epoch} + nanoseconds{fraction}};
}

const clock& system_clock() {
  // Never destroyed: handlers of exit() that were registered before its first use still ask for the time.
  static const clock& port = *new system_clock_port;
  return port;
}

}  // namespace banyan
