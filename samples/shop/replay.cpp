#include <shop/replay.hpp>

#include <shop/progress.hpp>
#include <shop/replay_summary.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <ostream>
#include <thread>

namespace shop {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t problems_told = 20;
constexpr std::size_t failures_endured = 100;

class replay_run {
 public:
  replay_run(const replay_options& options, shop_api api, const transport& send, std::ostream& out, std::ostream& err,
             const stop_flag& stop)
      : options_{options},
        api_{std::move(api)},
        exchange_{send, clock_, banyan::system_random()},
        bar_{err, options.terminal, clock_},
        out_{out},
        err_{err},
        stop_{stop} {}

  int run() {
    auto book = read();
    if (!book) return book.error().code == banyan::code::unavailable && stop_ ? interrupted() : usage(book.error());
    book_ = std::move(*book);
    orders_ = std::ranges::count_if(book_.invoices, [](const auto& invoice) { return !invoice.lines.empty(); });
    if (orders_ == 0) return nothing_to_play();
    if (!reach_shop()) return leave();
    auto started = clock_.steady();
    if (!put_products() || !wait_for_catalog() || !put_customers() || !post_stock()) return leave();
    auto orders_started = clock_.steady();
    if (!post_orders()) return leave();
    auto ended = clock_.steady();
    auto seconds = [](auto from, auto to) { return std::chrono::duration<double>(to - from).count(); };
    summary_.seconds = seconds(started, ended);
    summary_.orders_per_s = static_cast<double>(orders_) / std::max(seconds(orders_started, ended), 1e-6);
    for (auto& difference : compare_totals(book_.expected, summary_.replied))
      tell("the shop's replies differ from the file: " + difference);
    if (!wait_for_reports()) return leave();
    return finish();
  }

 private:
  banyan::result<retail_book> read() {
    auto source = open_file(options_.file);
    if (!source) return source.error();
    auto book = read_retail(**source, {}, [this] { return stop_.load(); });
    if (auto warning = (*source)->warning(); book && !warning.empty()) err_ << options_.file << ": " << warning << '\n';
    return book;
  }

  bool reach_shop() {
    auto quick = options_.window;
    quick.give_up_after = std::min(quick.give_up_after, options_.reach_within);
    quick.end_after = options_.reach_within;
    auto got = api_.reply<sales_report>(first_answer(api_, api_.get_sales_report(), exchange_, clock_, err_, stop_, quick));
    if (got) return true;
    if (is_no_shop(got.error()))
      fail(got.error().message);
    else if (!stop_)
      fail("cannot reach the shop at " + api_.url() + " (is `shop serve` running?): " + to_string(got.error()));
    return false;
  }

  // Sends the whole batch; false when the run must end here.
  bool batch(const std::string& label, std::size_t count, const exchange::make_request& make, const exchange::take_answer& answered) {
    auto started = clock_.steady();
    bar_.begin(label, count);
    bool all = exchange_.run(
        count, options_.window, make, answered, [this](std::size_t settled) { bar_.show(settled); }, stop_);
    bar_.end(stop_ ? "interrupted" : all ? "" : "given up");
    if (options_.json) {
      std::array<char, 64> text{};
      std::snprintf(text.data(), text.size(), "%.3f", std::chrono::duration<double>(clock_.steady() - started).count());
      out_ << "{\"phase\":\"" << label << "\",\"count\":" << count << ",\"seconds\":" << text.data() << "}\n" << std::flush;
    }
    return all;
  }

  // False when it is time to give up: the shop does not answer any more, refuses whatever it gets, or is none.
  bool refused(const std::string& what, const banyan::error& e) {
    fail(what + ": " + to_string(e));
    return !banyan::is_retryable(e.code) && !is_no_shop(e) && summary_.failed < failures_endured;
  }

  bool put_products() {
    return batch(
        "products", book_.products.size(),
        [this](std::size_t i) {
          const auto& p = book_.products[i];
          return api_.put_product(p.sku, {p.name, {p.price_minor, "GBP"}, p.stocked});
        },
        [this](std::size_t i, banyan::result<banyan::http_response> answer) {
          if (auto put = api_.reply<listed_product>(answer); !put) return refused("product " + book_.products[i].sku, put.error());
          catalog_position_.saw(*answer);
          return true;
        });
  }

