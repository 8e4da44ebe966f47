#include <shop/replay_summary.hpp>

#include <shop/progress.hpp>

#include <cmath>
#include <iomanip>
#include <sstream>

namespace shop {

// In the order in which the line is documented; whatever came later follows.
struct summary_line {
  struct month {
    std::int64_t orders = 0;
    std::int64_t accepted_lines = 0;
    std::int64_t accepted_pence = 0;
  };
  std::int64_t lines = 0;
  std::int64_t invoices = 0;
  std::int64_t cancellations = 0;
  std::int64_t orders = 0;
  std::int64_t accepted_lines = 0;
  std::int64_t rejected_lines = 0;
  std::map<std::string, std::int64_t> rejected_by_reason;
  std::int64_t accepted_pence = 0;
  std::int64_t rejected_pence = 0;
  double seconds = 0;
  double orders_per_s = 0;
  std::map<std::string, month> months;
  std::optional<std::int64_t> reported_pence;
  bool stock_compared = false;
  std::uint64_t retries = 0;
  std::uint64_t failed = 0;
  bool ok = false;
  std::vector<std::string> problems;
};
BOOST_DESCRIBE_STRUCT(summary_line::month, (), (orders, accepted_lines, accepted_pence))
BOOST_DESCRIBE_STRUCT(summary_line, (),
                      (lines, invoices, cancellations, orders, accepted_lines, rejected_lines, rejected_by_reason, accepted_pence,
                       rejected_pence, seconds, orders_per_s, months, reported_pence, stock_compared, retries, failed, ok, problems))

namespace {

double rounded(double x) { return std::round(x * 1000.0) / 1000.0; }

}  // namespace

std::string as_json(const replay_summary& s) {
  summary_line line;
  line.lines = s.lines;
  line.invoices = s.invoices;
  line.cancellations = s.cancellations;
  line.orders = s.replied.total.orders;
  line.accepted_lines = s.replied.total.accepted_lines;
  line.rejected_lines = s.replied.rejected_lines;
  line.rejected_by_reason = s.replied.rejected_by_reason;
  line.accepted_pence = s.replied.total.accepted_minor;
  line.rejected_pence = s.replied.rejected_minor;
  line.seconds = rounded(s.seconds);
  line.orders_per_s = rounded(s.orders_per_s);
  for (const auto& [month, sum] : s.replied.months) line.months[month] = {sum.orders, sum.accepted_lines, sum.accepted_minor};
  if (s.report) line.reported_pence = s.report->total.minor;
  line.stock_compared = s.stock_compared;
  line.retries = s.retries;
  line.failed = s.failed;
  line.ok = s.good();
  line.problems = s.problems;
  return banyan::to_json(line);
}

std::string as_table(const replay_summary& s) {
  std::ostringstream out;
  auto row = [&](std::string_view what, const std::string& file, const std::string& replies, const std::string& report) {
    out << "  " << std::left << std::setw(28) << what << std::right << std::setw(16) << file << std::setw(16) << replies << std::setw(16)
        << report << '\n';
  };
  auto n = [](std::int64_t number) { return with_thousands(number); };
  auto sum = [&](const std::string& name, const sales_sum& file, const sales_sum& replies, const std::string& report) {
    row(name, pounds(file.accepted_minor), pounds(replies.accepted_minor), report);
  };
  out << s.file << ": " << n(s.lines) << " lines, " << n(s.invoices) << " invoices, " << n(s.cancellations) << " of them cancellations\n";
  row("", "file", "shop's replies", "sales report");
  const auto& r = s.report;
  row("orders", n(s.expected.total.orders), n(s.replied.total.orders), r ? n(r->orders) : "-");
  row("accepted lines", n(s.expected.total.accepted_lines), n(s.replied.total.accepted_lines), r ? n(r->lines) : "-");
  row("rejected lines", n(s.expected.rejected_lines), n(s.replied.rejected_lines), "");
  for (const auto& [reason, lines] : s.replied.rejected_by_reason) {
    auto at = s.expected.rejected_by_reason.find(reason);
    row("  " + reason, at == s.expected.rejected_by_reason.end() ? "0" : n(at->second), n(lines), "");
  }
  sum("accepted, pounds", s.expected.total, s.replied.total, r ? pounds(r->total.minor) : "-");
  row("rejected, pounds", pounds(s.expected.rejected_minor), pounds(s.replied.rejected_minor), "");
  for (const auto& [month, file] : s.expected.months) {
    std::string reported = "-";
    for (const auto& m : r ? r->months : std::vector<month_sales>{})
      if (m.month == month) reported = pounds(m.total.minor);
    auto at = s.replied.months.find(month);
    sum("  " + month, file, at == s.replied.months.end() ? sales_sum{} : at->second, reported);
  }
  out << std::fixed << std::setprecision(1) << "  took " << s.seconds << " s, " << s.orders_per_s << " orders/s, " << s.retries
      << " requests repeated, " << s.failed << " failed\n";
  if (s.how == match::at_least)
    out << "  The shop has other orders too: its report was only checked to contain these, and stock was not compared.\n";
  for (const auto& problem : s.problems) out << "  ! " << problem << '\n';
  out << (s.good() ? "Every sum agrees." : "NOT everything agrees.");
  if (const auto malformed = s.expected.rejected_by_reason.find("malformed"); malformed != s.expected.rejected_by_reason.end())
    out << ' ' << n(malformed->second) << (malformed->second == 1 ? " malformed line was" : " malformed lines were") << " left out.";
  out << '\n';
  return out.str();
}

}  // namespace shop
