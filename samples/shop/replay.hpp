// `shop replay`: plays a retailer's transaction file through the shop's public HTTP API and checks that every sum comes out right.
//
// Products, customers and opening stock first, then an order per invoice in the order of the file, several at once. Every request bears
// an id from the file (SKU, customer, invoice number), so that it may be repeated: after 429, 503, 504 or a lost connection the same
// request is sent again, and a run that was interrupted is resumed by starting it again. A second run changes nothing.
//
//   shop::stop_flag stop{false};
//   int exit_code = shop::replay({.file = "sales.csv.gz", .url = "http://127.0.0.1:8080"}, transport, std::cout, std::cerr, stop);
//
// Counts come from the shop's replies. They are compared with what the file adds up to, then with /reports/sales and /reports/stock,
// which are views that follow the orders: they get `settle_for` to come closer, again and again.
#pragma once

#include <shop/first_contact.hpp>

#include <iosfwd>
#include <string>

namespace shop {

struct replay_options {
  std::string file;  // .csv or .csv.gz
  std::string url = "http://127.0.0.1:8080";
  bool json = false;      // JSON lines, the last one the summary; otherwise a table
  bool terminal = false;  // draw the progress bar in place
  window_options window{};
  banyan::timespan reach_within = first_contact_patience;
  banyan::timespan settle_for = std::chrono::seconds{60};  // for the reports to come closer
};

enum exit_code : int { exit_ok = 0, exit_failed = 1, exit_usage = 2, exit_unreachable = 3, exit_interrupted = 130 };

// The result goes to `out`, progress and complaints to `err`. Returns exit_ok; exit_failed when a sum differs, an order failed, the shop
// cannot be reached or the file has nothing to play (lines that are left out beside others are told, and are no failure); exit_usage when
// file or URL is no good; exit_interrupted when `stop` was set.
int replay(const replay_options& options, const transport& send, std::ostream& out, std::ostream& err, const stop_flag& stop);

}  // namespace shop