  // The catalog tells the orders what is stocked, and their answers are remembered: it must show everything first. Inventory need not: it
  // takes the orders' word.
  bool wait_for_catalog() {
    auto request = api_.get_products("", 1, "");
    catalog_position_.stamp(request);
    auto got = get<product_list>(request);
    if (!got && !stop_) fail("the catalog does not show the products: " + to_string(got.error()));
    return static_cast<bool>(got);
  }

  bool put_customers() {
    return batch(
        "customers", book_.customers.size(),
        [this](std::size_t i) {
          const auto& c = book_.customers[i];
          return api_.put_customer(c.id, {"Customer " + c.id, c.country.empty() ? std::nullopt : std::optional{c.country}});
        },
        [this](std::size_t i, banyan::result<banyan::http_response> answer) {
          auto put = api_.reply<known_customer>(answer);
          return put || refused("customer " + book_.customers[i].id, put.error());
        });
  }

  bool post_stock() {
    std::vector<const retail_product*> stocked;
    for (const auto& p : book_.products)
      if (p.opening > 0) stocked.push_back(&p);
    // Named after the file's own stock, so that another month brings stock of its own and the same file never brings it twice.
    std::array<char, 32> id{};
    std::snprintf(id.data(), id.size(), "opening-%016llx", static_cast<unsigned long long>(book_.fingerprint));
    return batch(
        "stock", stocked.size(),
        [&](std::size_t i) {
          return api_.post_movement(stocked[i]->sku, {id.data(), "opening", stocked[i]->opening});
        },
        [&](std::size_t i, banyan::result<banyan::http_response> answer) {
          auto moved = api_.reply<stock_level>(answer);
          return moved || refused("opening stock of " + stocked[i]->sku, moved.error());
        });
  }

  bool post_orders() {
    std::vector<const retail_invoice*> invoices;
    for (const auto& invoice : book_.invoices)
      if (!invoice.lines.empty()) invoices.push_back(&invoice);
    auto malformed = book_.expected.rejected_by_reason.find("malformed");
    if (malformed != book_.expected.rejected_by_reason.end())
      for (std::int64_t i = 0; i < malformed->second; ++i) summary_.replied.count_rejected("malformed", 0);
    return batch(
        "orders", invoices.size(), [&](std::size_t i) { return api_.post_order(body_of(*invoices[i])); },
        [&](std::size_t i, banyan::result<banyan::http_response> answer) { return count(*invoices[i], std::move(answer)); });
  }

  order_body body_of(const retail_invoice& invoice) const {
    order_body body;
    body.id = invoice.number;
    if (!invoice.customer.empty()) body.customer = invoice.customer;
    body.placed_at = invoice.placed_at;
    if (invoice.is_return) body.kind = "return";
    body.lines.reserve(invoice.lines.size());
    for (const auto& line : invoice.lines)
      body.lines.push_back({line.number, book_.products[line.product].sku, line.quantity, line.unit_price});
    return body;
  }

  bool count(const retail_invoice& invoice, banyan::result<banyan::http_response> answer) {
    if (!answer && answer.error().reason == "no_accepted_line") {
      // This refusal stands for all lines and does not name them one by one.
      for (const auto& line : invoice.lines)
        summary_.replied.count_rejected(line.status == line_status::accepted ? "no_accepted_line" : to_string(line.status), line.value_minor);
      return true;
    }
    if (!answer) return refused("order " + invoice.number, answer.error());
    order_position_.saw(*answer);
    auto placed = api_.reply<placed_order>(*answer);
    if (!placed) return refused("order " + invoice.number, placed.error());
    if (placed->total.currency != "GBP")
      return refused("order " + invoice.number, banyan::error{banyan::code::corrupt, "its total is in " + placed->total.currency});
    summary_.replied.add(month_of(invoice.placed_at), {1, placed->accepted_lines, placed->total.minor});
    for (const auto& line : placed->rejected) summary_.replied.count_rejected(line.reason, line.value_minor);
    return true;
  }

  stock_by_sku expected_stock() const {
    stock_by_sku sums;
    for (const auto& p : book_.products) sums[p.sku] = {p.sold, p.stocked ? p.sold : 0, 0, p.stocked};
    return sums;
  }

  template <class Report>
  banyan::result<Report> get(const banyan::http_request& request) {
    return api_.reply<Report>(exchange_.once(request, options_.window, stop_));
  }

