// What the operations page is told: the documents, and when samples are taken.
#include <tests/framework/http/a_server.hpp>
#include <tests/framework/runtime/running_node.hpp>
#include <tests/framework/runtime/the_catalog.hpp>

#include <banyan/assembly/change_signal.hpp>
#include <banyan/core/json.hpp>
#include <banyan/runtime/live_documents.hpp>
#include <banyan/runtime/live_feed.hpp>

#include <boost/json.hpp>

#include <catch2/catch.hpp>

#include <condition_variable>
#include <mutex>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

topology_actor an_actor(std::uint64_t id, std::uint64_t parent, std::string name) {
  return {id, parent, std::move(name), "running"};
}

// Counts samples, and waits for them.
class samples {
 public:
  live_feed::sampler sampler() {
    return [this](event_channel& to, look what) {
      const std::lock_guard guard{lock_};
      ++(what == look::everything ? all_ : inspections_);
      to.publish("tick", "tick", std::to_string(all_ + inspections_));
      changed_.notify_all();
    };
  }
  bool come(int all, int inspections) {
    std::unique_lock guard{lock_};
    return changed_.wait_for(guard, raw::patience, [&] { return all_ >= all && inspections_ >= inspections; });
  }
  int all() {
    const std::lock_guard guard{lock_};
    return all_;
  }

 private:
  std::mutex lock_;
  std::condition_variable changed_;
  int all_ = 0, inspections_ = 0;
};

}  // namespace

TEST_CASE("actors of a kind that never crashed are one line with their number, others have their own", "[live]") {
  topology_report r;
  r.actors = {an_actor(1, 0, "orders"), an_actor(2, 1, "shard.order.0"), an_actor(3, 1, "shard.order.1"),
              an_actor(4, 1, "shard.order.2"), an_actor(5, 1, "clock")};
  r.actors[2].restarts = 1;
  r.actors[2].last_cause = "internal: no luck";
  r.actors[2].restart_in = 0.123;
  r.crashes = 1;
  const auto f = folded(r);
  REQUIRE(f.actors.size() == 4);
  CHECK(f.actors[1].name == "shard.order.");
  CHECK(f.actors[1].count == 2);
  CHECK(f.actors[2].name == "shard.order.1");
  CHECK(f.actors[2].count == 1);
  CHECK(f.actors[2].restart_in == Approx(0.2));
  CHECK(f.total == 5);
  CHECK(f.crashes == 1);
}

TEST_CASE("a topology has at most so many lines, and says how many are left out", "[live]") {
  topology_report r;
  for (std::uint64_t i = 1; i <= 2500; ++i)
    r.actors.push_back(
        an_actor(i, 0, "service_" + std::string(1, static_cast<char>('a' + i % 26)) + std::to_string(i) + "x"));
  const auto f = folded(r);
  CHECK(f.actors.size() == 2000);
  CHECK(f.omitted == 500);
  CHECK(f.total == 2500);
}

TEST_CASE("metrics are told by family, with sums and counts of histograms and without their buckets", "[live]") {
  metrics_registry m;
  m.counter("a_total", "A.", {{"of", "say \"x\", {y}"}}).add(3);
  m.gauge("level", "L.").set(0.5);
  m.histogram("took_seconds", "T.", {{"view", "v"}}).observe(0.25);
  const auto all = metric_documents(m.text());
  REQUIRE(all.size() == 3);
  CHECK(all[0].first == "a_total");
  const auto a = parse_json(all[0].second);
  REQUIRE(a);
  CHECK(a->at("name") == "a_total");
  CHECK(a->at("series").as_object().begin()->key() == R"(of="say \"x\", {y}")");
  CHECK(a->at("series").as_object().begin()->value().to_number<double>() == 3);
  CHECK(parse_json(all[1].second)->at("series").at("").to_number<double>() == 0.5);
  CHECK(all[2].first == "took_seconds");
  const auto took = parse_json(all[2].second)->at("series").as_object();
  CHECK(took.size() == 2);
  CHECK(took.at(R"(view="v")").to_number<double>() == 1);
  CHECK(took.at(R"(sum:view="v")").to_number<double>() == 0.25);
  CHECK(metric_documents("").empty());
  CHECK(metric_documents("no value\n# a comment\n").empty());
}

TEST_CASE("an inspection that is no JSON, or too large, is told as unfit and breaks no event", "[live]") {
  CHECK(inspection_document("a", R"({"x":1})") == R"({"name":"a","content":{"x":1}})");
  CHECK(inspection_document("a\"b", "[]") == R"({"name":"a\"b","content":[]})");
  CHECK(inspection_document("a", "{") == R"({"name":"a","unfit":"it is not JSON"})");
  CHECK(inspection_document("a", '"' + std::string(70'000, 'x') + '"') ==
        R"({"name":"a","unfit":"it is larger than 64 KiB"})");
}

TEST_CASE("samples are taken while somebody looks, and the first looker gets a fresh one", "[live]") {
  samples s;
  live_feed feed{s.sampler(), 1ms};
  CHECK_FALSE(feed.is_sampling());
  feed.notify();
  auto one = feed.reader();
  CHECK(s.come(3, 0));
  auto two = feed.reader();
  one.reset();
  const auto seen = s.all();
  CHECK(s.come(seen + 2, 0));
  two.reset();
  CHECK(soon([&] { return !feed.is_sampling(); }));
  const auto last = s.all();
  auto again = feed.reader();
  CHECK(s.come(last + 1, 0));
  CHECK(soon([&] { return again->take({}).find(": " + std::to_string(last)) == std::string::npos; }));
}

TEST_CASE("a notification is followed by a sample of the inspections at once", "[live]") {
  samples s;
  live_feed feed{s.sampler(), 1h};
  change_signal changes;
  changes.notify();
  changes.listen([&] { feed.notify(); });
  auto reader = feed.reader();
  CHECK(s.come(1, 0));
  for (int i = 1; i <= 5; ++i) {
    changes.notify();
    CHECK(s.come(1, i));
  }
  CHECK(s.all() == 1);
  changes.listen({});
  changes.notify();
}

TEST_CASE("a feed that ends ends its streams, and a sample that throws is left out", "[live]") {
  std::shared_ptr<event_reader> reader;
  std::atomic<int> samples{0};
  {
    live_feed feed{[&](event_channel& to, look) {
                     to.publish("n", "n", std::to_string(++samples));
                     throw std::runtime_error{"no memory"};
                   },
                   1ms};
    reader = feed.reader();
    CHECK(soon([&] { return samples >= 3; }));
  }
  CHECK_FALSE(reader->take({}).empty());
  CHECK(reader->ended());
}

TEST_CASE("the operations port tells whoever looks what there is, and nobody else costs a sample", "[live]") {
  running_node n{the_catalog()};
  auto client = raw::socket::connect(n.operations_port());
  client.send("GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(says(client.read_through("\r\n\r\n"), "text/event-stream"));
  CHECK(says(client.read_through("\n\n"), R"("application":"catalog")"));
  const auto health = client.read_through("\n\n");
  CHECK(health.starts_with("event: health\n"));
  CHECK(says(health, R"({"name":"projection product_search","state":)"));
  CHECK(says(client.read_through("\n\n"), R"("name":"shard.listing.","count":16)"));
  CHECK(says(client.read_through("event: tick\n"), "event: metric\n"));
  n.send("PUT", "/products/A1", lantern);
  CHECK(says(client.read_through("\"banyan_journal_appends_total\",\"series\":{\"\":1E0}}"), "event: metric\n"));
}
