#include <banyan/core/money.hpp>

#include <algorithm>
#include <limits>

namespace banyan {
namespace {

constexpr int most_digits = 18;           // of a decimal: always fits an int64
constexpr int most_integer_digits = 14;   // so that any currency's minor units of it fit as well

// ISO 4217, table A.1: the active codes whose minor unit is not 2. Codes without one (precious metals, XXX, XDR)
// count as unknown.
constexpr std::string_view zero_digit_currencies = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
constexpr std::string_view three_digit_currencies = "BHD IQD JOD KWD LYD OMR TND";
constexpr std::string_view four_digit_currencies = "CLF UYW";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

bool is_code(std::string_view text) {
  return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string upper_case(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

error too_large() { return error{code::invalid_argument, "the amount is too large"}; }

}  // namespace

int minor_digits(std::string_view currency) {
  constexpr int unknown = 2;
  const auto code = upper_case(currency);
  if (!is_code(code)) return unknown;
  if (zero_digit_currencies.find(code) != std::string_view::npos) return 0;
  if (three_digit_currencies.find(code) != std::string_view::npos) return 3;
  return four_digit_currencies.find(code) != std::string_view::npos ? 4 : unknown;
}

result<money> add(const money& a, const money& b) {
  if (a.currency != b.currency) return error{code::invalid_argument, "cannot add " + b.currency + " to " + a.currency};
  money sum{0, a.currency};
  if (__builtin_add_overflow(a.minor, b.minor, &sum.minor)) return too_large();
  return sum;
}

result<money> multiply(const money& unit, std::int64_t quantity) {
  money product{0, unit.currency};
  if (__builtin_mul_overflow(unit.minor, quantity, &product.minor)) return too_large();
  return product;
}

std::string to_string(const money& m) {
  const bool negative = m.minor < 0;
  const auto magnitude = negative ? 0 - static_cast<std::uint64_t>(m.minor) : static_cast<std::uint64_t>(m.minor);
  auto text = std::to_string(magnitude);
  if (const auto digits = static_cast<std::size_t>(minor_digits(m.currency)); digits > 0) {
    if (text.size() <= digits) text.insert(0, digits + 1 - text.size(), '0');
    text.insert(text.size() - digits, 1, '.');
  }
  return (negative ? "-" : "") + text + " " + m.currency;
}

result<decimal> parse_decimal(std::string_view text) {
  const auto refuse = [](const char* why) { return error{code::invalid_argument, why}; };
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  const bool has_digits = !whole.empty() && (point == std::string_view::npos || !fraction.empty());
  if (!has_digits || !std::all_of(whole.begin(), whole.end(), is_digit) || !std::all_of(fraction.begin(), fraction.end(), is_digit))
    return refuse("not a decimal number such as 2.55");
  if (whole.size() > most_integer_digits || whole.size() + fraction.size() > most_digits) return refuse("the number has too many digits");
  decimal d;
  for (const char c : whole) d.digits = d.digits * 10 + (c - '0');
  for (const char c : fraction) d.digits = d.digits * 10 + (c - '0');
  d.scale = static_cast<int>(fraction.size());
  if (negative) d.digits = -d.digits;
  return d;
}

std::int64_t to_minor(decimal d, int minor_digits) {
  using limits = std::numeric_limits<std::int64_t>;
  const int drop = d.scale - minor_digits;
  if (drop > most_digits) return 0;
  if (drop > 0) {
    const auto unit = power_of_ten(drop);
    const auto rest = d.digits % unit;
    const auto quotient = d.digits / unit;
    if (rest >= unit / 2) return quotient + 1;
    return rest <= -(unit / 2) ? quotient - 1 : quotient;
  }
  if (d.digits == 0) return 0;
  std::int64_t minor = 0;
  const bool fits = -drop <= most_digits && !__builtin_mul_overflow(d.digits, power_of_ten(-drop), &minor);
  if (!fits) return d.digits > 0 ? limits::max() : limits::min();
  return minor;
}

}  // namespace banyan
