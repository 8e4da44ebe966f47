// What every journal does with appends, commands and watchers, whichever engine it is.
#include <tests/conformance/journal_lists.hpp>

#include <atomic>
#include <condition_variable>
#include <limits>
#include <mutex>

using namespace journal_test;

TEST_CASE("An append is read back as it was written, with its coordinates") {
  on_every_engine([](journal& j) {
    auto e = event(1, R"({"sku":"A1"})", "orders.placed");
    e.schema = 3;
    e.metadata = {id(7), id(8), "alice", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
    const auto answer = append(j, to("order-1", expected::no_stream(), {e, event(2, std::string("with\0nul", 8))})).value();
    CHECK(answer.last == 2);
    CHECK_FALSE(answer.repeated);
    CHECK_FALSE(answer.stored_command);
    REQUIRE(answer.streams.size() == 1);
    CHECK(answer.streams[0].stream == "order-1");
    CHECK(answer.streams[0].version == 2);
    CHECK(answer.streams[0].positions == list_of{1, 2});

    const auto events = read_stream(j, {.stream = "order-1"}).value();
    REQUIRE(events.size() == 2);
    CHECK(events[0].id == e.id);
    CHECK(events[0].type == "orders.placed");
    CHECK(events[0].schema == 3);
    CHECK(events[0].payload == e.payload);
    CHECK(events[0].metadata.correlation == id(7));
    CHECK(events[0].metadata.causation == id(8));
    CHECK(events[0].metadata.actor == "alice");
    CHECK(events[0].metadata.trace == e.metadata.trace);
    CHECK(events[0].stream == "order-1");
    CHECK(events[0].recorded_at > instant{});
    CHECK(events[1].version == 2);
    CHECK(events[1].position == 2);
    CHECK(events[1].payload == std::string("with\0nul", 8));
    CHECK(events[1].metadata.correlation.is_nil());
    CHECK(events[1].metadata.actor.empty());
    CHECK(events[1].recorded_at >= events[0].recorded_at);
  });
}

TEST_CASE("Every kind of expected version is checked") {
  on_every_engine([](journal& j) {
    std::uint64_t n = 0;
    const auto attempt = [&](const std::string& stream, expected e) { return append(j, to(stream, e, {event(++n)})); };

    refused_as(attempt("s", expected::stream_exists()), code::conflict, "wrong_version");
    refused_as(attempt("s", expected::exact(1)), code::conflict, "wrong_version");
    CHECK(attempt("s", expected::no_stream()));
    refused_as(attempt("s", expected::no_stream()), code::conflict, "wrong_version");
    refused_as(attempt("s", expected::exact(0)), code::conflict, "wrong_version");
    CHECK(attempt("s", expected::exact(1)));
    refused_as(attempt("s", expected::exact(1)), code::conflict, "wrong_version");
    refused_as(attempt("s", expected::exact(3)), code::conflict, "wrong_version");
    refused_as(attempt("s", expected::exact(-1)), code::conflict, "wrong_version");
    CHECK(attempt("s", expected::stream_exists()));
    CHECK(attempt("s", expected::any()));
    CHECK(attempt("t", expected::exact(0)));
    CHECK(attempt("u", expected::any()));

    const auto conflict = attempt("s", expected::exact(9)).error();
    CHECK(conflict.message == "stream s is at version 4, expected version 9");
    CHECK(info(j).value().head == 6);
    CHECK(positions(read_all(j).value()) == list_of{1, 2, 3, 4, 5, 6});
  });
}

TEST_CASE("An append that names the event before it is accepted only after that very event") {
  on_every_engine([](journal& j) {
    const auto attempt = [&](expected e, std::uint64_t n) { return append(j, to("s", e, {event(n), event(n + 1)})); };
    refused_as(attempt(expected::after(0, id(7)), 100), code::conflict, "wrong_version");
    refused_as(attempt(expected::after(2, id(2)), 100), code::conflict, "wrong_version");
    CHECK(attempt(expected::after(0, {}), 1));
    refused_as(attempt(expected::after(0, {}), 100), code::conflict, "wrong_version");
    refused_as(attempt(expected::after(2, {}), 100), code::conflict, "wrong_version");
    refused_as(attempt(expected::after(2, id(1)), 100), code::conflict, "wrong_version");
    refused_as(attempt(expected::after(1, id(1)), 100), code::conflict, "wrong_version");
    refused_as(attempt(expected::after(1, id(2)), 100), code::conflict, "wrong_version");
    refused_as(attempt(expected::after(3, id(2)), 100), code::conflict, "wrong_version");
    CHECK(append(j, to("other", expected::any(), {event(50)})));
    refused_as(attempt(expected::after(2, id(50)), 100), code::conflict, "wrong_version");
    CHECK(attempt(expected::after(2, id(2)), 3));
    CHECK(attempt(expected::after(0, {}), 1).value().repeated);

    const auto conflict = attempt(expected::after(4, id(9)), 100).error();
    CHECK(conflict.message ==
          "stream s is at version 4 with event " + to_string(id(4)) + ", expected version 4 with event " + to_string(id(9)));
    // A condition alone, and one on a stream that is not written.
    CHECK(append(j, to("s", expected::after(4, id(4)), {})));
    append_request r;
    r.writes = {{"t", expected::no_stream(), {event(60)}}, {"s", expected::after(4, id(3)), {}}};
    refused_as(append(j, r), code::conflict, "wrong_version");
    r.writes[1].condition = expected::after(4, id(4));
    CHECK(append(j, r));
  });
}

TEST_CASE("Of appends sent without waiting none is accepted behind a stranger in its predecessor's place") {
  on_every_engine([](journal& j) {
    append(j, to("s", expected::no_stream(), {event(1)})).value();
    std::vector<std::promise<std::string>> answers(5);
    const auto send = [&](std::size_t i, append_request r) {
      j.append(std::move(r), [&, i](result<append_result> a) { answers[i].set_value(a ? "" : a.error().reason); });
    };
    send(0, to("s", expected::any(), {event(90)}));
    send(1, to("s", expected::after(1, id(1)), {event(2)}));
    send(2, to("s", expected::after(2, id(2)), {event(3)}));  // the version is right, the event is not
    send(3, to("s", expected::after(2, id(90)), {event(4)}));
    send(4, to("s", expected::after(3, id(4)), {event(5)}));
    std::vector<std::string> reasons;
    for (auto& a : answers) reasons.push_back(a.get_future().get());
    CHECK(reasons == std::vector<std::string>{"", "wrong_version", "wrong_version", "", ""});
    CHECK(load(j, {.stream = "s"}).value().last_event == id(5));
  });
}

TEST_CASE("Repeating an append changes nothing and answers the original positions, even when the expectation no longer holds") {
  on_every_engine([](journal& j) {
    for (const auto condition : {expected::no_stream(), expected::any(), expected::exact(0)}) {
      const auto stream = "s" + std::to_string(info(j).value().head);
      const auto n = 100 * static_cast<std::uint64_t>(info(j).value().head + 1);
      const auto request = to(stream, condition, {event(n), event(n + 1)});
      const auto first = append(j, request).value();
      append(j, to(stream, expected::any(), {event(n + 50)})).value();

      const auto again = append(j, request).value();
      CHECK(again.repeated);
      CHECK(again.streams[0].positions == first.streams[0].positions);
      CHECK(again.streams[0].version == 2);
      CHECK(again.last == first.last);
      CHECK(load(j, {.stream = stream}).value().version == 3);
    }
  });
}

TEST_CASE("A repeated append over several streams answers all of its positions") {
  on_every_engine([](journal& j) {
    append(j, to("c", expected::any(), {event(90)})).value();
    append_request r;
    r.writes = {
        {"a", expected::no_stream(), {event(1), event(2)}}, {"b", expected::no_stream(), {event(3)}}, {"c", expected::exact(1), {}}};
    const auto first = append(j, r).value();
    append(j, to("c", expected::any(), {event(91)})).value();
    const auto again = append(j, r).value();
    CHECK(again.repeated);
    REQUIRE(again.streams.size() == 3);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(again.streams[i].stream == first.streams[i].stream);
      CHECK(again.streams[i].version == first.streams[i].version);
      CHECK(again.streams[i].positions == first.streams[i].positions);
    }
    CHECK(again.last == 4);
  });
}

