// Money: integer minor units (pence, cents) and an ISO 4217 currency. Errors: adding two currencies, or a result
// beyond 64 bits.
#pragma once

#include <banyan/core/result.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace banyan {

struct money {
  std::int64_t minor = 0;            // 1999 is 19.99 in a currency with two decimals
  std::string currency = "GBP";      // ISO 4217, upper case
  friend bool operator==(const money&, const money&) = default;
};
BOOST_DESCRIBE_STRUCT(money, (), (minor, currency))

result<money> add(const money& a, const money& b);
result<money> multiply(const money& unit, std::int64_t quantity);
int minor_digits(std::string_view currency);                // decimals by ISO 4217: 2 for GBP, 0 for JPY, 3 for KWD,
                                                            // 4 for CLF; upper or lower case; 2 when unknown
std::string to_string(const money& m);                      // "19.99 GBP"

// An exact decimal number ("2.55", "-11062.06", "0.001"): no exponent, at most 18 digits, at most 14 of them before
// the point, so that the minor units of a parsed price always fit 64 bits.
struct decimal {
  std::int64_t digits = 0;           // all digits, without the point
  int scale = 0;                     // digits after the point
  bool is_positive() const { return digits > 0; }
};
result<decimal> parse_decimal(std::string_view text);
std::int64_t to_minor(decimal d, int minor_digits = 2);     // rounded half away from zero ("half up" for prices);
                                                            // saturates at the largest int64

}  // namespace banyan
