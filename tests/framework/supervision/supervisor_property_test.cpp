#include <tests/framework/supervision/supervised_parts.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("under random crashes no message is lost, repeated or overtaken, and all are up in the end", "[supervisor][property]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    fixture f;
    test::counting_random random{seed};
    auto o = f.group(static_cast<restart>(random.below(3)), "abcd");
    for (auto& c : o.children) c.stash_limit = 100'000;
    auto tree = *supervisor_factory::make(o);
    auto top = f.s.system.spawn(tree);
    f.take();
    std::map<char, int> sent;
    for (int i = 0; i < 300; ++i) {
      auto name = static_cast<char>('a' + random.below(4));
      auto who = tree.child(std::string(1, name));
      if (random.below(10) == 0)
        f.s.send(who, crash{});
      else
        f.s.send(who, note{sent[name]++});
      if (random.below(3) == 0) f.s.run();
      if (random.below(8) == 0) f.s.advance(nanoseconds{random.below(300'000'000)});
    }
    f.s.advance(2h);
    std::map<char, int> next;
    for (auto& w : f.seen)
      if (w[0] != '+' && w[0] != '-') REQUIRE(std::stoi(w.substr(1)) == next[w[0]]++);
    REQUIRE(next == sent);
    REQUIRE(f.s.ask(top, await_children{}).is_there());
    for (auto name : {"a", "b", "c", "d"}) REQUIRE((*f.s.ask(tree.child(name), incarnation{})).has_value());
  }
}
