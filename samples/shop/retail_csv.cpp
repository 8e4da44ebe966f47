#include <shop/retail_csv.hpp>

#include <services/rules/limits.hpp>
#include <services/rules/text.hpp>

#include <banyan/core/money.hpp>
#include <banyan/core/utf8.hpp>

#include <algorithm>
#include <charconv>

namespace shop {
namespace {

constexpr std::int64_t max_value = 900'000'000'000;
constexpr std::size_t max_name = 200;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view s) {
  auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!s.empty() && blank(s.front())) s.remove_prefix(1);
  while (!s.empty() && blank(s.back())) s.remove_suffix(1);
  return s;
}

// Digits only, as many as given; the rest of the text stays in `s`.
std::optional<int> take_number(std::string_view& s, std::size_t min_digits, std::size_t max_digits) {
  std::size_t n = 0;
  while (n < s.size() && n < max_digits && s[n] >= '0' && s[n] <= '9') ++n;
  if (n < min_digits) return std::nullopt;
  int value = 0;
  std::from_chars(s.data(), s.data() + n, value);
  s.remove_prefix(n);
  return value;
}

bool take(std::string_view& s, char c) {
  if (s.empty() || s.front() != c) return false;
  s.remove_prefix(1);
  return true;
}

std::optional<banyan::instant> make_instant(int year, int month, int day, int hour, int minute, int second) {
  using namespace std::chrono;
  year_month_day date{std::chrono::year{year}, std::chrono::month(static_cast<unsigned>(month)),
                      std::chrono::day(static_cast<unsigned>(day))};
  // The range of a 64-bit count of nanoseconds, with room.
  if (!date.ok() || year < 1900 || year > 2200 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return banyan::instant{sys_days{date}} + hours{hour} + minutes{minute} + seconds{second};
}

std::optional<std::int64_t> parse_quantity(std::string_view text) {
  text = trim(text);
  if (text.ends_with(".0")) text.remove_suffix(2);
  std::int64_t value = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (value > most_pieces || value < -most_pieces) return std::nullopt;
  return value;
}

std::string clipped(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;  // not inside a character
  text.resize(most);
  return text;
}

// What the shop would not take for something to read says nothing about the sale.
std::string readable(std::string text) { return is_name(text) ? text : std::string{}; }

}  // namespace

std::string_view to_string(line_status status) {
  switch (status) {
    case line_status::accepted:
      return "accepted";
    case line_status::unit_price_not_positive:
      return "unit_price_not_positive";
    case line_status::quantity_zero:
      return "quantity_zero";
    case line_status::malformed:
      return "malformed";
  }
  return "malformed";
}

