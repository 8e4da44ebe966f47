// What a replay found, and how it is told: a table for people, one line of JSON for programs.
#pragma once

#include <shop/reconcile.hpp>

#include <optional>
#include <string>
#include <vector>

namespace shop {

struct replay_summary {
  std::string file;
  std::string url;
  std::int64_t lines = 0;
  std::int64_t invoices = 0;
  std::int64_t cancellations = 0;
  sales_totals expected;               // what the file adds up to
  sales_totals replied;                // what the shop's replies add up to
  std::optional<sales_report> report;  // what its read model says
  match how = match::exact;
  bool stock_compared = false;
  double seconds = 0;       // from the first request to the last reply to an order
  double orders_per_s = 0;  // orders sent, over the time they took
  std::size_t retries = 0;
  std::size_t failed = 0;             // requests that got no good answer
  std::vector<std::string> problems;  // the first few of them, and every comparison that failed

  bool good() const { return failed == 0 && problems.empty() && report; }
};

std::string as_table(const replay_summary& summary);
std::string as_json(const replay_summary& summary);  // one line, without its end

}  // namespace shop
