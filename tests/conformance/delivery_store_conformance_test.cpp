// What every delivery store does with checkpoints, letters and counts, and with those who write them.
#include <tests/conformance/delivery_store_engines.hpp>

#include <utility>

using namespace delivery_test;

TEST_CASE("a group that never ran has nothing, and can be asked before it is opened") {
  on_every_engine([](delivery_storage& storage) {
    const auto store = storage.open(fulfilment).value();
    CHECK(checkpoint(*store) == 0);
    CHECK(summarize(*store).letters == dead_letter_totals{});
    CHECK(list(*store).value().empty());
    CHECK(find(*store, 1).empty());
    const auto state = open(*store).value();
    CHECK(state.checkpoint == 0);
    CHECK_FALSE(state.began);
    CHECK(state.counts.empty());
    CHECK(state.letters == dead_letter_totals{});
    CHECK_FALSE(store->trouble());
  });
}

TEST_CASE("all of a change is stored with its checkpoint, and found when the store is opened again") {
  on_every_engine([](delivery_storage& storage) {
    delivery_counts::row row{.at = 8,
                             .refusals = 2,
                             .crashes = 1,
                             .deaths = 3,
                             .is_quarantined = true,
                             .now = delivery_counts::attempt::waiting,
                             .lived = nanoseconds{15'000'001},
                             .evidence = {.decades = 1.25, .wait = std::chrono::seconds{4}, .all_own_fault = false},
                             .cause = "it's \"odd\" \xc3\xa4"};
    {
      const auto store = storage.open(fulfilment).value();
      open(*store).value();
      const auto stored =
          commit(*store, {.checkpoint = 7, .began = 2, .given_up = {letter(5)}, .counted = {crashed_row(9), row}})
              .value();
      CHECK(stored.checkpoint == 7);
      CHECK(stored.letters == dead_letter_totals{1, listed(letter(5))});
    }
    const auto store = storage.open(fulfilment).value();
    const auto state = open(*store).value();
    CHECK(state.checkpoint == 7);
    CHECK(state.began == 2);
    CHECK(state.counts == std::vector{row, crashed_row(9)});
    CHECK(state.letters == dead_letter_totals{1, listed(letter(5))});
    CHECK(checkpoint(*store) == 7);
    CHECK(find(*store, 5) == letters{letter(5)});
  });
}

TEST_CASE("a change that is refused leaves nothing of itself") {
  on_every_engine([](delivery_storage& storage) {
    const auto store = storage.open(fulfilment).value();
    const delivery_change whole{.checkpoint = 4, .began = 1, .given_up = {letter(3)}, .counted = {crashed_row(9)}};
    CHECK(failure_of(commit(*store, whole)).reason == "store_not_open");
    CHECK(list(*store).value().empty());
    open(*store).value();
    commit(*store, {.checkpoint = 5}).value();
    CHECK(failure_of(commit(*store, whole)).code == code::invalid_argument);  // back from 5 to 4
    CHECK(list(*store).value().empty());
    const auto state = open(*store).value();
    CHECK(state.checkpoint == 5);
    CHECK_FALSE(state.began);
    CHECK(state.counts.empty());
  });
}

TEST_CASE("the same change again changes nothing more") {
  on_every_engine([](delivery_storage& storage) {
    const auto store = storage.open(fulfilment).value();
    open(*store).value();
    commit(*store, {.checkpoint = 3, .given_up = {letter(1), letter(2)}, .counted = {crashed_row(8)}}).value();
    const delivery_change change{.checkpoint = 5,
                                 .began = 1,
                                 .given_up = {letter(4)},
                                 .kept = {{{2, "e"}, 4, "still not"}},
                                 .handled = {{1, "e"}},
                                 .counted = {crashed_row(9)},
                                 .forgotten = {8}};
    const auto once = commit(*store, change).value();
    const auto again = commit(*store, change).value();
    CHECK(again.checkpoint == 5);
    CHECK(again.letters == once.letters);
    CHECK(again.letters->count == 2);
    CHECK(find(*store, 2).at(0).attempts == 4);
    const auto state = open(*store).value();
    CHECK(state.began == 1);
    CHECK(state.counts == std::vector{crashed_row(9)});
  });
}

