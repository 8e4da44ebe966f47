#include <banyan/observability/metrics.hpp>

#include <banyan/core/json.hpp>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <stdexcept>

namespace banyan {

namespace detail {

namespace {
constexpr std::int64_t most_ticks = std::int64_t{1} << 61;  // nanoseconds, 73 years
double in_seconds(std::int64_t ticks) { return static_cast<double>(ticks) * 1e-9; }
}  // namespace

histogram_cell::histogram_cell(std::vector<double> upper)
    : bounds{std::move(upper)}, counts{std::make_unique<std::atomic<std::uint64_t>[]>(bounds.size() + 1)} {
  for (const auto b : bounds)
    time_bounds_.push_back(static_cast<std::int64_t>(std::clamp(std::round(b * 1e9), -9.2e18, 9.2e18)));
  time_bounds_.push_back(std::numeric_limits<std::int64_t>::max());
  for (std::size_t width = 0; width < first_bucket_.size(); ++width) {
    constexpr auto any = std::numeric_limits<std::int64_t>::min();
    const auto least = width == 0 ? any : std::int64_t{1} << std::min<std::size_t>(width - 1, 62);
    const auto bucket = std::lower_bound(time_bounds_.begin(), time_bounds_.end(), least) - time_bounds_.begin();
    first_bucket_[width] = static_cast<std::uint16_t>(bucket);
  }
}

void histogram_cell::observe(double x) noexcept {
  if (std::isnan(x)) return;
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), x) - bounds.begin();
  counts[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(x, std::memory_order_relaxed);
}

void histogram_cell::observe(nanoseconds t) noexcept {
  const auto x = std::clamp(t.count(), -most_ticks, most_ticks);
  const auto width = x > 0 ? std::bit_width(static_cast<std::uint64_t>(x)) : 0;
  std::size_t bucket = first_bucket_[static_cast<std::size_t>(width)];
  while (x > time_bounds_[bucket]) ++bucket;
  counts[bucket].fetch_add(1, std::memory_order_relaxed);
  const auto sum = sum_of_times_.fetch_add(x, std::memory_order_relaxed) + x;
  if (sum > most_ticks || sum < -most_ticks) [[unlikely]]  // it does not overflow
    sum_.fetch_add(in_seconds(sum_of_times_.exchange(0, std::memory_order_relaxed)), std::memory_order_relaxed);
}

double histogram_cell::sum() const noexcept {
  return sum_.load(std::memory_order_relaxed) + in_seconds(sum_of_times_.load(std::memory_order_relaxed));
}

}  // namespace detail

void counter::raise_to(std::uint64_t n) const noexcept {
  if (!cell_) return;
  auto now = cell_->load(std::memory_order_relaxed);
  while (now < n && !cell_->compare_exchange_weak(now, n, std::memory_order_relaxed)) {}
}

std::uint64_t histogram::count() const noexcept {
  std::uint64_t n = 0;
  if (cell_)
    for (std::size_t i = 0; i <= cell_->bounds.size(); ++i) n += cell_->counts[i].load(std::memory_order_relaxed);
  return n;
}

std::vector<double> default_bounds() {
  return {50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1, 2.5, 5, 10};
}

namespace {

constexpr std::size_t most_series = 1000, longest_label_value = 200;

bool is_name(std::string_view name, std::string_view also) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", digits = "0123456789";
  const auto is_in = [](char c, std::string_view set) { return set.find(c) != set.npos; };
  const auto allowed = [&](char c) { return is_in(c, letters) || is_in(c, digits) || is_in(c, also); };
  return !name.empty() && !is_in(name.front(), digits) && std::all_of(name.begin(), name.end(), allowed);
}

// Valid UTF-8: one invalid byte would make the whole page unreadable.
std::string as_utf8(std::string_view text) {
  auto clean = from_json<std::string>(to_json(std::string{text}));
  return clean ? std::move(*clean) : std::string{};
}

// A help text in the page's escaped form; the serializer escapes label values, but not the help text.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
std::string escaped_help(std::string_view help) {
  std::string out;
  for (const char c : help) {
    if (c == '\\') out += "\\\\";
    else if (c == '\n') out += "\\n";
    else out += c == '\r' ? ' ' : c;
  }
  return out;
}

// The sample names that a metric writes: a histogram has three, whose suffixes may occur in another metric's name.
std::vector<std::string> sample_names(const std::string& name, prometheus::MetricType type) {
  if (type != prometheus::MetricType::Histogram) return {name};
  return {name, name + "_bucket", name + "_sum", name + "_count"};
}

// Sorted, with readable values.
metric_labels usable(metric_labels labels, std::string_view metric) {
  for (auto& [name, value] : labels) {
    if (!is_name(name, "_") || name.starts_with("__") || name == "le")
      throw std::logic_error{"metric " + std::string{metric} + ": \"" + name + "\" can not be the name of a label"};
    if (value.size() > longest_label_value) value.resize(longest_label_value);
    value = as_utf8(value);
  }
  std::sort(labels.begin(), labels.end());
  const auto same_name = [](const auto& a, const auto& b) { return a.first == b.first; };
  if (std::adjacent_find(labels.begin(), labels.end(), same_name) != labels.end())
    throw std::logic_error{"metric " + std::string{metric} + " has the same label twice"};
  return labels;
}

using prometheus::MetricType;

struct series {
  std::atomic<std::uint64_t> count{0};
  std::atomic<double> level{0};
  std::unique_ptr<detail::histogram_cell> buckets;
};

struct family {
  std::string help;
  MetricType type;
  std::vector<double> bounds;
  std::map<metric_labels, series> all;  // a map never moves its cells
};

