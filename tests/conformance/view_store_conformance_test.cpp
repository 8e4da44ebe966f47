// What every view store does with views, checkpoints and histories, whichever way its jobs run.
#include <tests/conformance/view_store_answers.hpp>

#include <limits>

using namespace view_test;

TEST_CASE("a new view is made with its tables, at checkpoint 0") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    const auto state = open(*store).value();
    CHECK(state.checkpoint == 0);
    CHECK_FALSE(state.dropped);
    CHECK(notes(*store).empty());
    CHECK(checkpoint(*store) == 0);
  });
}

TEST_CASE("rows and checkpoint are stored together and read together") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    CHECK(add_note(*store, 7, "seven").value() == 7);
    std::vector<note> found;
    const auto at = read(*store, [&](view_reader& v) { found = v.query<note>("select id, text from notes"); });
    CHECK(at.value() == 7);
    REQUIRE(found.size() == 1);
    CHECK(found[0].text == "seven");
  });
}

TEST_CASE("a view opened again goes on where it was, and its tables are not made again") {
  on_every_engine([](view_storage& storage) {
    {
      const auto store = storage.open(notes_view).value();
      open(*store).value();
      add_note(*store, 3, "kept").value();
    }
    const auto store = storage.open(notes_view).value();
    int created = 0;
    CHECK(open(*store, [&](view_writer&) { ++created; }).value().checkpoint == 3);
    CHECK(created == 0);
    CHECK(notes(*store) == texts{"kept"});
  });
}

TEST_CASE("the checkpoint may stay but never goes back") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    add_note(*store, 5, "five").value();
    CHECK(add_note(*store, 5, "five again").value() == 5);
    CHECK(failure_of(add_note(*store, 4, "back")).code == code::invalid_argument);
    CHECK(notes(*store) == texts{"five", "five again"});
  });
}

TEST_CASE("another history of the journal empties the view and makes it anew") {
  on_every_engine([](view_storage& storage) {
    const auto everything = [](view_writer& v) {
      notes_table(v);
      v.run("create table tags(id integer primary key autoincrement, tag text unique)");
      v.run("create index by_text on notes(text)");
      v.run("create view shouted as select upper(text) from notes");
      v.run("create trigger tag_it after insert on notes begin insert into tags(tag) values (new.text); end");
      v.run("create virtual table search using fts5(text)");
      v.run("create table \"odd \"\"name\"(x)");
    };
    const auto store = storage.open(notes_view).value();
    open(*store, everything).value();
    write(*store, 9, [](view_writer& v) {
      v.run("insert into notes(text) values ('old')");
      v.run("insert into search values ('old')");
    }).value();
    CHECK(notes(*store) == texts{"old"});

    const auto state = open(*store, everything, 2).value();
    CHECK(state.checkpoint == 0);
    CHECK(state.dropped == epoch_position{9, epoch(1)});
    CHECK(checkpoint(*store) == 0);
    CHECK(notes(*store).empty());
    read(*store, [](view_reader& v) {
      CHECK(v.first<int>("select count(*) from tags") == 0);
      CHECK(v.first<int>("select count(*) from search") == 0);
    }).value();
    CHECK(add_note(*store, 1, "new").value() == 1);
  });
}

TEST_CASE("a checkpoint beyond the journal's head, or of another epoch, is of another history; one that it has is not") {
  on_every_engine([](view_storage& storage) {
    const auto grown = journal_history{epoch(1)}.opened(epoch(2), 9), forked = journal_history{epoch(1)}.opened(epoch(2), 8);
    for (const auto& [history, head] : {std::pair{journal_history{epoch(1)}, position{8}}, {journal_history{epoch(2)}, 9}, {forked, 20}}) {
      const auto store = storage.open(notes_view).value();
      open_for(*store, journal_history{epoch(1)}, 20).value();
      add_note(*store, 9, "nine").value();
      const auto state = open_for(*store, history, head).value();
      CHECK(state.checkpoint == 0);
      CHECK(state.dropped == epoch_position{9, epoch(1)});
      CHECK(notes(*store).empty());
    }
    const auto store = storage.open({.name = "kept"}).value();
    open(*store).value();
    add_note(*store, 9, "nine").value();
    CHECK(open_for(*store, grown, 12).value().checkpoint == 9);
    add_note(*store, 11, "eleven").value();
    CHECK(open_for(*store, grown, 11).value().checkpoint == 11);
    CHECK(notes(*store) == texts{"nine", "eleven"});
    CHECK(open_for(*store, journal_history{epoch(1)}, 12).value().dropped == epoch_position{11, epoch(2)});
  });
}

