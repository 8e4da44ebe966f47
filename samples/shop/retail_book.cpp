#include <shop/retail_book.hpp>

#include <banyan/core/hash.hpp>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace shop {
namespace {

constexpr std::size_t problems_kept = 5;

// Asks at every piece whether to go on, so that input which makes no line (a gigabyte of line breaks) can be interrupted too.
class stoppable_source final : public byte_source {
 public:
  stoppable_source(byte_source& from, const std::function<bool()>& stop) : from_{from}, stop_{stop} {}
  banyan::result<std::size_t> read(std::span<char> into) override {
    if (stop_ && std::exchange(asks_, true) && stop_()) return banyan::error{banyan::code::unavailable, "interrupted while reading the file"};
    return from_.read(into);
  }

 private:
  byte_source& from_;
  const std::function<bool()>& stop_;
  bool asks_ = false;  // not at the first piece: that the file is none of ours is told in any case
};

class book_writer {
 public:
  // Of its entries, their text, and their places in the indexes; what the allocator adds is not counted.
  std::size_t bytes() const {
    constexpr std::size_t node = 64;
    return book_.invoices.size() * (sizeof(retail_invoice) + node) + lines_kept_ * sizeof(invoice_line) +
           book_.products.size() * (sizeof(retail_product) + node) + book_.customers.size() * (sizeof(retail_customer_entry) + node) + text_;
  }

  void add(const retail_line& line) {
    ++book_.lines;
    if (line.status == line_status::malformed) note(line);
    if (line.invoice.empty()) {
      book_.expected.count_rejected(to_string(line.status), 0);
      return;
    }
    auto& invoice = invoice_of(line);
    int number = ++invoice.last_line;
    if (line.status == line_status::malformed) {
      book_.expected.count_rejected(to_string(line.status), 0);
      return;
    }
    if (invoice.lines.empty()) invoice.placed_at = line.placed_at;
    if (invoice.customer.empty() && !line.customer.empty()) {
      invoice.customer = line.customer;
      if (customers_.insert(line.customer).second) {
        book_.customers.push_back({line.customer, line.country});
        text_ += 2 * line.customer.size() + line.country.size();
      }
    }
    auto product = product_of(line);
    invoice.lines.push_back({number, line.status, product, line.quantity, line.value_minor, line.unit_price});
    ++lines_kept_;
  }

  retail_book finish() {
    for (auto& product : book_.products)
      if (product.name.empty()) product.name = product.sku;
    for (const auto& invoice : book_.invoices) add_up(invoice);
    std::string stock;
    for (const auto& product : book_.products) stock += product.sku + '\n' + std::to_string(product.opening) + '\n';
    book_.fingerprint = banyan::stable_hash(stock);
    return std::move(book_);
  }

 private:
  retail_invoice& invoice_of(const retail_line& line) {
    auto [at, added] = invoices_.emplace(line.invoice, book_.invoices.size());
    if (added) {
      auto& invoice = book_.invoices.emplace_back();
      invoice.number = line.invoice;
      text_ += 2 * line.invoice.size();
      invoice.is_return = line.invoice.starts_with('C');
      if (invoice.is_return) ++book_.cancellations;
    }
    return book_.invoices[at->second];
  }

  std::uint32_t product_of(const retail_line& line) {
    auto [at, added] = products_.emplace(line.sku, static_cast<std::uint32_t>(book_.products.size()));
    if (added) {
      book_.products.push_back({.sku = line.sku, .name = {}, .stocked = is_stocked(line.sku)});
      is_priced_.push_back(false);
      text_ += 2 * line.sku.size() + line.description.size();
    }
    auto& product = book_.products[at->second];
    if (product.name.empty()) product.name = line.description;
    if (line.status == line_status::accepted) {
      if (!is_priced_[at->second]) product.price_minor = line.unit_minor;
      is_priced_[at->second] = true;
      product.sold += line.quantity;
      if (product.stocked && line.quantity > 0) product.opening += line.quantity;
    }
    return at->second;
  }

  void add_up(const retail_invoice& invoice) {
    std::int64_t accepted = 0, minor = 0;
    for (const auto& line : invoice.lines) {
      if (line.status == line_status::accepted) {
        ++accepted;
        minor += line.value_minor;
      } else {
        book_.expected.count_rejected(to_string(line.status), line.value_minor);
      }
    }
    if (accepted > 0) book_.expected.add(month_of(invoice.placed_at), {1, accepted, minor});
  }

  void note(const retail_line& line) {
    if (book_.problems.size() < problems_kept) book_.problems.push_back("line " + std::to_string(line.file_line) + ": " + line.problem);
  }

  retail_book book_;
  std::unordered_map<std::string, std::size_t> invoices_;   // indexes into the book
  std::unordered_map<std::string, std::uint32_t> products_;
  std::unordered_set<std::string> customers_;
  std::vector<bool> is_priced_;                             // by product: it has its first positive price
  std::size_t lines_kept_ = 0, text_ = 0;
};

}  // namespace

void sales_totals::add(const std::string& month, const sales_sum& sum) {
  for (auto* to : {&total, &months[month]}) {
    to->orders += sum.orders;
    to->accepted_lines += sum.accepted_lines;
    to->accepted_minor += sum.accepted_minor;
  }
}

void sales_totals::count_rejected(std::string_view reason, std::int64_t minor) {
  ++rejected_lines;
  ++rejected_by_reason[std::string{reason}];
  rejected_minor += minor;
}

bool retail_invoice::has_accepted() const {
  return std::ranges::any_of(lines, [](const auto& line) { return line.status == line_status::accepted; });
}

std::string month_of(banyan::instant when) {
  std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(when)};
  auto month = static_cast<unsigned>(date.month());
  return std::to_string(static_cast<int>(date.year())) + (month < 10 ? "-0" : "-") + std::to_string(month);
}

banyan::result<retail_book> read_retail(byte_source& source, retail_limits limits, const std::function<bool()>& stop) {
  stoppable_source pieces{source, stop};
  retail_reader reader{pieces};
  book_writer writer;
  retail_line line;
  for (std::int64_t n = 0;; ++n) {
    auto more = reader.next(line);
    if (!more) return more.error();
    if (!*more) return writer.finish();
    if (n == limits.lines)
      return banyan::error{banyan::code::exhausted, "the file has more than " + std::to_string(limits.lines) + " lines; split it by month"};
    writer.add(line);
    if (writer.bytes() > limits.bytes)
      return banyan::error{banyan::code::exhausted, "the file needs more than " + std::to_string(limits.bytes / (1024 * 1024)) +
                                                        " MiB of memory from line " + std::to_string(line.file_line) +
                                                        " on; split it by month"};
  }
}

}  // namespace shop
