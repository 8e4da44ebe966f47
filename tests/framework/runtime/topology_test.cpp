#include <banyan/runtime/topology.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

TEST_CASE("the tree shows who is below whom, and numbered actors without a story as one line") {
  topology_report r;
  r.crashes = 1;
  r.restarts = 3;
  r.actors.push_back({1, 0, "orders", "running", 0, {}});
  for (std::uint64_t i = 0; i < 12; ++i) r.actors.push_back({10 + i, 1, "shard.order." + std::to_string(i), "running", 0, {}});
  r.actors[3].phase = "restarting";
  r.actors[3].restarts = 2;
  r.actors[3].last_cause = "internal: no luck";
  r.actors[3].message = "place_order";
  r.actors[3].down_for = 0.4;
  r.actors[3].restart_in = 2.34;
  r.actors[5].restarts = 1;
  r.actors.push_back({30, 1, "projection.sales", "running", 0, {}});
  for (std::uint64_t i = 0; i < 4; ++i) r.actors.push_back({40 + i, 0, "edge/" + std::to_string(i), "running", 0, {}});
  CHECK(to_tree(r) == R"(18 actors: 1 crash, 3 restarts
├─ orders                 running
│  ├─ shard.order.* (10)  running
│  ├─ shard.order.2       restarting  2 restarts, last: internal: no luck (on place_order), waiting for restart in 2.3 s
│  ├─ shard.order.4       running     1 restart
│  └─ projection.sales    running
└─ edge/* (4)             running
)");
}

TEST_CASE("a part that is down with others, or whose restart nobody can tell, shows for how long") {
  topology_report r;
  r.actors.push_back({1, 0, "store", "suspended", 0, {}});
  r.actors[0].down_for = 12.06;
  CHECK(to_tree(r) == "1 actor: 0 crashes, 0 restarts\n└─ store  suspended   0 restarts, down for 12.1 s\n");
}

TEST_CASE("one numbered actor keeps its name, and so does one that has others below it") {
  topology_report r;
  r.actors = {{1, 0, "pool.0", "running", 0, {}}, {2, 0, "pool.1", "running", 0, {}}, {3, 2, "worker.7", "running", 0, {}}};
  CHECK(to_tree(r) == R"(3 actors: 0 crashes, 0 restarts
├─ pool.0       running
└─ pool.1       running
   └─ worker.7  running
)");
}

TEST_CASE("an actor below one that is not listed is shown as a root, and a ring of them not at all") {
  topology_report r;
  r.actors = {
      {5, 99, "orphan", "running", 0, {}}, {6, 7, "a", "running", 0, {}}, {7, 6, "b", "running", 0, {}}, {8, 8, "own", "running", 0, {}}};
  CHECK(to_tree(r) == "4 actors: 0 crashes, 0 restarts\n└─ orphan  running\n");
}

TEST_CASE("names that only look numbered stay what they are") {
  topology_report r;
  r.actors = {
      {1, 0, "v2", "running", 0, {}}, {2, 0, "v3", "running", 0, {}}, {3, 0, "42", "running", 0, {}}, {4, 0, "a.", "running", 0, {}}};
  CHECK(to_tree(r) == R"(4 actors: 0 crashes, 0 restarts
├─ v2  running
├─ v3  running
├─ 42  running
└─ a.  running
)");
}
