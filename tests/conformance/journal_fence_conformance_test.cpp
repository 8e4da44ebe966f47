// What every journal does with partitions, fences and declared facts, whichever engine it is.
#include <tests/conformance/journal_lists.hpp>

#include <atomic>
#include <limits>
#include <thread>

using namespace journal_test;

namespace {

append_request under(fence f, append_request r) {
  r.under = std::move(f);
  return r;
}

}  // namespace

TEST_CASE("A partition that the journal does not have is refused wherever it is named") {
  on_every_engine([](journal& j) {
    auto r = to("s", expected::any(), {event(1)});
    r.part = 1;
    refused_as(append(j, r), code::invalid_argument, "no_such_partition");
    refused_as(read_all(j, {.part = 1}), code::invalid_argument, "no_such_partition");
    refused_as(seal(j, {"task", 1}, 1), code::invalid_argument, "no_such_partition");
    refused_as(token(j, "task", 7), code::invalid_argument, "no_such_partition");
    CHECK(append(j, r).error().field == "part");
    CHECK(append(j, r).error().message == "the journal has no partition 1");
    CHECK(info(j).value().partitions == 1);
    CHECK(info(j).value().head == 0);
    r.part = 0;
    CHECK(append(j, r));
  });
}

TEST_CASE("An append under a token older than the one stored is refused; under a larger one it raises it") {
  on_every_engine([](journal& j) {
    std::uint64_t n = 0;
    const auto attempt = [&](std::string scope, std::int64_t t) {
      return append(j, under({std::move(scope), t}, to("s", expected::any(), {event(++n)})));
    };
    CHECK(token(j, "shard orders/17").value() == 0);
    CHECK(attempt("shard orders/17", 0));
    CHECK(attempt("shard orders/17", 5));
    CHECK(token(j, "shard orders/17").value() == 5);
    refused_as(attempt("shard orders/17", 4), code::conflict, "fenced");
    refused_as(attempt("shard orders/17", 0), code::conflict, "fenced");
    CHECK(attempt("shard orders/17", 4).error().message ==
          "scope shard orders/17 is held under token 5, token 4 is older");
    CHECK(attempt("shard orders/17", 5));
    CHECK(attempt("shard orders/17", 6));
    refused_as(attempt("shard orders/17", 5), code::conflict, "fenced");
    // Scopes are apart from each other, and what names none is not asked.
    CHECK(attempt("shard orders/18", 1));
    CHECK(append(j, to("s", expected::any(), {event(++n)})));
    CHECK(attempt("largest", std::numeric_limits<std::int64_t>::max()));
    refused_as(attempt("largest", std::numeric_limits<std::int64_t>::max() - 1), code::conflict, "fenced");
    CHECK(info(j).value().head == 7);
  });
}

TEST_CASE("A fence is checked before every other rule") {
  on_every_engine([](journal& j) {
    seal(j, {"task", 2}).value();
    append(j, to("s", expected::any(), {event(1)})).value();
    refused_as(append(j, under({"task", 1}, to("s", expected::no_stream(), {event(2)}))), code::conflict, "fenced");
    refused_as(append(j, under({"task", 1}, to("s", expected::any(), {event(1), event(2)}))), code::conflict, "fenced");
    auto command_alone = append_request{{}, command("s", 1)};
    refused_as(append(j, under({"task", 1}, command_alone)), code::conflict, "fenced");
    refused_as(append(j, under({"task", 1}, to("s", expected::exact(1), {}))), code::conflict, "fenced");
    CHECK(append(j, under({"task", 2}, command_alone)));
  });
}

TEST_CASE("A replaced holder that repeats what is stored learns both: that it is replaced, and that it is stored") {
  on_every_engine([](journal& j) {
    auto request = under({"task", 1}, to("s", expected::no_stream(), {event(1)}));
    append(j, request).value();
    auto refusal = under({"task", 1}, append_request{{}, command("s", 1)});
    append(j, refusal).value();
    CHECK(append(j, request).value().repeated);
    seal(j, {"task", 2}).value();
    for (const auto& repeated : {request, refusal}) {
      const auto told = append(j, repeated).error();
      CHECK(told.reason == "fenced");
      CHECK(told.outcome == outcome::applied);
    }
    refused_as(append(j, under({"task", 1}, to("s", expected::any(), {event(2)}))), code::conflict, "fenced");
    CHECK(append(j, under({"task", 3}, request)).value().repeated);
    CHECK(token(j, "task").value() == 2);  // a repeat stores nothing
    CHECK(info(j).value().head == 1);
  });
}

TEST_CASE("An append that is refused for another reason does not raise the token") {
  on_every_engine([](journal& j) {
    append(j, to("s", expected::any(), {event(1)})).value();
    refused_as(append(j, under({"task", 9}, to("s", expected::no_stream(), {event(2)}))), code::conflict,
               "wrong_version");
    refused_as(append(j, under({"task", 9}, to("t", expected::any(), {event(2), event(1)}))), code::conflict,
               "event_id_reused");
    CHECK(token(j, "task").value() == 0);
    CHECK(append(j, under({"task", 1}, to("s", expected::exact(1), {}))));  // a condition alone
    CHECK(token(j, "task").value() == 1);
  });
}