TEST_CASE("tables that can not be made leave the view as it was") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    add_note(*store, 2, "kept").value();
    const auto failed = open(*store, [](view_writer& v) { v.run("create tabel wrong(x)"); }, 2);
    REQUIRE(failed.has_error());
    CHECK(notes(*store) == texts{"kept"});
    CHECK(add_note(*store, 3, "still mine").value() == 3);
    CHECK(open(*store).value().checkpoint == 3);
  });
}

TEST_CASE("a view is opened before it is written to") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    CHECK(failure_of(write(*store, 1, no_tables)).reason == "view_not_open");
    CHECK(checkpoint(*store) == 0);
  });
}

TEST_CASE("whoever opens a view takes it over: the earlier owner writes no more") {
  on_every_engine([](view_storage& storage) {
    const auto early = storage.open(notes_view).value();
    open(*early).value();
    add_note(*early, 1, "by the first").value();
    const auto late = storage.open(notes_view).value();
    CHECK(open(*late).value().checkpoint == 1);
    const auto refused = failure_of(add_note(*early, 2, "by a ghost"));
    CHECK(refused.code == code::conflict);
    CHECK(refused.reason == "view_taken");
    add_note(*late, 2, "by the second").value();
    CHECK(notes(*early) == texts{"by the first", "by the second"});
    open(*early).value();
    CHECK(failure_of(add_note(*late, 3, "by a ghost")).reason == "view_taken");
  });
}

TEST_CASE("what was acknowledged is seen by every read that follows") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open({.name = "notes", .readers = 3}).value();
    open(*store).value();
    for (position at = 1; at <= 200; ++at) {
      REQUIRE(add_note(*store, at, "x").value() == at);
      std::int64_t rows = 0;
      REQUIRE(read(*store, [&](view_reader& v) { rows = *v.first<std::int64_t>("select count(*) from notes"); }).value() == at);
      REQUIRE(rows == at);
    }
  });
}

TEST_CASE("an answer may ask on") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    const auto seen = answer_of<position>([&](completion<position> done) {
      store->write([](view_writer& v) { v.run("insert into notes(text) values ('one')"); }, 1,
                   [&, done = std::move(done)](result<position>) mutable { store->read([](view_reader&) {}, std::move(done)); });
    });
    CHECK(seen.value() == 1);
  });
}

TEST_CASE("each name and each version is a view of its own") {
  on_every_engine([](view_storage& storage) {
    const auto v1 = storage.open({.name = "notes", .version = 1}).value();
    const auto v2 = storage.open({.name = "notes", .version = 2}).value();
    const auto other = storage.open({.name = "other", .version = 1}).value();
    for (auto* s : {v1.get(), v2.get(), other.get()}) open(*s).value();
    add_note(*v1, 1, "of version 1").value();
    add_note(*v2, 2, "of version 2").value();
    CHECK(notes(*v1) == texts{"of version 1"});
    CHECK(notes(*v2) == texts{"of version 2"});
    CHECK(notes(*other).empty());
  });
}

TEST_CASE("a view's name can not lead out of its folder") {
  on_every_engine([](view_storage& storage) {
    for (const auto* name : {"", "../notes", "a/b", "a.b", "nul\n", "\xc3\xa4"}) {
      CAPTURE(name);
      const auto refused = storage.open({.name = name});
      REQUIRE(refused.has_error());
      CHECK(refused.error().code == code::invalid_argument);
      CHECK(refused.error().field == "name");
    }
    CHECK(storage.open({.name = std::string(101, 'a')}).has_error());
    CHECK(storage.open({.name = "notes", .version = 0}).error().field == "version");
    CHECK(storage.open({.name = "notes", .readers = 0}).error().field == "readers");
    CHECK(storage.open({.name = "notes", .readers = 65}).error().field == "readers");
  });
}
