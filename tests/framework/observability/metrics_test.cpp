#include <banyan/observability/metrics.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <thread>

using namespace banyan;
using namespace std::chrono_literals;

namespace {
bool has_line(const std::string& page, const std::string& line) { return ("\n" + page).find("\n" + line + "\n") != std::string::npos; }
}  // namespace

TEST_CASE("a counter appears with its help, type and labels") {
  metrics_registry m;
  auto placed = m.counter("banyan_commands_total", "Commands decided.", {{"service", "orders"}, {"command", "place_order"}});
  placed.add();
  placed.add(2);
  auto page = m.text();
  CHECK(has_line(page, "# HELP banyan_commands_total Commands decided."));
  CHECK(has_line(page, "# TYPE banyan_commands_total counter"));
  CHECK(has_line(page, "banyan_commands_total{command=\"place_order\",service=\"orders\"} 3"));
}

TEST_CASE("the same name and labels are the same series, in any order") {
  metrics_registry m;
  m.counter("c_total", "", {{"a", "1"}, {"b", "2"}}).add();
  m.counter("c_total", "", {{"b", "2"}, {"a", "1"}}).add();
  CHECK(m.counter("c_total", "", {{"a", "1"}, {"b", "2"}}).value() == 2);
  CHECK(m.counter("c_total", "", {{"a", "1"}, {"b", "3"}}).value() == 0);
}

TEST_CASE("a gauge goes up and down") {
  metrics_registry m;
  auto g = m.gauge("queue_length", "");
  g.set(5);
  g.add(-1.5);
  CHECK(g.value() == 3.5);
  CHECK(has_line(m.text(), "queue_length 3.5"));
}

TEST_CASE("a counter that follows another one never falls") {
  metrics_registry m;
  auto c = m.counter("c_total", "");
  c.raise_to(7);
  c.raise_to(5);
  CHECK(c.value() == 7);
}

TEST_CASE("a histogram counts into ranges, each with its upper bound") {
  metrics_registry m;
  auto h = m.histogram("took_seconds", "", {}, {0.1, 1});
  h.observe(50ms);
  h.observe(100ms);
  h.observe(0.5);
  h.observe(30.0);
  CHECK(h.count() == 4);
  auto page = m.text();
  CHECK(has_line(page, "# TYPE took_seconds histogram"));
  CHECK(has_line(page, "took_seconds_bucket{le=\"0.1\"} 2"));
  CHECK(has_line(page, "took_seconds_bucket{le=\"1\"} 3"));
  CHECK(has_line(page, "took_seconds_bucket{le=\"+Inf\"} 4"));
  CHECK(has_line(page, "took_seconds_count 4"));
  CHECK(page.find("took_seconds_sum 30.65") != page.npos);
}