TEST_CASE("A seal answers the head, can be repeated, and is refused under an older token") {
  on_every_engine([](journal& j) {
    CHECK(seal(j, {"task", 1}).value().head == 0);
    append(j, under({"task", 1}, to("s", expected::any(), {event(1), event(2)}))).value();
    CHECK(seal(j, {"task", 4}).value().head == 2);
    CHECK(seal(j, {"task", 4}).value().head == 2);
    CHECK(token(j, "task").value() == 4);
    refused_as(seal(j, {"task", 3}), code::conflict, "fenced");
    CHECK(seal(j, {"task", 3}).error().message == "scope task is held under token 4, token 3 is older");
    CHECK(token(j, "task").value() == 4);
    CHECK(seal(j, {"other", 0}).value().head == 2);
    CHECK(token(j, "other").value() == 0);
  });
}

TEST_CASE("A fence's scope and token are within their bounds, and a fact's key and value") {
  on_every_engine([](journal& j) {
    const auto field_of = [&](fence f) {
      return append(j, under(std::move(f), to("s", expected::any(), {event(1)}))).error().field;
    };
    CHECK(field_of({"", 1}) == "under.scope");
    CHECK(field_of({std::string(256, 's'), 1}) == "under.scope");
    CHECK(field_of({"\xff", 1}) == "under.scope");
    CHECK(field_of({"task", -1}) == "under.token");
    CHECK(seal(j, {"", 1}).error().field == "fence.scope");
    CHECK(seal(j, {"task", -1}).error().field == "fence.token");
    CHECK(token(j, "").error().field == "scope");
    CHECK(seal(j, {std::string(255, 's'), 1}));
    CHECK(seal(j, {"stra\u00dfe", 1}));
    CHECK(declare(j, "", "v").error().field == "key");
    CHECK(declare(j, "k", "").error().field == "value");
    CHECK(declare(j, std::string(256, 'k'), "v").error().field == "key");
    CHECK(declare(j, "k", "\xc3").error().code == code::invalid_argument);
    CHECK(declare(j, "k", std::string(255, 'v')).value());
  });
}

TEST_CASE("A declared fact stays as it was first declared; another value is refused with both") {
  on_every_engine([](journal& j) {
    CHECK(info(j).value().facts.empty());
    CHECK(declare(j, "shards/orders", "64").value());
    CHECK_FALSE(declare(j, "shards/orders", "64").value());
    refused_as(declare(j, "shards/orders", "128"), code::conflict, "declared_otherwise");
    CHECK(declare(j, "shards/orders", "128").error().message ==
          "shards/orders is 64 in this journal since it was first declared, now it is said to be 128");
    CHECK(declare(j, "shards/carts", "128").value());
    using facts = std::map<std::string, std::string>;
    CHECK(info(j).value().facts == facts{{"shards/carts", "128"}, {"shards/orders", "64"}});
    CHECK(info(j).value().head == 0);
  });
}

TEST_CASE("A journal takes a thousand facts, and says when it has no room for one more") {
  on_every_engine([](journal& j) {
    std::vector<std::promise<bool>> stored(1000);
    for (std::size_t i = 0; i < stored.size(); ++i)
      j.declare("k" + std::to_string(i), "v", [&p = stored[i]](result<bool> r) { p.set_value(r && *r); });
    for (auto& p : stored) CHECK(p.get_future().get());
    refused_as(declare(j, "one more", "v"), code::exhausted, "facts");
    CHECK_FALSE(declare(j, "k7", "v").value());
  });
}

TEST_CASE("Once a seal is answered no event is stored under an older token, however many writers race with it") {
  on_every_engine([](journal& j) {
    constexpr std::int64_t rounds = 1000;
    constexpr int writers = 3;
    std::atomic<std::int64_t> holder{1};  // the token that whoever writes believes in; it learns late of a new one
    std::atomic<std::uint64_t> ids{0}, stored{0};
    std::atomic<bool> wrong{false};
    std::vector<std::thread> threads;
    for (int w = 0; w < writers; ++w) {
      threads.emplace_back([&, stream = "writer-" + std::to_string(w)] {
        for (auto mine = holder.load(); mine <= rounds; mine = holder.load()) {
          // As many as it can under this token, until it is told that it is replaced.
          for (bool held = true; held;) {
            const auto answer =
                append(j, under({"task", mine}, to(stream, expected::any(), {event(++ids, std::to_string(mine))})));
            held = answer.has_value();
            if (held && ++stored > 0) stored.notify_all();
            if (!held && answer.error().reason != "fenced") wrong = true;
          }
          holder.wait(mine);
        }
      });
    }
    std::uint64_t stored_before = 0;
    std::vector<position> heads(static_cast<std::size_t>(rounds) + 2, 0);  // by the token that ended there
    for (std::int64_t t = 1; t <= rounds; ++t) {
      stored.wait(stored_before);  // they are at it
      heads[static_cast<std::size_t>(t)] = seal(j, {"task", t + 1}).value().head;
      stored_before = stored;
      holder = t + 1;
      holder.notify_all();
    }
    for (auto& t : threads) t.join();
    CHECK_FALSE(wrong);
    std::int64_t events = 0;
    read_page page;
    do {
      page = read_page_of(j, {.after = page.looked_to}).value();
      for (const auto& e : page.events) REQUIRE(e.position <= heads[std::stoul(e.payload)]);
      events += std::ssize(page.events);
    } while (!page.at_end);
    CHECK(events >= rounds);
  });
}