TEST_CASE("An append that overlaps partly with what is there, or with another stream, is a conflict and leaves no trace") {
  on_every_engine([](journal& j) {
    append(j, to("s", expected::any(), {event(1), event(2), event(3)})).value();
    refused_as(append(j, to("s", expected::any(), {event(3), event(4)})), code::conflict, "event_id_reused");
    refused_as(append(j, to("s", expected::any(), {event(4), event(3)})), code::conflict, "event_id_reused");
    refused_as(append(j, to("s", expected::exact(0), {event(4), event(3)})), code::conflict, "event_id_reused");
    refused_as(append(j, to("other", expected::any(), {event(1)})), code::conflict, "event_id_reused");
    refused_as(append(j, to("other", expected::any(), {event(9), event(1)})), code::conflict, "event_id_reused");
    refused_as(append(j, to("s", expected::any(), {event(2), event(1)})), code::conflict, "event_id_reused");
    refused_as(append(j, to("s", expected::any(), {event(1), event(3)})), code::conflict, "event_id_reused");
    CHECK(append(j, to("s", expected::any(), {event(2), event(3)})).value().repeated);
    CHECK(info(j).value().head == 3);
    CHECK(names(list(j).value()) == std::vector<std::string>{"s"});
    // The refused ids are free, and so is the stream.
    CHECK(append(j, to("other", expected::no_stream(), {event(9), event(4)})).value().streams[0].positions == list_of{4, 5});
    CHECK(versions(read_stream(j, {.stream = "other"}).value()) == list_of{1, 2});
  });
}