TEST_CASE("the checkpoint may stay, and where the group began is kept") {
  on_every_engine([](delivery_storage& storage) {
    const auto store = storage.open(fulfilment).value();
    open(*store).value();
    commit(*store, {.checkpoint = 5, .began = 5}).value();
    CHECK(commit(*store, {.checkpoint = 5, .began = 7}).value().checkpoint == 5);
    CHECK(open(*store).value().began == 5);
  });
}

TEST_CASE("letters are told with the changes that have some, and with no others") {
  on_every_engine([](delivery_storage& storage) {
    const auto store = storage.open(fulfilment).value();
    open(*store).value();
    CHECK_FALSE(commit(*store, {.checkpoint = 1, .counted = {crashed_row(3)}}).value().letters);
    CHECK(commit(*store, {.checkpoint = 2, .given_up = {letter(2), letter(1)}}).value().letters ==
          dead_letter_totals{2, listed(letter(1))});
    auto kept = letter(1);
    kept.attempts = 4;
    kept.reason = "still not";
    CHECK(commit(*store, {.checkpoint = 2, .kept = {{{1, "e"}, 4, "still not"}}}).value().letters ==
          dead_letter_totals{2, listed(kept)});
    CHECK(find(*store, 1) == letters{kept});
    CHECK(commit(*store, {.checkpoint = 2, .handled = {{1, "e"}}}).value().letters ==
          dead_letter_totals{1, listed(letter(2))});
    CHECK(find(*store, 1).empty());
    CHECK(commit(*store, {.checkpoint = 2, .handled = {{2, "e"}, {7, "none"}}}).value().letters ==
          dead_letter_totals{});
  });
}

TEST_CASE("letters of several events that had one position are apart, and a page may end between them") {
  on_every_engine([](delivery_storage& storage) {
    const auto store = storage.open(fulfilment).value();
    open(*store).value();
    commit(*store, {.given_up = {letter(12, "e2", "2"), letter(12, "e1", "1"), letter(12, "e1", "once more"),
                                 letter(13, "e3")}})
        .value();
    CHECK(find(*store, 12) == letters{letter(12, "e1", "1"), letter(12, "e2", "2")});
    CHECK(list(*store, {}, 1).value().at(0).event == "e1");
    CHECK(list(*store, {12, "e1"}, 1).value().at(0).event == "e2");
    CHECK(list(*store, {12, "e2"}, 1).value().at(0).event == "e3");
    CHECK(list(*store, {13, "e3"}).value().empty());
    commit(*store, {.kept = {{{12, "e1"}, 4, "still not"}}, .handled = {{12, "e2"}}}).value();
    REQUIRE(find(*store, 12).size() == 1);
    CHECK(find(*store, 12)[0].attempts == 4);
    for (const std::size_t wrong : {std::size_t{0}, delivery_store::page + 1})
      CHECK(failure_of(list(*store, {}, wrong)).field == "limit");
    CHECK(list(*store, {}, delivery_store::page).value().size() == 2);
  });
}

TEST_CASE("a page of letters is listed, however large their payloads and their reasons are") {
  on_every_engine([](delivery_storage& storage) {
    const auto store = storage.open(fulfilment).value();
    open(*store).value();
    const std::string large(1 << 20, 'x');
    for (const bool is_payload : {true, false})
      for (position at = 1; at <= 70; ++at) {
        auto d = letter(at, is_payload ? "p" : "r", is_payload ? large : "1");
        if (!is_payload) d.reason = large;
        commit(*store, {.given_up = {d}}).value();
      }
    const auto page = list(*store, {}, 141).value();
    REQUIRE(page.size() == 140);
    CHECK(page[139].position == 70);
    for (const auto& d : page) CHECK((d.payload.empty() && d.reason.size() <= 1000));
    CHECK(find(*store, 70).at(0).payload == large);
    CHECK(find(*store, 70).at(1).reason == large);
  });
}

