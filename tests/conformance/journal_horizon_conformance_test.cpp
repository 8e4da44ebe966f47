// How every journal forgets the answers to commands, whichever engine it is.
#include <tests/conformance/journal_lists.hpp>

#include <banyan/journal/journal_rules.hpp>

#include <map>

using namespace journal_test;
using namespace std::chrono_literals;

namespace {

// The n-th command of a stream; its id is of the stream, too.
command_record nth(const std::string& stream, std::uint64_t n) {
  return command(stream, n, n, R"({"ok":{"n":)" + std::to_string(n) + "}}");
}
append_request told(const std::string& stream, std::uint64_t n) { return {{}, nth(stream, n)}; }

void answer_commands(journal& j, const std::string& stream, std::uint64_t from, std::uint64_t to_) {
  for (auto n = from; n <= to_; ++n) append(j, told(stream, n)).value();
}

// Newest first, as an entity loads them.
list_of remembered(journal& j, const std::string& stream) {
  list_of out;
  for (const auto& c : load(j, {.stream = stream, .commands = 10'000}).value().commands)
    out.push_back(static_cast<std::int64_t>(c.fingerprint));
  return out;
}

}  // namespace

TEST_CASE("A command that is older than the horizon is forgotten, a younger one answers what is stored") {
  on_every_engine_in_time([](journal& j, still_clock& clock) {
    answer_commands(j, "orders-1", 1, 2);
    clock.at += 24h * 3;
    answer_commands(j, "orders-1", 3, 3);
    answer_commands(j, "orders-2", 1, 1);
    clock.at += 24h * 4;
    CHECK(forget_all(j, {}) == 0);  // seven days are within the horizon
    clock.at += 1ns;
    CHECK(forget_all(j, {}) == 2);
    CHECK(remembered(j, "orders-1") == list_of{3});
    CHECK(remembered(j, "orders-2") == list_of{1});

    const auto again = append(j, told("orders-1", 3)).value();
    REQUIRE(again.stored_command);
    CHECK(again.stored_command->reply == R"({"ok":{"n":3}})");
    // A forgotten one decides afresh, also with other content, and is remembered from then on.
    auto afresh = told("orders-1", 1);
    afresh.command->fingerprint = 77;
    CHECK_FALSE(append(j, afresh).value().repeated);
    CHECK(append(j, afresh).value().stored_command->fingerprint == 77);
    CHECK(remembered(j, "orders-1") == list_of{77, 3});
  });
}

TEST_CASE("Of the commands of a stream as many are remembered as the horizon says, the newest") {
  on_every_engine([](journal& j) {
    answer_commands(j, "orders-1", 1, 10);
    answer_commands(j, "orders-2", 1, 3);
    CHECK(forget_all(j, {.horizon = {.per_stream = 10}}) == 0);
    CHECK(forget_all(j, {.horizon = {.per_stream = 4}}) == 6);
    CHECK(remembered(j, "orders-1") == list_of{10, 9, 8, 7});
    CHECK(remembered(j, "orders-2") == list_of{3, 2, 1});
    CHECK_FALSE(append(j, told("orders-1", 6)).value().repeated);
    CHECK(append(j, told("orders-1", 7)).value().repeated);
    CHECK(remembered(j, "orders-1") == list_of{6, 10, 9, 8, 7});
    CHECK(forget_all(j, {.horizon = {.per_stream = 1}}) == 6);
    CHECK(remembered(j, "orders-1") == list_of{6});
    CHECK(remembered(j, "orders-2") == list_of{3});
  });
}

TEST_CASE("Forgetting a command leaves its events, which are known by their ids as before") {
  on_every_engine_in_time([](journal& j, still_clock& clock) {
    auto request = to("orders-1", expected::no_stream(), {event(1), event(2)});
    request.command = nth("orders-1", 1);
    const auto first = append(j, request).value();
    clock.at += 24h * 8;
    CHECK(forget_all(j, {}) == 1);
    const auto again = append(j, request).value();
    CHECK(again.repeated);
    CHECK_FALSE(again.stored_command);
    CHECK(again.streams[0].positions == first.streams[0].positions);
    CHECK(versions(read_stream(j, {.stream = "orders-1"}).value()) == list_of{1, 2});
    CHECK(load(j, {.stream = "orders-1"}).value().commands.empty());
    CHECK(info(j).value().streams == 1);
  });
}

TEST_CASE("A stream of which nothing but forgotten answers was stored has no event and takes commands") {
  on_every_engine_in_time([](journal& j, still_clock& clock) {
    answer_commands(j, "orders-1", 1, 1);
    clock.at += 24h * 8;
    CHECK(forget_all(j, {}) == 1);
    CHECK(list(j).value().empty());
    CHECK(info(j).value().streams == 1);
    CHECK(append(j, to("orders-1", expected::no_stream(), {event(1)})));
    answer_commands(j, "orders-1", 1, 2);
    CHECK(remembered(j, "orders-1") == list_of{2, 1});
  });
}

TEST_CASE("Only commands of the category that is named are forgotten") {
  on_every_engine([](journal& j) {
    for (const auto* stream : {"orders-1", "orders-eu-7", "order-1", "orders", "carts-1"})
      answer_commands(j, stream, 1, 3);
    CHECK(forget_all(j, {.category = "orders", .horizon = {.per_stream = 1}}) == 4);
    CHECK(remembered(j, "orders-1") == list_of{3});
    CHECK(remembered(j, "orders-eu-7") == list_of{3});
    for (const auto* stream : {"order-1", "orders", "carts-1"}) CHECK(remembered(j, stream) == list_of{3, 2, 1});
    CHECK(forget_all(j, {.category = "nothing", .horizon = {.per_stream = 1}}) == 0);
    CHECK(forget_all(j, {.horizon = {.per_stream = 1}}) == 6);
  });
}

TEST_CASE("One step forgets a bounded number of commands and says where to go on") {
  on_every_engine([](journal& j) {
    constexpr auto most = static_cast<std::int64_t>(journal_limits::forgetting);
    std::vector<std::promise<bool>> stored(static_cast<std::size_t>(2 * most + 500));
    for (std::size_t i = 0; i < stored.size(); ++i) {
      const auto stream = i % 5 == 0 ? "orders-small-" + std::to_string(i) : std::string{"orders-1"};
      j.append(told(stream, i), [&p = stored[i]](result<append_result> r) { p.set_value(r.has_value()); });
    }
    for (auto& p : stored) REQUIRE(p.get_future().get());
    forget_request r{.horizon = {.per_stream = 1}};
    std::int64_t all = 0, steps = 0;
    do {
      const auto step = forget(j, r).value();
      CHECK(step.commands <= most);
      all += step.commands;
      ++steps;
      r.from = step.next;
    } while (!r.from.empty());
    CHECK(all == 2 * most - 1);
    CHECK(steps >= 2);
    CHECK(remembered(j, "orders-1") == list_of{2 * most + 499});
  });
}

TEST_CASE("A horizon is within its bounds") {
  on_every_engine([](journal& j) {
    CHECK(forget(j, {.horizon = {.age = 0ns}}).error().field == "horizon.age");
    CHECK(forget(j, {.horizon = {.age = -1ns}}).error().field == "horizon.age");
    CHECK(forget(j, {.horizon = {.per_stream = 0}}).error().field == "horizon.per_stream");
    CHECK(forget(j, {.category = "orders-1"}).error().field == "category");
    answer_commands(j, "s", 1, 2);
    CHECK(forget_all(j, {.horizon = {.age = timespan::max(), .per_stream = std::size_t(-1)}}) == 0);
  });
}

TEST_CASE("Whatever comes and is forgotten in between, what an entity loads is what an append meets") {
  for (const auto& engine : journal_engines()) {
    DYNAMIC_SECTION(engine.name) {
      for (std::uint64_t seed = 1; seed <= engine.property_seeds; ++seed) {
        INFO("seed " << seed);
        const temporary_folder folder;
        still_clock clock;
        const auto j = engine.open_with(folder, clock);
        auto random = seeded{seed};
        std::map<std::string, std::vector<std::pair<std::uint64_t, instant>>> model;  // oldest first
        for (int step = 0; step < 120; ++step) {
          const auto stream = "s-" + std::to_string(random.below(3));
          auto& known = model[stream];
          const auto n = random.below(30);
          const auto is_n = [&](const auto& c) { return c.first == n; };
          if (random.one_in(10)) {
            const command_horizon h{.age = std::chrono::hours{1 + random.below(40)}, .per_stream = 1 + random.below(8)};
            for (auto& [name, all] : model) {
              if (all.size() > h.per_stream)
                all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(h.per_stream));
              std::erase_if(all, [&](const auto& c) { return clock.at - c.second > h.age; });
            }
            forget_all(*j, {.horizon = h});
          } else {
            const bool repeated = append(*j, told(stream, n)).value().repeated;
            REQUIRE(repeated == std::any_of(known.begin(), known.end(), is_n));
            if (!repeated) known.emplace_back(n, clock.at);
          }
          if (random.one_in(3)) clock.at += std::chrono::hours{random.below(20)};
          list_of wanted;
          for (auto c = known.rbegin(); c != known.rend(); ++c) wanted.push_back(static_cast<std::int64_t>(c->first));
          REQUIRE(remembered(*j, stream) == wanted);
        }
      }
    }
  }
}