TEST_CASE("One append over several streams is all or nothing") {
  on_every_engine([](journal& j) {
    append(j, to("a", expected::any(), {event(1)})).value();
    append_request r;
    r.writes = {{"a", expected::exact(1), {event(2)}},
                {"b", expected::no_stream(), {event(3), event(4)}},
                {"c", expected::stream_exists(), {event(5)}}};
    refused_as(append(j, r), code::conflict, "wrong_version");
    CHECK(info(j).value().head == 1);
    CHECK(load(j, {.stream = "b"}).value().version == 0);

    r.writes[2].condition = expected::no_stream();
    const auto answer = append(j, r).value();
    CHECK(answer.streams[0].positions == list_of{2});
    CHECK(answer.streams[1].positions == list_of{3, 4});
    CHECK(answer.streams[2].positions == list_of{5});
    CHECK(answer.last == 5);
  });
}

TEST_CASE("A condition on a stream that is not written is checked too") {
  on_every_engine([](journal& j) {
    append(j, to("customer", expected::any(), {event(1)})).value();
    append_request r;
    r.writes = {{"order", expected::no_stream(), {event(2)}}, {"customer", expected::exact(2), {}}};
    refused_as(append(j, r), code::conflict, "wrong_version");
    r.writes[1].condition = expected::exact(1);
    const auto answer = append(j, r).value();
    CHECK(answer.streams[1].version == 1);
    CHECK(answer.streams[1].positions.empty());
    CHECK(load(j, {.stream = "customer"}).value().version == 1);
    // A condition alone is a question.
    CHECK(append(j, to("order", expected::exact(1), {})).value().last == 2);
    refused_as(append(j, to("order", expected::exact(7), {})), code::conflict, "wrong_version");
  });
}

TEST_CASE("A command is answered once: its retry gets the stored reply, the same id with other content is a conflict") {
  on_every_engine([](journal& j) {
    auto first = to("order-1", expected::no_stream(), {event(1)});
    first.command = command("order-1", 1, 42, R"({"ok":{"number":1}})");
    CHECK_FALSE(append(j, first).value().repeated);

    // The retry decided on newer state, so it wants to write something else.
    auto retry = to("order-1", expected::exact(1), {event(2)});
    retry.command = command("order-1", 1, 42, R"({"error":{}})");
    const auto again = append(j, retry).value();
    CHECK(again.repeated);
    REQUIRE(again.stored_command);
    CHECK(again.stored_command->reply == R"({"ok":{"number":1}})");
    CHECK(again.stored_command->fingerprint == 42);
    CHECK(again.stored_command->stream == "order-1");
    CHECK(again.streams[0].version == 1);
    CHECK(again.last == 1);
    // The exact retry gets its positions as well.
    const auto exact = append(j, first).value();
    CHECK(exact.stored_command);
    CHECK(exact.streams[0].positions == list_of{1});

    retry.command = command("order-1", 1, 43);
    refused_as(append(j, retry), code::conflict, "command_id_reused");
    // Per stream: another one may use the id.
    auto other = to("order-2", expected::no_stream(), {event(3)});
    other.command = command("order-2", 1, 43);
    CHECK_FALSE(append(j, other).value().repeated);
    CHECK(info(j).value().head == 2);
  });
}

TEST_CASE("A refused command is remembered without any event") {
  on_every_engine([](journal& j) {
    append_request r;
    r.command = command("order-1", 1, 5, R"({"error":{"reason":"out_of_stock"}})");
    const auto first = append(j, r).value();
    CHECK(first.streams.empty());
    CHECK(first.last == 0);
    CHECK(append(j, r).value().stored_command->reply == r.command->reply);
    const auto loaded = load(j, {.stream = "order-1"}).value();
    CHECK(loaded.version == 0);
    REQUIRE(loaded.commands.size() == 1);
    CHECK(loaded.commands[0].fingerprint == 5);
    CHECK(list(j).value().empty());
    // The stream still counts as not there.
    CHECK(append(j, to("order-1", expected::no_stream(), {event(1)})));
    refused_as(append(j, to("x", expected::stream_exists(), {event(2)})), code::conflict, "wrong_version");
  });
}

TEST_CASE("A command whose append is refused is not remembered") {
  on_every_engine([](journal& j) {
    append(j, to("s", expected::any(), {event(1)})).value();
    auto r = to("s", expected::no_stream(), {event(2)});
    r.command = command("s", 1);
    refused_as(append(j, r), code::conflict, "wrong_version");
    r.writes[0].condition = expected::exact(1);
    CHECK_FALSE(append(j, r).value().repeated);
  });
}

