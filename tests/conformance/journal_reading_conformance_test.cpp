// What every journal answers of what it has, whichever engine it is: loads, reads, lists.
#include <tests/conformance/journal_lists.hpp>

#include <limits>

using namespace journal_test;

TEST_CASE("Loading returns the newest commands first, up to the number asked") {
  on_every_engine([](journal& j) {
    for (std::uint64_t n = 1; n <= 5; ++n) {
      append_request r;
      r.command = command("s", 10 - n, n);  // ids fall while time goes on
      append(j, r).value();
    }
    const auto loaded = load(j, {.stream = "s", .commands = 3}).value();
    REQUIRE(loaded.commands.size() == 3);
    CHECK(loaded.commands[0].fingerprint == 5);
    CHECK(loaded.commands[2].fingerprint == 3);
    CHECK(loaded.commands[0].id == id(5, 2));
    CHECK(load(j, {.stream = "s", .commands = 0}).value().commands.empty());
  });
}

TEST_CASE("One read answers a bounded number of bytes, and reading on finds the rest") {
  on_every_engine([](journal& j) {
    const std::size_t size = 1 << 20, count = 20, most = 8;
    for (std::uint64_t n = 1; n <= count; ++n) {
      auto request = to("s", expected::any(), {event(n, std::string(size, 'x'))});
      request.command = command("s", n, n, std::string(size, 'r'));
      append(j, request).value();
    }
    std::vector<recorded_event> all;
    for (auto page = read_all(j).value(); !page.empty(); page = read_all(j, {.after = all.back().position}).value()) {
      CHECK(page.size() <= most);
      all.insert(all.end(), page.begin(), page.end());
    }
    CHECK(all.size() == count);
    CHECK(read_all(j, {.backwards = true}).value().size() == most);
    CHECK(versions(read_stream(j, {.stream = "s"}).value()) == list_of{1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(versions(read_stream(j, {.stream = "s", .from = 17}).value()) == list_of{17, 18, 19, 20});
    CHECK(versions(read_stream(j, {.stream = "s", .from = 0, .backwards = true}).value()) == list_of{20, 19, 18, 17, 16, 15, 14, 13});
    const auto loaded = load(j, {.stream = "s"}).value();
    CHECK(loaded.version == 20);
    CHECK(loaded.events.size() == most);
    CHECK(loaded.commands.size() == most);
    CHECK(loaded.commands.front().fingerprint == 20);
  });
}

TEST_CASE("A snapshot with the wanted key replaces the events up to it; any other is ignored") {
  on_every_engine([](journal& j) {
    append(j, to("s", expected::any(), {event(1), event(2), event(3)})).value();
    CHECK(save(j, {"s", 2, "layout-1", R"({"sum":2})"}).value());

    auto loaded = load(j, {.stream = "s", .snapshot_key = "layout-1"}).value();
    REQUIRE(loaded.snapshot);
    CHECK(loaded.snapshot->version == 2);
    CHECK(loaded.snapshot->state == R"({"sum":2})");
    CHECK(versions(loaded.events) == list_of{3});
    CHECK(loaded.version == 3);

    loaded = load(j, {.stream = "s", .snapshot_key = "layout-2"}).value();
    CHECK_FALSE(loaded.snapshot);
    CHECK(versions(loaded.events) == list_of{1, 2, 3});
    CHECK_FALSE(load(j, {.stream = "s"}).value().snapshot);

    CHECK_FALSE(save(j, {"s", 1, "layout-1", "{}"}).value());      // older than what is there
    CHECK_FALSE(save(j, {"s", 4, "layout-1", "{}"}).value());      // of a version that is not there
    CHECK_FALSE(save(j, {"nobody", 1, "layout-1", "{}"}).value());
    CHECK(save(j, {"s", 3, "layout-1", "{}"}).value());
    loaded = load(j, {.stream = "s", .snapshot_key = "layout-1"}).value();
    CHECK(loaded.snapshot->version == 3);
    CHECK(loaded.events.empty());
    CHECK(loaded.version == 3);
  });
}

TEST_CASE("Loading tells where the stream ends, also when no event is returned") {
  on_every_engine([](journal& j) {
    CHECK(load(j, {.stream = "s"}).value().last_event.is_nil());
    append(j, to("other", expected::any(), {event(90)})).value();
    append(j, to("s", expected::any(), {event(1), event(2)})).value();
    append(j, to("other", expected::any(), {event(91)})).value();
    save(j, {"s", 2, "key", "{}"}).value();
    const auto loaded = load(j, {.stream = "s", .snapshot_key = "key"}).value();
    CHECK(loaded.events.empty());
    CHECK(loaded.version == 2);
    CHECK(loaded.last_event == id(2));
    CHECK(loaded.position == 3);
  });
}

TEST_CASE("A stream longer than asked for is loaded in part, and read on from there") {
  on_every_engine([](journal& j) {
    constexpr version length = 25'500;
    for (std::uint64_t n = 1; n <= length; n += 500) {
      append_request r;
      auto& w = r.writes.emplace_back(stream_write{"s", expected::any(), {}});
      for (std::uint64_t i = n; i < n + 500; ++i) w.events.push_back(event(i));
      append(j, std::move(r)).value();
    }
    for (const std::size_t limit : {1u, 1000u, 10'000u}) {
      const auto loaded = load(j, {.stream = "s", .events = limit}).value();
      CHECK(loaded.events.size() == limit);
      CHECK(loaded.events.back().version == static_cast<version>(limit));
      CHECK(loaded.version == length);
      CHECK(loaded.last_event == id(length));
      CHECK(loaded.position == length);
    }
    CHECK(load(j, {.stream = "s"}).value().events.size() == 1000);
    auto events = load(j, {.stream = "s", .events = 10'000}).value().events;
    append(j, to("s", expected::after(length, id(length)), {event(length + 1)})).value();
    for (auto reached = events.back().version; reached < length; reached = events.back().version) {
      for (auto& e : read_stream(j, {.stream = "s", .from = reached + 1, .limit = 10'000}).value()) events.push_back(std::move(e));
    }
    REQUIRE(events.size() == length + 1);  // the last page has what came meanwhile
    for (std::size_t i = 0; i < events.size(); ++i) REQUIRE(events[i].version == static_cast<version>(i + 1));

    save(j, {"s", length - 3, "key", "{}"}).value();
    CHECK(versions(load(j, {.stream = "s", .snapshot_key = "key", .events = 2}).value().events) == list_of{length - 2, length - 1});
    CHECK(load(j, {.stream = "s", .events = 10'001}).error().field == "events");
    CHECK(load(j, {.stream = "s", .commands = 10'001}).error().field == "commands");
    CHECK(load(j, {.stream = "s", .events = 0}).error().field == "events");
  });
}

TEST_CASE("A stream is read forwards and backwards, from any version") {
  on_every_engine([](journal& j) {
    for (std::uint64_t n = 1; n <= 5; ++n)
      append(j, to(n % 2 ? "odd" : "even", expected::any(), {event(10 * n), event(10 * n + 1)})).value();
    const auto forwards = [&](version from, std::size_t limit) {
      return versions(read_stream(j, {.stream = "odd", .from = from, .limit = limit}).value());
    };
    const auto backwards = [&](version from, std::size_t limit) {
      return versions(read_stream(j, {.stream = "odd", .from = from, .limit = limit, .backwards = true}).value());
    };
    CHECK(forwards(1, 100) == list_of{1, 2, 3, 4, 5, 6});
    CHECK(forwards(0, 2) == list_of{1, 2});
    CHECK(forwards(-5, 1) == list_of{1});
    CHECK(forwards(5, 100) == list_of{5, 6});
    CHECK(forwards(7, 100).empty());
    CHECK(forwards(1, 0).empty());
    CHECK(backwards(0, 2) == list_of{6, 5});
    CHECK(backwards(3, 100) == list_of{3, 2, 1});
    CHECK(backwards(99, 1) == list_of{6});
    CHECK(backwards(-1, 10).empty());
    CHECK(read_stream(j, {.stream = "nobody"}).value().empty());
  });
}

TEST_CASE("All events are read forwards and backwards, from any position") {
  on_every_engine([](journal& j) {
    for (std::uint64_t n = 1; n <= 4; ++n) append(j, to("s" + std::to_string(n), expected::any(), {event(n)})).value();
    const auto read = [&](position after, std::size_t limit, bool backwards) {
      return positions(read_all(j, {.after = after, .limit = limit, .backwards = backwards}).value());
    };
    CHECK(read(0, 100, false) == list_of{1, 2, 3, 4});
    CHECK(read(2, 1, false) == list_of{3});
    CHECK(read(4, 10, false).empty());
    CHECK(read(-3, 10, false) == list_of{1, 2, 3, 4});
    CHECK(read(0, 3, true) == list_of{4, 3, 2});
    CHECK(read(3, 10, true) == list_of{2, 1});
    CHECK(read(1, 10, true).empty());
    CHECK(read(99, 1, true) == list_of{4});
    CHECK(read_all(j).value()[2].stream == "s3");
    for (const auto extreme : {std::numeric_limits<position>::min(), std::numeric_limits<position>::max()}) {
      CHECK(read(extreme, 10, false).size() == (extreme < 0 ? 4u : 0u));
      CHECK(read(extreme, 10, true).size() == (extreme < 0 ? 0u : 4u));
    }
  });
}

TEST_CASE("Streams are listed by name, by prefix, page by page") {
  on_every_engine([](journal& j) {
    std::uint64_t n = 0;
    for (const auto* s : {"order-2", "order-1", "order-10", "cart-1", "order", "orders", "\xff\xff-1", "z"})
      append(j, to(s, expected::any(), {event(++n)})).value();
    using strings = std::vector<std::string>;
    CHECK(names(list(j).value()) == strings{"cart-1", "order", "order-1", "order-10", "order-2", "orders", "z", "\xff\xff-1"});
    CHECK(names(list(j, "order-").value()) == strings{"order-1", "order-10", "order-2"});
    CHECK(names(list(j, "order-", "order-1").value()) == strings{"order-10", "order-2"});
    CHECK(names(list(j, "order-", "order-1", 1).value()) == strings{"order-10"});
    CHECK(names(list(j, "order-", "a").value()) == strings{"order-1", "order-10", "order-2"});
    CHECK(names(list(j, "order-", "p").value()).empty());
    CHECK(names(list(j, "\xff").value()) == strings{"\xff\xff-1"});
    CHECK(list(j, "none").value().empty());
    append(j, to("z", expected::any(), {event(100), event(101)})).value();
    const auto z = list(j, "z").value();
    CHECK(z[0].version == 3);
    CHECK(z[0].last_at == read_stream(j, {.stream = "z", .from = 3}).value()[0].recorded_at);
  });
}

TEST_CASE("Info tells the epoch of what is written, which is there before the first event, and status the head") {
  on_every_engine([](journal& j) {
    const auto before = info(j).value();
    REQUIRE(before.history.epochs().size() == 1);
    CHECK(before.history.contains({}, before.head));
    const auto at = append(j, to("s", expected::any(), {event(1), event(2)})).value().last;
    CHECK(j.status().head == at);
    const auto after = info(j).value();
    CHECK(after.history.epochs() == before.history.epochs());
    CHECK(after.history.contains(before.history.mark(at), after.head));
    CHECK_FALSE(after.history.contains(before.history.mark(at + 1), after.head));
    CHECK_FALSE(after.history.contains({at, id(9)}, after.head));
    CHECK(after.incomplete.empty());
  });
}

TEST_CASE("Info tells head, number of streams and an incarnation that stays") {
  on_every_engine([](journal& j) {
    const auto fresh = info(j).value();
    CHECK(fresh.head == 0);
    CHECK(fresh.streams == 0);
    CHECK_FALSE(fresh.incarnation.is_nil());
    append(j, to("s", expected::any(), {event(1), event(2)})).value();
    CHECK(info(j).value().head == 2);
    CHECK(info(j).value().streams == 1);
    CHECK(info(j).value().incarnation == fresh.incarnation);
  });
}
