#include <shop/load.hpp>

#include <banyan/core/json.hpp>
#include <shop/progress.hpp>

#include <boost/describe.hpp>

#include <cmath>
#include <iomanip>
#include <sstream>

namespace shop {

struct kind_line {
  std::uint64_t count = 0;
  std::uint64_t good = 0;
  double p50_ms = 0;
  double p90_ms = 0;
  double p99_ms = 0;
  double p999_ms = 0;
  double max_ms = 0;
  double mean_ms = 0;
  std::map<std::string, std::uint64_t> errors;
  std::uint64_t shed = 0;
  std::uint64_t unanswered = 0;
  std::uint64_t repeats = 0;
};
BOOST_DESCRIBE_STRUCT(kind_line, (), (count, good, p50_ms, p90_ms, p99_ms, p999_ms, max_ms, mean_ms, errors, shed, unanswered, repeats))

struct load_line {
  double seconds = 0;
  double answered_per_s = 0;
  double worst_start_lag_ms = 0;
  bool interrupted = false;
  std::map<std::string, kind_line> kinds;
};
BOOST_DESCRIBE_STRUCT(load_line, (), (seconds, answered_per_s, worst_start_lag_ms, interrupted, kinds))

namespace {

double ms(banyan::nanoseconds t) { return std::round(static_cast<double>(t.count()) / 1e3) / 1e3; }

kind_line figures(const load_figures& f) {
  const auto& l = f.latency;
  return {l.count(),
          f.good,
          ms(l.percentile(0.5)),
          ms(l.percentile(0.9)),
          ms(l.percentile(0.99)),
          ms(l.percentile(0.999)),
          ms(l.max()),
          ms(l.mean()),
          f.errors,
          f.shed,
          f.unanswered,
          f.repeats};
}

load_figures all_of(const load_result& result) {
  load_figures all{.kind = "all"};
  for (const auto& f : result.kinds) {
    all.latency.merge(f.latency);
    all.good += f.good;
    all.shed += f.shed;
    all.unanswered += f.unanswered;
    all.repeats += f.repeats;
    for (const auto& [what, n] : f.errors) all.errors[what] += n;
  }
  return all;
}

double per_second(const load_result& result, std::uint64_t count) {
  return result.seconds > 0 ? std::round(10.0 * static_cast<double>(count) / result.seconds) / 10.0 : 0.0;
}

}  // namespace

std::string as_json(const load_result& result) {
  auto all = all_of(result);
  load_line line{result.seconds, per_second(result, all.latency.count()), ms(result.worst_start_lag), result.interrupted, {}};
  for (const auto& f : result.kinds) line.kinds[f.kind] = figures(f);
  line.kinds["all"] = figures(all);
  return banyan::to_json(line);
}

std::string as_table(const load_result& result) {
  std::ostringstream out;
  auto all = all_of(result);
  out << std::fixed << std::setprecision(1) << "Latency in ms, from the intended start of each request\n"
      << "  kind         answered      good      p50      p90      p99    p99.9      max\n";
  auto row = [&](const load_figures& f) {
    auto k = figures(f);
    out << "  " << std::left << std::setw(10) << f.kind << std::right << std::setw(11) << with_thousands(static_cast<std::int64_t>(k.count))
        << std::setw(10) << with_thousands(static_cast<std::int64_t>(k.good));
    for (double v : {k.p50_ms, k.p90_ms, k.p99_ms, k.p999_ms, k.max_ms}) out << std::setw(9) << v;
    out << '\n';
  };
  for (const auto& f : result.kinds) row(f);
  row(all);
  for (const auto& f : result.kinds)
    for (const auto& [what, n] : f.errors) out << "  ! " << f.kind << ": " << n << " x " << what << '\n';
  if (all.shed > 0) out << "  ! " << all.shed << " were not sent: too many were under way; the shop did not keep up\n";
  if (all.repeats > 0) out << "  " << with_thousands(static_cast<std::int64_t>(all.repeats)) << " were sent again\n";
  if (all.unanswered > 0) out << "  ! " << all.unanswered << " were never answered; they are not in the percentiles\n";
  out << "  " << per_second(result, all.latency.count()) << " answers/s over " << result.seconds << " s; this program was at most "
      << ms(result.worst_start_lag) << " ms late in sending\n";
  return out.str();
}

}  // namespace shop