TEST_CASE("A malformed append is refused with the field that is wrong") {
  on_every_engine([](journal& j) {
    const auto field_of = [&](append_request r) {
      const auto answer = append(j, std::move(r));
      REQUIRE(answer.has_error());
      CHECK(answer.error().code == code::invalid_argument);
      return answer.error().field;
    };
    CHECK(field_of({}) == "writes");
    CHECK(field_of(to("", expected::any(), {event(1)})) == "writes[0].stream");
    CHECK(field_of(to(std::string(1025, 's'), expected::any(), {event(1)})) == "writes[0].stream");
    CHECK(field_of(to("s", expected::any(), {event(1), event(2, "{}", "")})) == "writes[0].events[1].type");
    CHECK(field_of(to("s", expected::any(), {event(1, std::string((1 << 20) + 1, 'x'))})) == "writes[0].events[0].payload");
    CHECK(field_of(to("s", expected::any(), {new_event{{}, "t", 1, "{}", {}}})) == "writes[0].events[0].id");
    CHECK(field_of(to("s", expected::any(), {event(1), event(1)})) == "writes");
    append_request twice;
    twice.writes = {{"s", expected::any(), {event(1)}}, {"t", expected::any(), {}}, {"s", expected::any(), {event(2)}}};
    CHECK(field_of(twice) == "writes");
    append_request nameless;
    nameless.command = command("", 1);
    CHECK(field_of(nameless) == "command.stream");
    append_request wide;
    for (int i = 0; i < 1001; ++i) wide.writes.push_back({"s" + std::to_string(i), expected::any(), {}});
    CHECK(field_of(wide) == "writes");
    CHECK(info(j).value().head == 0);
    CHECK(append(j, to("s", expected::any(), {event(1, std::string(1 << 20, 'x'))})));
    CHECK(read_all(j, {.limit = 10'001}).error().code == code::invalid_argument);
  });
}

TEST_CASE("A large append over a thousand streams is one unit") {
  on_every_engine([](journal& j) {
    append_request r;
    for (std::uint64_t i = 0; i < 1000; ++i)
      r.writes.push_back({"s" + std::to_string(i), expected::no_stream(), {event(2 * i), event(2 * i + 1)}});
    r.writes[0].events[0].id = id(99'999);
    const auto answer = append(j, r).value();
    CHECK(answer.last == 2000);
    CHECK(answer.streams[999].positions == list_of{1999, 2000});
    CHECK(read_all(j, {.after = 1000, .limit = 10'000}).value().size() == 1000);
  });
}

TEST_CASE("A watcher hears of commits with events, and nothing more once it is gone") {
  on_every_engine([](journal& j) {
    std::mutex mutex;
    std::condition_variable changed;
    position seen = 0;
    auto watch = j.on_commit([&](position head) {
      const auto lock = std::lock_guard{mutex};
      seen = head;
      changed.notify_all();
    });
    append(j, to("s", expected::any(), {event(1), event(2)})).value();
    {
      auto lock = std::unique_lock{mutex};
      REQUIRE(changed.wait_for(lock, std::chrono::minutes{1}, [&] { return seen == 2; }));
    }
    watch.reset();
    append(j, to("s", expected::any(), {event(3)})).value();
    CHECK(seen == 2);
  });
}

TEST_CASE("An answer may ask again, and a watcher may leave from inside its call") {
  on_every_engine([](journal& j) {
    std::promise<position> last;
    std::unique_ptr<journal::watch> watch;
    std::promise<void> left;
    std::function<void(std::uint64_t)> chain = [&](std::uint64_t n) {
      j.append(to("s", expected::exact(static_cast<version>(n - 1)), {event(n)}), [&, n](result<append_result> r) {
        if (n == 200 || !r) return last.set_value(r ? r->last : -1);
        chain(n + 1);
      });
    };
    watch = j.on_commit([&, first = true](position) mutable {
      if (!std::exchange(first, false)) return;
      watch.reset();
      left.set_value();
    });
    chain(1);
    CHECK(last.get_future().get() == 200);
    left.get_future().get();
  });
}

TEST_CASE("What was asked and not answered when the journal goes is answered") {
  for (const auto& engine : journal_engines()) {
    DYNAMIC_SECTION(engine.name) {
      const temporary_folder folder;
      auto j = engine.open(folder);
      std::atomic<int> answers{0};
      for (std::uint64_t n = 1; n <= 500; ++n) {
        j->append(to("s", expected::any(), {event(n)}), [&](result<append_result>) { ++answers; });
        j->read_all({}, [&](auto) { ++answers; });
      }
      j.reset();
      CHECK(answers == 1000);
    }
  }
}