TEST_CASE("counts are replaced by newer ones, forgotten by name, and up to the checkpoint without") {
  on_every_engine([](delivery_storage& storage) {
    const auto store = storage.open(fulfilment).value();
    open(*store).value();
    commit(*store, {.checkpoint = 1, .counted = {crashed_row(2), crashed_row(3), crashed_row(4), crashed_row(5)}})
        .value();
    auto twice = crashed_row(4);
    twice.crashes = 2;
    commit(*store, {.checkpoint = 3, .counted = {twice}, .forgotten = {5, 17}}).value();
    CHECK(open(*store).value().counts == std::vector{twice});
    commit(*store, {.checkpoint = 3, .counted = {crashed_row(9)}, .forgotten = {9}}).value();
    CHECK(open(*store).value().counts == std::vector{twice});
    commit(*store, {.checkpoint = 4}).value();
    CHECK(open(*store).value().counts.empty());
  });
}

TEST_CASE("more counts than one statement finds are read") {
  on_every_engine([](delivery_storage& storage) {
    const auto store = storage.open(fulfilment).value();
    open(*store).value();
    delivery_change many;
    for (position at = 1; at <= 12'000; ++at) many.counted.push_back(crashed_row(at));
    commit(*store, many).value();
    CHECK(open(*store).value().counts == many.counted);
  });
}

TEST_CASE("a checkpoint beyond the journal's head, or of another epoch, is of another history: nothing is changed") {
  on_every_engine([](delivery_storage& storage) {
    const auto store = storage.open(fulfilment).value();
    open(*store).value();
    commit(*store, {.checkpoint = 9, .given_up = {letter(3)}, .counted = {crashed_row(10)}}).value();
    const auto grown = journal_history{epoch(1)}.opened(epoch(2), 9),
               forked = journal_history{epoch(1)}.opened(epoch(2), 8);
    for (const auto& [history, head] :
         {std::pair{journal_history{epoch(1)}, position{8}}, {journal_history{epoch(2)}, 9}, {forked, 20}}) {
      const auto refused = failure_of(open_for(*store, history, head));
      CHECK(refused.code == code::conflict);
      CHECK(refused.reason == "another_history");
      CHECK(refused.message.starts_with("its checkpoint, position 9, is of another history of the journal"));
      CHECK(checkpoint(*store) == 9);
      CHECK(find(*store, 3).size() == 1);
    }
    CHECK(commit(*store, {.checkpoint = 9}).value().checkpoint == 9);  // still its owner
    CHECK(open_for(*store, grown, 12).value().counts.empty());         // position 10 is of another epoch there
    commit(*store, {.checkpoint = 11}).value();
    CHECK(failure_of(open_for(*store, journal_history{epoch(1)}, 12)).reason == "another_history");
    CHECK(open_for(*store, grown, 11).value().checkpoint == 11);
    CHECK(find(*store, 3).size() == 1);
  });
}

TEST_CASE("counts beyond the checkpoint are forgotten when the furthest of them is of another history") {
  on_every_engine([](delivery_storage& storage) {
    const auto store = storage.open(fulfilment).value();
    open(*store).value();
    commit(*store, {.checkpoint = 2, .counted = {crashed_row(4), crashed_row(9)}}).value();
    CHECK(open_for(*store, journal_history{epoch(1)}, 9).value().counts.size() == 2);
    // The furthest is remembered, though its own count is gone.
    commit(*store, {.checkpoint = 2, .counted = {crashed_row(3)}, .forgotten = {9}}).value();
    const auto state = open_for(*store, journal_history{epoch(1)}, 8).value();
    CHECK(state.checkpoint == 2);
    CHECK(state.counts.empty());
    commit(*store, {.checkpoint = 2, .counted = {crashed_row(5)}}).value();  // and forgotten with them
    CHECK(open_for(*store, journal_history{epoch(1)}, 8).value().counts == std::vector{crashed_row(5)});
  });
}

TEST_CASE("whoever opens a store takes it over: the earlier owner writes no more") {
  on_every_engine([](delivery_storage& storage) {
    const auto early = storage.open(fulfilment).value();
    open(*early).value();
    commit(*early, {.checkpoint = 1}).value();
    const auto late = storage.open(fulfilment).value();
    CHECK(commit(*early, {.checkpoint = 2}).value().checkpoint == 2);  // it is there, but was not opened
    CHECK(open(*late).value().checkpoint == 2);
    const auto refused = failure_of(commit(*early, {.checkpoint = 3, .given_up = {letter(3)}}));
    CHECK(refused.code == code::conflict);
    CHECK(refused.reason == "store_taken");
    CHECK(list(*late).value().empty());
    commit(*late, {.checkpoint = 3, .given_up = {letter(2)}}).value();
    CHECK(find(*early, 2).size() == 1);
    open(*early).value();
    CHECK(failure_of(commit(*late, {.checkpoint = 4})).reason == "store_taken");
  });
}

TEST_CASE("a restart puts the checkpoint anywhere in the journal, and the store is to be opened again") {
  on_every_engine([](delivery_storage& storage) {
    const auto store = storage.open(fulfilment).value();
    open(*store).value();
    commit(*store, {.checkpoint = 9, .began = 1, .given_up = {letter(5)}, .counted = {crashed_row(12)}}).value();
    for (const position wrong : {-1, 21}) CHECK(failure_of(restart(*store, wrong, 20)).code == code::invalid_argument);
    CHECK(checkpoint(*store) == 9);
    CHECK(commit(*store, {.checkpoint = 9}).value().checkpoint == 9);
    CHECK(restart(*store, 3, 20).value() == 3);
    CHECK(failure_of(commit(*store, {.checkpoint = 4})).reason == "store_not_open");
    const auto state = open(*store).value();
    CHECK(state.checkpoint == 3);
    CHECK(state.began == 1);
    CHECK(state.counts.empty());
    CHECK(state.letters.count == 1);
    CHECK(restart(*store, 20, 20, 2).value() == 20);  // of another history, as an operator says
    CHECK(failure_of(open_for(*store, journal_history{epoch(1)}, 20)).reason == "another_history");
    CHECK(open_for(*store, journal_history{epoch(2)}, 20).value().checkpoint == 20);
    CHECK(restart(*store, 0, 20).value() == 0);
    CHECK(open_for(*store, journal_history{epoch(7)}, 20).value().checkpoint == 0);
  });
}

TEST_CASE("a restart takes the store from its owner, and a group that never ran begins with it") {
  on_every_engine([](delivery_storage& storage) {
    const auto owner = storage.open(fulfilment).value();
    open(*owner).value();
    const auto other = storage.open(fulfilment).value();
    CHECK(restart(*other, 6, 20).value() == 6);
    CHECK(failure_of(commit(*owner, {.checkpoint = 7})).reason == "store_taken");
    const auto state = open(*owner).value();
    CHECK(state.checkpoint == 6);
    CHECK(state.began == 6);
  });
}

TEST_CASE("what was acknowledged is seen by every read that follows, also from within its answer") {
  on_every_engine([](delivery_storage& storage) {
    const auto store = storage.open(fulfilment).value();
    open(*store).value();
    for (position at = 1; at <= 100; ++at) {
      REQUIRE(commit(*store, {.checkpoint = at, .given_up = {letter(at)}}).value().letters->count == at);
      REQUIRE(checkpoint(*store) == at);
      REQUIRE(find(*store, at).size() == 1);
    }
    const auto seen = answer_of<delivery_store::summary>([&](auto done) {
      store->commit({.checkpoint = 101},
                    [&, done = std::move(done)](auto) mutable { store->summarize(std::move(done)); });
    });
    CHECK(seen.value().checkpoint == 101);
    CHECK(seen.value().letters.count == 100);
  });
}

TEST_CASE("each group of each topic has a store of its own, whose name can not lead elsewhere") {
  on_every_engine([](delivery_storage& storage) {
    const delivery_options all[] = {
        {"orders.placed", "fulfilment"}, {"orders.placed", "mail"}, {"orders.paid", "fulfilment"}};
    position at = 0;
    for (const auto& of : all) {
      const auto store = storage.open(of).value();
      CHECK(open(*store).value().checkpoint == 0);
      commit(*store, {.checkpoint = ++at}).value();
    }
    for (position wanted = 1; wanted <= 3; ++wanted)
      CHECK(open(*storage.open(all[wanted - 1]).value()).value().checkpoint == wanted);
    for (const auto* name : {"../orders", "a/b", "nul\n", "\xc3\xa4"}) {
      CAPTURE(name);
      const auto refused = storage.open({name, "g"});
      REQUIRE(refused.has_error());
      CHECK(refused.error().code == code::invalid_argument);
      CHECK(storage.open({"t", name}).has_error());
    }
    CHECK(storage.open({std::string(84, 'a'), "g"}).has_error());
  });
}