  // The reports are views that follow the orders. Asks until they show everything, or their time is up, which begins
  // anew as long as fewer figures differ: orders wait for their money, and a busy machine takes its time.
  bool wait_for_reports() {
    auto until = banyan::add_saturating(clock_.steady(), options_.settle_for);
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    auto expected = expected_stock();
    bar_.begin("reports", 2);
    for (std::vector<std::string> differences;;) {
      differences.clear();
      auto request = api_.get_sales_report();
      order_position_.stamp(request);
      auto sales = get<sales_report>(request);
      if (stop_) return false;
      if (!sales) {
        fail("/reports/sales: " + to_string(sales.error()));
        return true;
      }
      summary_.how = sales->orders > summary_.replied.total.orders ? match::at_least : match::exact;
      for (auto& d : compare_sales(summary_.replied, *sales, summary_.how)) differences.push_back("/reports/sales differs: " + d);
      summary_.report = std::move(*sales);
      if (differences.empty() && summary_.how == match::exact) {
        auto stock = whole_stock_report(api_, exchange_, options_.window, stop_);
        if (stop_) return false;
        if (!stock) {
          fail("/reports/stock: " + to_string(stock.error()));
          return true;
        }
        summary_.stock_compared = true;
        for (auto& d : compare_stock(expected, *stock, false)) differences.push_back("/reports/stock differs: " + d);
      }
      if (differences.size() < fewest) {
        if (fewest != std::numeric_limits<std::size_t>::max())
          until = banyan::add_saturating(clock_.steady(), options_.settle_for);
        fewest = differences.size();
      }
      if (differences.empty() || clock_.steady() >= until) {
        for (auto& d : differences) tell(std::move(d));
        bar_.show(differences.empty() ? 2 : 1);
        bar_.end();
        return true;
      }
      bar_.show(0, std::to_string(differences.size()) + " figures not there yet");
      std::this_thread::sleep_for(200ms);
    }
  }

  int finish() {
    summary_.file = options_.file;
    summary_.url = api_.url();
    summary_.lines = book_.lines;
    summary_.invoices = static_cast<std::int64_t>(book_.invoices.size());
    summary_.cancellations = book_.cancellations;
    summary_.expected = book_.expected;
    summary_.retries = exchange_.retries();
    tell_malformed();
    if (options_.json)
      out_ << as_json(summary_) << '\n';
    else
      out_ << as_table(summary_);
    out_ << std::flush;
    return summary_.good() ? exit_ok : exit_failed;
  }

  void tell_malformed() {
    for (const auto& problem : book_.problems) err_ << "malformed: " << problem << '\n';
  }

  int nothing_to_play() {
    tell_malformed();
    err_ << options_.file << ": nothing was played: "
         << (book_.lines == 0 ? "it has no lines behind its header"
                              : "none of its " + with_thousands(book_.lines) + " lines can be read as a transaction")
         << '\n';
    return exit_failed;
  }

  int leave() {
    if (stop_) return interrupted();
    for (const auto& problem : summary_.problems) err_ << problem << '\n';
    err_ << "The replay gave up. It can be resumed: run it again, what the shop has already is not counted twice.\n";
    return exit_failed;
  }

  int interrupted() {
    err_ << "Interrupted. It can be resumed: run it again, what the shop has already is not counted twice.\n";
    return exit_interrupted;
  }

  int usage(const banyan::error& e) {
    err_ << options_.file << ": " << e.message << '\n';
    return exit_usage;
  }

  void fail(std::string sentence) {
    ++summary_.failed;
    tell(std::move(sentence));
  }

  void tell(std::string sentence) {
    if (summary_.problems.size() < problems_told) summary_.problems.push_back(std::move(sentence));
  }

  const replay_options& options_;
  shop_api api_;
  const banyan::clock& clock_ = banyan::system_clock();
  exchange exchange_;
  progress bar_;
  std::ostream& out_;
  std::ostream& err_;
  const stop_flag& stop_;
  retail_book book_;
  std::ptrdiff_t orders_ = 0;  // that are sent: invoices with a line that is not malformed
  replay_summary summary_;
  seen_position catalog_position_;
  seen_position order_position_;
};

}  // namespace

int replay(const replay_options& options, const transport& send, std::ostream& out, std::ostream& err, const stop_flag& stop) {
  auto api = shop_api::at(options.url);
  if (!api) {
    err << options.url << ": " << api.error().message << '\n';
    return exit_usage;
  }
  return replay_run{options, std::move(*api), send, out, err, stop}.run();
}

}  // namespace shop
