// A whole transaction file, sorted into what a shop needs to play it: products, customers, invoices, and what it must add up to.
//
// An invoice's lines may lie anywhere in the file, so the file is read to its end first. Lines are numbered from 1 within their
// invoice, in file order, malformed ones included: a line's identity is invoice and number.
//
//   auto source = shop::open_file(path);
//   auto book = shop::read_retail(**source);
//   book->expected.total.accepted_minor;      // pence, by the same rules as the shop's
//
// Prices and names come from the file too: a product costs its first positive price and is called by its first description.
#pragma once

#include <shop/retail_csv.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace shop {

// Sums of money and counts, for one month or for everything.
struct sales_sum {
  std::int64_t orders = 0;  // invoices with at least one accepted line
  std::int64_t accepted_lines = 0;
  std::int64_t accepted_minor = 0;  // pence, returns negative
  friend bool operator==(const sales_sum&, const sales_sum&) = default;
};

struct sales_totals {
  sales_sum total;
  std::map<std::string, sales_sum> months;                 // "2010-12"
  std::map<std::string, std::int64_t> rejected_by_reason;  // lines
  std::int64_t rejected_lines = 0;
  std::int64_t rejected_minor = 0;
  friend bool operator==(const sales_totals&, const sales_totals&) = default;

  void add(const std::string& month, const sales_sum& sum);
  void count_rejected(std::string_view reason, std::int64_t minor);
};

struct retail_product {
  std::string sku;
  std::string name;              // the SKU when the file never describes it
  std::int64_t price_minor = 0;  // 0 when the file never sells it for money
  bool stocked = true;
  std::int64_t opening = 0;  // what is needed so that stock never falls below zero, whatever the order of events
  std::int64_t sold = 0;     // accepted quantity, net of returns
};

struct retail_customer_entry {
  std::string id;
  std::string country;
};

struct invoice_line {
  int number = 0;
  line_status status = line_status::malformed;
  std::uint32_t product = 0;  // index into products
  std::int64_t quantity = 0;
  std::int64_t value_minor = 0;
  std::string unit_price;
};

struct retail_invoice {
  std::string number;
  bool is_return = false;           // its number begins with C
  banyan::instant placed_at{};      // of its first well-formed line
  std::string customer;             // empty: a guest
  std::vector<invoice_line> lines;  // malformed ones left out: they are counted, not sent
  int last_line = 0;                // number of its last line in the file

  bool has_accepted() const;
};

struct retail_book {
  std::vector<retail_product> products;
  std::vector<retail_customer_entry> customers;
  std::vector<retail_invoice> invoices;  // in the order of their first lines
  std::int64_t lines = 0;
  std::int64_t cancellations = 0;     // invoices whose number begins with C
  std::uint64_t fingerprint = 0;      // of what is sent as stock: the same for the same transactions
  std::vector<std::string> problems;  // the first few malformed lines, as sentences
  sales_totals expected;
};

struct retail_limits {
  std::int64_t lines = 5'000'000;
  std::size_t bytes = 512 * 1024 * 1024;  // of memory for the book, as estimated: what grows with the file is bounded, not only counted
};

// Errors: as retail_reader's; exhausted when the file has more lines, or needs more memory, than `limits` allow.
// `stop` is asked at every piece that is read (some 64 KiB); when it says true the answer is unavailable ("interrupted").
banyan::result<retail_book> read_retail(byte_source& source, retail_limits limits = {}, const std::function<bool()>& stop = {});

std::string month_of(banyan::instant when);  // "2010-12", UTC

}  // namespace shop