std::optional<banyan::instant> parse_retail_date(std::string_view text) {
  text = trim(text);
  std::optional<int> year, month, day, second = 0;
  if (text.find('/') != std::string_view::npos) {
    if (!(month = take_number(text, 1, 2)) || !take(text, '/')) return std::nullopt;
    if (!(day = take_number(text, 1, 2)) || !take(text, '/')) return std::nullopt;
    auto before = text.size();
    if (!(year = take_number(text, 2, 4))) return std::nullopt;
    if (before - text.size() == 2) *year += 2000;
  } else {
    if (!(year = take_number(text, 4, 4)) || !take(text, '-')) return std::nullopt;
    if (!(month = take_number(text, 2, 2)) || !take(text, '-')) return std::nullopt;
    if (!(day = take_number(text, 2, 2))) return std::nullopt;
  }
  if (text.empty()) return make_instant(*year, *month, *day, 0, 0, 0);
  if (!take(text, ' ') && !take(text, 'T')) return std::nullopt;
  auto hour = take_number(text, 1, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  auto minute = take_number(text, 2, 2);
  if (!minute) return std::nullopt;
  if (take(text, ':') && !(second = take_number(text, 2, 2))) return std::nullopt;
  if (take(text, '.') && !take_number(text, 1, 9)) return std::nullopt;  // fractions of a second say nothing about an invoice
  if (!text.empty() && text != "Z") return std::nullopt;
  return make_instant(*year, *month, *day, *hour, *minute, *second);
}

std::string retail_customer(std::string_view text) {
  text = trim(text);
  if (text.ends_with(".0")) text.remove_suffix(2);
  return to_utf8(text);
}

// What spreadsheets on Windows write, and nearly all text that calls itself Latin-1: WHATWG's Encoding Standard reads both as this. The five
// bytes that stand for nothing become U+FFFD, the replacement character.
std::string to_utf8(std::string_view text) {
  if (banyan::is_utf8(text)) return std::string{text};
  static constexpr std::array<char16_t, 32> from_0x80{
      0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
      0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (char byte : text) {
    const auto u = static_cast<unsigned char>(byte);
    const unsigned c = u >= 0x80 && u < 0xA0 ? from_0x80[u - 0x80u] : u;
    if (c < 0x80) {
      out.push_back(byte);
    } else if (c < 0x800) {
      out.push_back(static_cast<char>(0xC0 | (c >> 6)));
      out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    } else {
      out.push_back(static_cast<char>(0xE0 | (c >> 12)));
      out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
      out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    }
  }
  return out;
}

bool is_stocked(std::string_view sku) {
  sku = trim(sku);
  for (std::string_view fee :
       {"POST", "DOT", "M", "D", "C2", "C3", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS", "ADJUST", "ADJUST2"})
    if (same_word(sku, fee)) return false;
  return !(sku.size() >= 5 && same_word(sku.substr(0, 5), "gift_"));
}

banyan::result<bool> retail_reader::read_header() {
  static constexpr std::array<std::string_view, column_count> names{"InvoiceNo",   "StockCode", "Description", "Quantity",
                                                                    "InvoiceDate", "UnitPrice", "CustomerID",  "Country"};
  auto got = rows_.next(fields_);
  if (!got) return got;
  if (!*got) return banyan::error{banyan::code::invalid_argument, "the file is empty; it needs a header line with the columns' names"};
  std::string missing;
  for (std::size_t c = 0; c < column_count; ++c) {
    auto found = std::ranges::find_if(fields_, [&](std::string_view field) { return same_word(trim(field), names[c]); });
    if (found == fields_.end()) {
      missing += (missing.empty() ? "" : ", ") + std::string{names[c]};
      continue;
    }
    where_[c] = static_cast<std::size_t>(found - fields_.begin());
    width_ = std::max(width_, where_[c] + 1);
  }
  if (!missing.empty()) return banyan::error{banyan::code::invalid_argument, "the header line lacks these columns: " + missing};
  has_header_ = true;
  return true;
}

banyan::result<bool> retail_reader::next(retail_line& line) {
  if (!has_header_) {
    if (auto header = read_header(); !header) return header;
  }
  auto got = rows_.next(fields_);
  auto broken = got ? std::nullopt : rows_.recover();
  if (!broken && (!got || !*got)) return got;
  line = {};
  line.file_line = rows_.line();
  if (broken)
    line.problem = std::move(*broken);
  else if (fields_.size() < width_)
    line.problem = "has " + std::to_string(fields_.size()) + " fields, needs " + std::to_string(width_);
  else
    parse(line);
  return true;
}

void retail_reader::parse(retail_line& line) const {
  auto field = [&](column c) { return fields_[where_[c]]; };
  line.invoice = to_utf8(trim(field(invoice)));
  line.sku = to_utf8(field(sku));
  line.description = readable(clipped(to_utf8(trim(field(description))), max_name));
  line.customer = retail_customer(field(customer));
  line.country = readable(clipped(to_utf8(trim(field(country))), max_name));
  if (!is_code(line.invoice)) {
    line.invoice.clear();
    line.problem = "InvoiceNo is empty, too long or no identity";
    return;
  }
  if (!is_code(line.sku)) {
    line.problem = "StockCode is empty, too long or no identity";
    return;
  }
  if (!line.customer.empty() && !is_code(line.customer)) {
    line.problem = "CustomerID is too long or no identity";
    return;
  }
  auto when = parse_retail_date(field(date));
  if (!when) {
    line.problem = "InvoiceDate is not a date";
    return;
  }
  line.placed_at = *when;
  auto count = parse_quantity(field(quantity));
  if (!count) {
    line.problem = "Quantity is not a whole number in range";
    return;
  }
  line.quantity = *count;
  line.unit_price = std::string{trim(field(price))};
  auto price_in_pounds = banyan::parse_decimal(line.unit_price);
  if (!price_in_pounds) {
    line.problem = "UnitPrice is not a decimal number";
    return;
  }
  line.unit_minor = banyan::to_minor(*price_in_pounds);
  if (__builtin_mul_overflow(line.quantity, line.unit_minor, &line.value_minor) || line.value_minor > max_value ||
      line.value_minor < -max_value) {
    line.value_minor = 0;
    line.problem = "Quantity times UnitPrice is out of range";
    return;
  }
  line.status = !price_in_pounds->is_positive() ? line_status::unit_price_not_positive
              : line.quantity == 0            ? line_status::quantity_zero
                                              : line_status::accepted;
}

}  // namespace shop
