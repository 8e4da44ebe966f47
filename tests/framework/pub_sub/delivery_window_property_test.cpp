// Random journals, keys and orders of acknowledgement, against a model that remembers everything and computes it anew each time.
#include <banyan/pub_sub/delivery_window.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

using namespace banyan;

namespace {

struct model {
  position start = 0, read = 0;
  std::map<position, std::string> keys;   // all that was ever added
  std::set<position> acknowledged;

  bool is_open(position at) const { return keys.contains(at) && !acknowledged.contains(at); }
  std::optional<position> first_open(const std::string& key) const {
    for (auto& [at, k] : keys)
      if (k == key && is_open(at)) return at;
    return std::nullopt;
  }
  std::size_t open() const { return keys.size() - acknowledged.size(); }
  position checkpoint() const {
    for (auto& [at, k] : keys)
      if (is_open(at)) return at - 1;
    return std::max(start, read);
  }
};

}  // namespace

TEST_CASE("a delivery window does what the naive model does, whatever the order of acknowledgements") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto below = [&](std::uint64_t n) { return random() % n; };
    const auto start = static_cast<position>(below(1000));
    const auto capacity = 1 + below(20);
    delivery_window w{start, capacity};
    model m{start, start, {}, {}};
    std::vector<position> delivered;                    // handed out, not acknowledged
    std::map<std::string, std::vector<position>> seen;  // order of delivery, per key
    position next = start;
    auto hand_out = [&](position at) {
      delivered.push_back(at);
      seen[m.keys.at(at)].push_back(at);
    };
    for (int step = 0; step < 300; ++step) {
      auto before = w.checkpoint();
      auto what = below(5);
      if (what < 2 && w.free_capacity() > 0) {
        next += 1 + static_cast<position>(below(3));
        auto key = std::string(1, static_cast<char>('a' + below(4)));
        auto at_once = !m.first_open(key);
        m.keys[next] = key;
        m.read = next;
        REQUIRE(w.add(next, key) == at_once);
        if (at_once) hand_out(next);
      } else if (what == 2) {
        next += static_cast<position>(below(3));
        m.read = next;
        w.read_to(next);
      } else if (!delivered.empty()) {
        auto i = static_cast<std::ptrdiff_t>(below(delivered.size()));
        auto at = delivered[static_cast<std::size_t>(i)];
        delivered.erase(delivered.begin() + i);
        m.acknowledged.insert(at);
        auto follows = w.acknowledge(at);
        REQUIRE(follows == m.first_open(m.keys.at(at)));
        if (follows) hand_out(*follows);
        REQUIRE(w.acknowledge(at) == std::nullopt);
      }
      REQUIRE(w.checkpoint() == m.checkpoint());
      REQUIRE(w.checkpoint() >= before);
      REQUIRE(w.open() == m.open());
      REQUIRE(w.free_capacity() == (capacity > m.open() ? capacity - m.open() : 0));
      REQUIRE(w.last_read() == m.read);
    }
    for (auto& [key, order] : seen) REQUIRE(std::is_sorted(order.begin(), order.end()));
  }
}