TEST_CASE("a time is counted in the same bucket as the same number of seconds") {
  const std::vector<std::vector<double>> all_bounds{
      default_bounds(), {}, {0}, {-1, 0, 1e-9, 2e-9, 3e-9}, {1e-9, 4e-9, 5e-9, 1e300}, {0.001, 0.0011, 0.0012, 0.0013}};
  std::mt19937_64 random{42};
  for (const auto& bounds : all_bounds) {
    metrics_registry m;
    const auto times = m.histogram("times", "", {}, bounds), numbers = m.histogram("numbers", "", {}, bounds);
    std::vector<std::int64_t> ticks{0,      1,      2,      3,      4,              5,             6, -1, -5,
                                    49'999, 50'000, 50'001, 10'000'000'000, 10'000'000'001};
    for (int i = 0; i < 2000; ++i) ticks.push_back(static_cast<std::int64_t>(random() >> (3 + random() % 60)));
    double sum = 0;
    for (const auto t : ticks) {
      times.observe(nanoseconds{t});
      numbers.observe(static_cast<double>(t) / 1e9);
      sum += static_cast<double>(t) / 1e9;
    }
    const auto read = m.read();
    CHECK(read.at(0).points.at(0).buckets == read.at(1).points.at(0).buckets);
    CHECK(read.at(1).points.at(0).value == Approx(sum));
  }
}

TEST_CASE("a sum of times does not overflow") {
  metrics_registry m;
  const auto h = m.histogram("took_seconds", "");
  for (int i = 0; i < 1000; ++i) h.observe(timespan::max());
  CHECK(h.count() == 1000);
  CHECK(m.read().at(0).points.at(0).value > 1e12);
  for (int i = 0; i < 3000; ++i) h.observe(nanoseconds::min());
  CHECK(m.read().at(0).points.at(0).value < -1e12);
}

TEST_CASE("what is not a number is not observed") {
  metrics_registry m;
  auto h = m.histogram("took_seconds", "");
  h.observe(std::nan(""));
  CHECK(h.count() == 0);
  h.observe(std::numeric_limits<double>::infinity());
  CHECK(h.count() == 1);
}

TEST_CASE("values of labels are escaped and made readable") {
  metrics_registry m;
  m.counter("c_total", "", {{"path", "a\"b\\c\nd"}}).add();
  m.counter("c_total", "", {{"path", "\xff"}}).add();
  m.counter("c_total", "", {{"path", std::string(10'000, 'x')}}).add();
  auto page = m.text();
  CHECK(has_line(page, R"(c_total{path="a\"b\\c\nd"} 1)"));
  CHECK(has_line(page, "c_total{path=\"\xef\xbf\xbd\"} 1"));
  CHECK(has_line(page, "c_total{path=\"" + std::string(200, 'x') + "\"} 1"));
}

TEST_CASE("a help text is one line whatever is in it") {
  metrics_registry m;
  m.counter("c_total", "First line,\nsecond \\ line.\n# TYPE c_total gauge\r\n").add();
  m.counter("d_total", "\xff \"quoted\"").add();
  auto page = m.text();
  CHECK(has_line(page, R"(# HELP c_total First line,\nsecond \\ line.\n# TYPE c_total gauge \n)"));
  CHECK(has_line(page, "# TYPE c_total counter"));
  CHECK(has_line(page, "# HELP d_total \xef\xbf\xbd \"quoted\""));  // quotes are escaped in values of labels only
  CHECK(std::count(page.begin(), page.end(), '\n') == 6);
}

TEST_CASE("two metrics never write one sample: a histogram has the suffixes _bucket, _sum and _count") {
  metrics_registry m;
  m.histogram("took_seconds", "");
  for (auto name : {"took_seconds_bucket", "took_seconds_sum", "took_seconds_count"}) CHECK_THROWS_AS(m.counter(name, ""), std::logic_error);
  m.counter("size_count", "");
  CHECK_THROWS_AS(m.histogram("size", ""), std::logic_error);
  m.gauge("size", "");
  m.counter("size_count", "").add();
  CHECK(has_line(m.text(), "size_count 1"));
}

TEST_CASE("a family that grows without bound ends in one series for the rest") {
  metrics_registry m;
  for (int i = 0; i < 3'000; ++i) m.counter("c_total", "", {{"id", std::to_string(i)}}).add();
  auto page = m.text();
  CHECK(has_line(page, "c_total{id=\"999\"} 1"));
  CHECK(has_line(page, "c_total{id=\"other\"} 2000"));
  CHECK(m.counter("c_total", "", {{"id", "5"}}).value() == 1);
}

TEST_CASE("names that Prometheus would refuse are defects") {
  metrics_registry m;
  for (auto name : {"", "a b", "1a", "ä", "a-b"}) CHECK_THROWS_AS(m.counter(name, ""), std::logic_error);
  for (auto label : {"", "a:b", "1a", "__name__", "le"}) CHECK_THROWS_AS(m.counter("c_total", "", {{label, "x"}}), std::logic_error);
  CHECK_THROWS_AS(m.counter("c_total", "", {{"a", "1"}, {"a", "2"}}), std::logic_error);
}

TEST_CASE("one name is one type with one set of bounds") {
  metrics_registry m;
  m.counter("x", "");
  CHECK_THROWS_AS(m.gauge("x", ""), std::logic_error);
  m.histogram("h", "", {}, {1, 2});
  CHECK_THROWS_AS(m.histogram("h", "", {}, {1, 3}), std::logic_error);
  CHECK_THROWS_AS(m.histogram("k", "", {}, {2, 1}), std::logic_error);
  CHECK_THROWS_AS(m.histogram("k", "", {}, {1, 1}), std::logic_error);
}

TEST_CASE("a handle made by default counts nothing") {
  counter{}.add();
  gauge{}.set(1);
  histogram{}.observe(1s);
  CHECK(counter{}.value() == 0);
  CHECK(histogram{}.count() == 0);
}

TEST_CASE("values that are asked for are set before each reading") {
  metrics_registry m;
  int length = 1;
  m.before_reading([&] { m.gauge("queue_length", "").set(length); });
  CHECK(has_line(m.text(), "queue_length 1"));
  length = 2;
  CHECK(has_line(m.text(), "queue_length 2"));
}

TEST_CASE("counting from several threads loses nothing, also while somebody reads") {
  metrics_registry m;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&m] {
      auto c = m.counter("c_total", "");
      auto h = m.histogram("h", "");
      for (int i = 0; i < 10'000; ++i) {
        c.add();
        h.observe(0.5);
      }
    });
  for (int i = 0; i < 20; ++i) (void)m.text();
  for (auto& t : threads) t.join();
  CHECK(m.counter("c_total", "").value() == 40'000);
  CHECK(m.histogram("h", "").count() == 40'000);
}