metric_point read(const metric_labels& labels, const series& s, MetricType type) {
  metric_point p{labels, 0, 0, {}};
  if (type == MetricType::Counter) p.count = s.count.load(std::memory_order_relaxed);
  if (type == MetricType::Gauge) p.value = s.level.load(std::memory_order_relaxed);
  if (type != MetricType::Histogram) return p;
  for (std::size_t i = 0; i <= s.buckets->bounds.size(); ++i)
    p.buckets.push_back(s.buckets->counts[i].load(std::memory_order_relaxed));
  p.value = s.buckets->sum();
  return p;
}

prometheus::ClientMetric as_prometheus(const metric_point& p, const std::vector<double>& bounds) {
  prometheus::ClientMetric m;
  for (const auto& [name, value] : p.labels) m.label.push_back({name, value});
  m.counter.value = static_cast<double>(p.count);
  m.gauge.value = p.value;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < p.buckets.size(); ++i) {
    sum += p.buckets[i];
    m.histogram.bucket.push_back({sum, i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity()});
  }
  m.histogram.sample_count = sum;
  m.histogram.sample_sum = p.value;
  return m;
}

metric_kind kind_of(MetricType type) {
  return type == MetricType::Counter ? metric_kind::counter
         : type == MetricType::Gauge ? metric_kind::gauge
                                     : metric_kind::histogram;
}

MetricType as_prometheus(metric_kind kind) {
  return kind == metric_kind::counter ? MetricType::Counter
         : kind == metric_kind::gauge ? MetricType::Gauge
                                      : MetricType::Histogram;
}

}  // namespace

struct metrics_registry::state {
  mutable std::mutex lock;
  std::map<std::string, family, std::less<>> families;
  std::map<std::string, std::string> owner_of_sample;  // Prometheus refuses a page with a duplicate sample
  std::vector<std::function<void()>> before;

  series& find(std::string_view name, std::string_view help, MetricType type, metric_labels labels, std::vector<double> bounds) {
    if (!is_name(name, "_:")) throw std::logic_error{"\"" + std::string{name} + "\" can not be the name of a metric"};
    labels = usable(std::move(labels), name);
    const std::lock_guard guard{lock};
    if (!families.contains(name)) claim_samples(std::string{name}, type);
    auto& f = families.try_emplace(std::string{name}, family{as_utf8(help), type, bounds, {}}).first->second;
    if (f.type != type || f.bounds != bounds)
      throw std::logic_error{"metric " + std::string{name} + " exists already, with another type or other bounds"};
    if (f.all.size() >= most_series && !f.all.contains(labels))
      for (auto& label : labels) label.second = "other";
    auto& s = f.all[std::move(labels)];
    if (type == MetricType::Histogram && !s.buckets) s.buckets = std::make_unique<detail::histogram_cell>(std::move(bounds));
    return s;
  }

  void claim_samples(const std::string& name, MetricType type) {
    const auto samples = sample_names(name, type);
    for (const auto& sample : samples)
      if (const auto taken = owner_of_sample.find(sample); taken != owner_of_sample.end())
        throw std::logic_error{"metric " + name + ": its sample " + sample + " belongs to metric " + taken->second};
    for (const auto& sample : samples) owner_of_sample.emplace(sample, name);
  }
};

metrics_registry::metrics_registry() : state_{std::make_unique<state>()} {}
metrics_registry::~metrics_registry() = default;

banyan::counter metrics_registry::counter(std::string_view name, std::string_view help, metric_labels labels) {
  return banyan::counter{state_->find(name, help, MetricType::Counter, std::move(labels), {}).count};
}

banyan::gauge metrics_registry::gauge(std::string_view name, std::string_view help, metric_labels labels) {
  return banyan::gauge{state_->find(name, help, MetricType::Gauge, std::move(labels), {}).level};
}

banyan::histogram metrics_registry::histogram(std::string_view name, std::string_view help, metric_labels labels,
                                              std::vector<double> bounds) {
  const bool ascending = std::adjacent_find(bounds.begin(), bounds.end(), std::greater_equal<>{}) == bounds.end();
  const bool finite = std::all_of(bounds.begin(), bounds.end(), [](double b) { return std::isfinite(b); });
  if (!ascending || !finite) throw std::logic_error{"metric " + std::string{name} + ": bounds are finite and ascend"};
  return banyan::histogram{*state_->find(name, help, MetricType::Histogram, std::move(labels), std::move(bounds)).buckets};
}

void metrics_registry::before_reading(std::function<void()> f) {
  const std::lock_guard guard{state_->lock};
  state_->before.push_back(std::move(f));
}

std::vector<metric_family> metrics_registry::read() const {
  std::vector<std::function<void()>> before;
  {
    const std::lock_guard guard{state_->lock};
    before = state_->before;
  }
  for (const auto& f : before) f();  // without the lock: they may create metrics
  std::vector<metric_family> found;
  const std::lock_guard guard{state_->lock};
  for (const auto& [name, f] : state_->families) {
    metric_family out{name, f.help, kind_of(f.type), {}, {}};
    if (out.kind == metric_kind::histogram) out.bounds = f.bounds;
    for (const auto& [labels, s] : f.all) out.points.push_back(banyan::read(labels, s, f.type));
    found.push_back(std::move(out));
  }
  return found;
}

std::string metrics_registry::text() const {
  std::vector<prometheus::MetricFamily> page;
  for (const auto& f : read()) {
    prometheus::MetricFamily out{f.name, escaped_help(f.help), as_prometheus(f.kind), {}};
    for (const auto& p : f.points) out.metric.push_back(as_prometheus(p, f.bounds));
    page.push_back(std::move(out));
  }
  return prometheus::TextSerializer{}.Serialize(page);
}

}  // namespace banyan
