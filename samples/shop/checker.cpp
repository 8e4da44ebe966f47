#include <shop/checker.hpp>

#include <shop/books_reader.hpp>
#include <shop/progress.hpp>
#include <shop/replay.hpp>

#include <banyan/core/json.hpp>

#include <boost/describe.hpp>

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <thread>

namespace shop {

struct books_line {
  struct month {
    std::int64_t orders = 0;
    std::int64_t lines = 0;
    std::int64_t pence = 0;
  };
  std::int64_t events = 0;
  std::int64_t head = 0;
  std::int64_t orders = 0;
  std::int64_t lines = 0;
  std::int64_t pence = 0;
  std::int64_t open_orders = 0;
  std::int64_t skus = 0;
  std::int64_t quantity = 0;
  std::int64_t moved = 0;
  std::int64_t on_hand = 0;
  std::map<std::string, month> months;
  bool reports_compared = false;
  std::int64_t faults = 0;
  bool ok = false;
  std::vector<std::string> problems;
};
BOOST_DESCRIBE_STRUCT(books_line::month, (), (orders, lines, pence))
BOOST_DESCRIBE_STRUCT(books_line, (),
                      (events, head, orders, lines, pence, open_orders, skus, quantity, moved, on_hand, months, reports_compared, faults,
                       ok, problems))

namespace {

using namespace std::chrono_literals;

constexpr std::size_t differences_told = 20;

// What the reports say otherwise than the books.
banyan::result<std::vector<std::string>> compare(const books& books, const shop_api& api, exchange& shop, const stop_flag& stop) {
  const window_options patient{.give_up_after = 20s};
  auto sales = api.reply<sales_report>(shop.once(api.get_sales_report(), patient, stop));
  if (!sales) return sales.error();
  auto stock = whole_stock_report(api, shop, patient, stop);
  if (!stock) return stock.error();
  auto all = compare_sales(books.sales(), *sales, match::exact);
  for (auto& d : all) d = "/reports/sales: " + d;
  for (auto& d : compare_stock(books.stock(), *stock, true)) all.push_back("/reports/stock: " + d);
  return all;
}

// Work that will not be finished by waiting.
std::vector<std::string> unfinished(const books& books, const work_done& work, std::int64_t& count) {
  auto all = work.about_them;
  const auto stuck = books.open_orders_to(work.handled_to);
  count = work.dead_letters + static_cast<std::int64_t>(stuck.size());
  for (const auto& id : stuck)
    all.push_back("order " + id + " is not finished, and nothing of it is under way");
  return all;
}

books_line as_line(const books& books, bool compared, std::vector<std::string> problems, std::int64_t faults) {
  books_line line;
  line.events = books.events();
  line.head = books.head();
  line.orders = books.sales().total.orders;
  line.lines = books.sales().total.accepted_lines;
  line.pence = books.sales().total.accepted_minor;
  line.open_orders = books.open_orders();
  line.skus = static_cast<std::int64_t>(books.stock().size());
  for (const auto& [sku, sums] : books.stock()) {
    line.quantity += sums.quantity;
    line.moved += sums.moved;
    line.on_hand += sums.on_hand;
  }
  for (const auto& [month, sum] : books.sales().months) line.months[month] = {sum.orders, sum.accepted_lines, sum.accepted_minor};
  line.reports_compared = compared;
  line.faults = faults;
  line.ok = faults == 0;
  if (problems.size() > differences_told) problems.resize(differences_told);
  line.problems = std::move(problems);
  return line;
}

void print_table(std::ostream& out, const books_line& line) {
  auto row = [&](std::string_view what, std::int64_t orders, std::int64_t lines, std::int64_t pence) {
    out << "  " << std::left << std::setw(12) << what << std::right << std::setw(12) << with_thousands(orders) << std::setw(14)
        << with_thousands(lines) << std::setw(18) << pounds(pence) << '\n';
  };
  out << "The journal has " << with_thousands(line.events) << " events.\n  " << std::left << std::setw(12) << "" << std::right
      << std::setw(12) << "orders" << std::setw(14) << "lines" << std::setw(18) << "pounds" << '\n';
  for (const auto& [month, sum] : line.months) row(month, sum.orders, sum.lines, sum.pence);
  row("total", line.orders, line.lines, line.pence);
  out << "  " << with_thousands(line.skus) << " SKUs: " << with_thousands(line.quantity) << " pieces sold, " << with_thousands(line.moved)
      << " moved out of stock, " << with_thousands(line.on_hand) << " on hand\n";
  if (line.open_orders > 0) out << "  " << with_thousands(line.open_orders) << " orders are still open: their goods were not checked\n";
  for (const auto& problem : line.problems) out << "  ! " << problem << '\n';
  if (line.faults > static_cast<std::int64_t>(line.problems.size()))
    out << "  ! and " << with_thousands(line.faults - static_cast<std::int64_t>(line.problems.size())) << " more\n";
  if (!line.ok)
    out << "The books are NOT right.\n";
  else
    out << (line.reports_compared ? "The books are right, and the shop's reports agree.\n"
                                  : "The books are right. The reports were not compared.\n");
}

}  // namespace

int check_books(const check_books_options& options, banyan::journal& journal, const transport& send, std::ostream& out, std::ostream& err,
                const stop_flag& stop) {
  const auto& clock = banyan::system_clock();
  std::optional<shop_api> api;
  if (!options.url.empty()) {
    auto at = shop_api::at(options.url);
    if (!at) {
      err << options.url << ": " << at.error().message << '\n';
      return exit_usage;
    }
    api = std::move(*at);
  }
  exchange shop{send, clock, banyan::system_random()};
  const auto unreadable = [&](const banyan::error& e) {
    err << "The shop's reports at " << options.url << " cannot be read: " << to_string(e) << '\n';
    return exit_failed;
  };
  if (api) {
    const auto first = api->reply<sales_report>(first_answer(*api, api->get_sales_report(), shop, clock, err, stop,
                                                             {.give_up_after = options.reach_within, .end_after = options.reach_within}));
    if (!first && !stop) return unreadable(first.error());
  }
  books books;
  std::vector<std::string> problems;
  std::int64_t faults = 0;
  for (auto until = banyan::add_saturating(clock.steady(), options.settle_for);;) {
    banyan::result<work_done> work = work_done{};
    if (options.work) work = options.work();  // before the journal: what is handled by now has left its events there
    if (!work) {
      err << "What the services have done cannot be read: " << to_string(work.error()) << '\n';
      return exit_failed;
    }
    if (auto read = read_on(journal, books, stop); !read && !stop) {
      err << "The journal cannot be read: " << to_string(read.error()) << '\n';
      return exit_failed;
    }
    problems = books.faults();
    faults = books.fault_count();
    std::int64_t left = 0;
    for (auto& sentence : unfinished(books, *work, left)) problems.push_back(std::move(sentence));
    faults += left;
    if (api && !stop) {
      auto differences = compare(books, *api, shop, stop);
      if (!differences && !stop) return unreadable(differences.error());
      if (differences) {
        problems.insert(problems.end(), differences->begin(), differences->end());
        faults += static_cast<std::int64_t>(differences->size());
      }
    }
    if (stop) {
      err << "Interrupted.\n";
      return exit_interrupted;
    }
    if (faults == 0 || !api || clock.steady() >= until) break;
    std::this_thread::sleep_for(200ms);
  }
  auto line = as_line(books, api.has_value(), std::move(problems), faults);
  if (options.json)
    out << banyan::to_json(line) << '\n';
  else
    print_table(out, line);
  out << std::flush;
  return line.ok ? exit_ok : exit_failed;
}

}  // namespace shop
