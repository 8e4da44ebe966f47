// One line of a retailer's transaction file in the format of UCI Online Retail (Chen 2015, doi 10.24432/C5BW33), checked and typed.
//
// Columns are found by the names in the header line, in any order, upper or lower case, other columns ignored:
//   InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice (pounds), CustomerID (may be empty), Country
//
//   shop::retail_reader lines{source};
//   shop::retail_line line;
//   for (auto more = lines.next(line); ; more = lines.next(line)) { ... }
//
// The file's exporters differ, so that several spellings are understood: dates "2010-12-01 08:26:00" and "12/1/2010 8:26" (month
// first), customers "17850" and "17850.0", text in UTF-8 or Windows-1252. A line that makes no sense is handed over with its
// status `malformed` and a problem, also when its quotes are broken, because a file with one bad line is still worth reading. Only a file
// without the columns, or one that cannot be read on (a cut or damaged gzip), is an error.
//
// Invoices of every kind are read alike: sales, cancellations ("C536379"), adjustments ("A563185"). What is an identity is what the shop
// takes for one (services/rules/text.hpp): a code that could not be asked for over HTTP is malformed here, and never sent.
#pragma once

#include <banyan/core/time.hpp>
#include <shop/csv.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shop {

// What the shop will do with a line; the names are the reasons that its API gives, but `malformed`, which is never sent.
enum class line_status : std::uint8_t { accepted, unit_price_not_positive, quantity_zero, malformed };
std::string_view to_string(line_status status);

struct retail_line {
  std::size_t file_line = 0;  // where the line begins in the file
  std::string invoice;
  std::string sku;               // exactly as written: case and inner spaces make another product
  std::string description;       // may be empty, as when it is nothing to read (services/rules/text.hpp); cut after 200 bytes
  std::int64_t quantity = 0;     // negative in returns; at most 10^9 either way
  std::string unit_price;        // pounds, the decimal as written
  std::int64_t unit_minor = 0;   // pence, rounded half up per unit
  std::int64_t value_minor = 0;  // quantity * unit_minor; at most 9 * 10^11 either way, so that sums of them fit
  banyan::instant placed_at{};
  std::string customer;  // empty: a guest
  std::string country;
  line_status status = line_status::malformed;
  std::string problem;  // which field of a malformed line is at fault
};

class retail_reader {
 public:
  explicit retail_reader(byte_source& source) : rows_{source} {}

  // False at the end. Errors: invalid_argument naming the columns that the header line lacks; what the source reports.
  banyan::result<bool> next(retail_line& line);

 private:
  banyan::result<bool> read_header();
  void parse(retail_line& line) const;

  enum column { invoice, sku, description, quantity, date, price, customer, country, column_count };
  csv_reader rows_;
  std::vector<std::string_view> fields_;
  std::array<std::size_t, column_count> where_{};
  std::size_t width_ = 0;  // fields that a record needs at least
  bool has_header_ = false;
};

// The pieces, for whoever needs them alone.
std::optional<banyan::instant> parse_retail_date(std::string_view text);
std::string retail_customer(std::string_view text);  // "17850.0" -> "17850", trimmed
std::string to_utf8(std::string_view text);          // unchanged when it is UTF-8, otherwise read as Windows-1252
bool is_stocked(std::string_view sku);               // false for postage, fees, discounts, samples, gift vouchers and other non-goods

}  // namespace shop
