#include <shop/latency.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <random>

using namespace std::chrono_literals;
using banyan::nanoseconds;

TEST_CASE("an empty histogram answers zero") {
  shop::latency_histogram h;
  CHECK(h.count() == 0);
  CHECK(h.percentile(0.5) == 0ns);
  CHECK(h.max() == 0ns);
  CHECK(h.mean() == 0ns);
}

TEST_CASE("one value is every percentile, exactly") {
  shop::latency_histogram h;
  h.record(123456789ns);
  for (double p : {0.0, 0.5, 0.999, 1.0}) CHECK(h.percentile(p) == 123456789ns);
  CHECK(h.mean() == 123456789ns);
}

TEST_CASE("small values are kept exactly, negative ones count as zero, huge ones do not overflow") {
  shop::latency_histogram h;
  for (int i = 0; i < 100; ++i) h.record(nanoseconds{i});
  CHECK(h.percentile(0.5) == 49ns);
  CHECK(h.percentile(0.01) == 0ns);
  CHECK(h.percentile(1) == 99ns);
  h.record(-5ns);
  CHECK(h.percentile(0) == 0ns);
  h.record(nanoseconds::max());
  CHECK(h.percentile(1) == h.max());
  CHECK(h.count() == 102);
}

TEST_CASE("percentiles are within 0.8 % of the sorted values at every scale") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    std::vector<std::int64_t> values(2000);
    for (auto& v : values) v = static_cast<std::int64_t>(std::exp(static_cast<double>(random() % 30000) / 1000.0));
    shop::latency_histogram h;
    for (auto v : values) h.record(nanoseconds{v});
    std::ranges::sort(values);
    for (double p : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      auto exact = values[static_cast<std::size_t>(std::ceil(p * 2000.0)) - 1];
      auto found = h.percentile(p).count();
      CHECK(found >= exact);
      CHECK(static_cast<double>(found - exact) <= static_cast<double>(exact) / 128.0);
    }
    CHECK(h.max().count() == values.back());
  }
}

TEST_CASE("merging equals recording in one") {
  shop::latency_histogram a, b, both;
  for (int i = 1; i < 1000; ++i) {
    auto t = nanoseconds{i * i * 37};
    (i % 3 ? a : b).record(t);
    both.record(t);
  }
  a.merge(b);
  CHECK(a.count() == both.count());
  CHECK(a.max() == both.max());
  CHECK(a.mean() == both.mean());
  for (double p : {0.1, 0.5, 0.99}) CHECK(a.percentile(p) == both.percentile(p));
}
