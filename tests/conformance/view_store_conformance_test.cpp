// What every view store does, whichever way its jobs run.
#include <tests/conformance/view_store_engines.hpp>

#include <limits>

using namespace view_test;

namespace {

using texts = std::vector<std::string>;

struct note {
  std::int64_t id = 0;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(note, (), (id, text))

const view_options notes_view{.name = "notes"};

template <class T>
error failure_of(const result<T>& answer) {
  REQUIRE(answer.has_error());
  CHECK(answer.error().outcome == outcome::not_applied);
  return answer.error();
}
bool mentions(const error& e, std::string_view what) { return e.message.find(what) != std::string::npos; }

}  // namespace

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

TEST_CASE("a body that throws leaves neither rows nor checkpoint, and the view works on") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    add_note(*store, 1, "first").value();
    const auto after_a_row = [&](auto fail) {
      return failure_of(write(*store, 2, [=](view_writer& v) {
        v.run("insert into notes(text) values ('lost')");
        fail();
      }));
    };
    CHECK(after_a_row([] { throw std::runtime_error{"out of luck"}; }).message == "out of luck");
    CHECK(after_a_row([] { throw 42; }).code == code::internal);
    const auto refused = after_a_row([] { throw view_error{error{code::refused, "no"}.because("said_no")}; });
    CHECK(refused.code == code::refused);
    CHECK(refused.reason == "said_no");
    CHECK(notes(*store) == texts{"first"});
    CHECK(checkpoint(*store) == 1);
    CHECK(add_note(*store, 2, "second").value() == 2);
    CHECK(notes(*store) == texts{"first", "second"});
  });
}

TEST_CASE("a body that catches a failed statement keeps the rest of its transaction") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    write(*store, 1, [](view_writer& v) {
      v.run("insert into notes values (1, 'one')");
      CHECK_THROWS_AS(v.run("insert into notes values (1, 'again')"), view_error);
      v.run("insert into notes values (2, 'two')");
    }).value();
    CHECK(notes(*store) == texts{"one", "two"});
  });
}

TEST_CASE("once SQLite has rolled back, the body can write no more outside of a transaction") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    const auto failed = failure_of(write(*store, 1, [](view_writer& v) {
      v.run("insert into notes values (1, 'one')");
      CHECK_THROWS_AS(v.run("insert or rollback into notes values (1, 'again')"), view_error);
      CHECK_THROWS_AS(v.run("insert into notes values (2, 'stray')"), view_error);
    }));
    CHECK(failed.code == code::internal);
    CHECK(notes(*store).empty());
    CHECK(checkpoint(*store) == 0);
  });
}

TEST_CASE("a wrong statement is named in the error") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    const auto failed = failure_of(read(*store, [](view_reader& v) { v.rows("select colour from notes", {}); }));
    CHECK(failed.code == code::internal);
    CHECK(mentions(failed, "select colour from notes"));
    CHECK(mentions(failed, "no such column: colour"));
    CHECK(mentions(failure_of(read(*store, [](view_reader& v) { v.rows("select ?1, ?2", {1.5}); })), "takes 2 arguments, not 1"));
    CHECK(mentions(failure_of(read(*store, [](view_reader& v) { v.rows("select 1; select 2", {}); })), "exactly one statement"));
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
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    add_note(*store, 9, "nine").value();
    const auto grown = journal_history{epoch(1)}.opened(epoch(2), 9), forked = journal_history{epoch(1)}.opened(epoch(2), 8);
    for (const auto& [history, head] : {std::pair{journal_history{epoch(1)}, position{8}}, {journal_history{epoch(2)}, 9}, {forked, 20}}) {
      const auto kept = failure_of(open_or_keep(*store, history, head));
      CHECK(kept.code == code::conflict);
      CHECK(kept.reason == "another_history");
      CHECK(mentions(kept, "its checkpoint, position 9, is of another history of the journal"));
      CHECK(checkpoint(*store) == 9);
      CHECK(notes(*store) == texts{"nine"});
    }
    CHECK(add_note(*store, 9, "still mine").value() == 9);
    CHECK(open_or_keep(*store, grown, 12).value().checkpoint == 9);
    add_note(*store, 11, "eleven").value();
    CHECK(failure_of(open_or_keep(*store, journal_history{epoch(1)}, 12)).reason == "another_history");
    CHECK(open_or_keep(*store, grown, 11).value().checkpoint == 11);
    CHECK(notes(*store) == texts{"nine", "still mine", "eleven"});
  });
}

TEST_CASE("a restart puts the checkpoint anywhere in the journal, and is to be opened before the next write") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    add_note(*store, 9, "nine").value();
    for (const position wrong : {-1, 21}) CHECK(failure_of(restart(*store, wrong, 20)).code == code::invalid_argument);
    CHECK(checkpoint(*store) == 9);
    CHECK(restart(*store, 3, 20, [](view_writer& v) { v.run("insert into notes(text) values ('again')"); }).value() == 3);
    CHECK(failure_of(add_note(*store, 4, "too early")).reason == "view_not_open");
    CHECK(open(*store).value().checkpoint == 3);
    CHECK(add_note(*store, 4, "four").value() == 4);
    CHECK(notes(*store) == texts{"nine", "again", "four"});
    CHECK(restart(*store, 20, 20, no_tables, 2).value() == 20);  // of another history, as an operator says
    CHECK(failure_of(open_or_keep(*store, journal_history{epoch(1)}, 20)).reason == "another_history");
    CHECK(open_or_keep(*store, journal_history{epoch(2)}, 20).value().checkpoint == 20);
    CHECK(restart(*store, 0, 20).value() == 0);
    CHECK(open_or_keep(*store, journal_history{epoch(7)}, 20).value().checkpoint == 0);
  });
}

TEST_CASE("a restart whose body fails changes nothing") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    add_note(*store, 9, "nine").value();
    REQUIRE(restart(*store, 3, 20, [](view_writer& v) { v.run("insert into nothing values (1)"); }).has_error());
    CHECK(checkpoint(*store) == 9);
    CHECK(add_note(*store, 10, "still mine").value() == 10);
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

TEST_CASE("a query can not write") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    for (const auto* sql : {"insert into notes(text) values ('sneaked') returning id", "delete from notes", "drop table notes",
                            "create table more(x)", "begin", "commit", "pragma user_version = 9"}) {
      CAPTURE(sql);
      CHECK(failure_of(read(*store, [&](view_reader& v) { v.rows(sql, {}); })).code != code::exhausted);
    }
    CHECK(notes(*store).empty());
  });
}

TEST_CASE("a body can not do what is the store's business") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    for (const auto* sql : {"commit", "rollback", "end", "pragma synchronous = off", "attach ':memory:' as other", "detach main",
                            "create temp table hidden(x)", "update banyan_view set checkpoint = 99", "delete from banyan_view",
                            "drop table banyan_view", "vacuum"}) {
      CAPTURE(sql);
      CHECK(failure_of(write(*store, 1, [&](view_writer& v) { v.run(sql); })).code == code::internal);
    }
    CHECK(checkpoint(*store) == 0);
    CHECK(add_note(*store, 1, "fine").value() == 1);
  });
}

TEST_CASE("a query finds at most 10,000 rows, or as many as it asks for") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    const auto counting = [](int n) {
      return "with recursive n(x) as (select 1 union all select x + 1 from n limit " + std::to_string(n) + ") select x from n";
    };
    read(*store, [&](view_reader& v) { CHECK(v.query<int>(counting(10'000)).size() == 10'000); }).value();
    const auto refused = failure_of(read(*store, [&](view_reader& v) { v.query<int>(counting(10'001)); }));
    CHECK(refused.reason == "too_many_rows");
    read(*store, [&](view_reader& v) {
      CHECK(v.first<int>(counting(20'000)) == 1);
      CHECK(v.rows(counting(20'000), {}, 3).size() == 3);
      CHECK_FALSE(v.first<int>("select id from notes").has_value());
    }).value();
    const auto huge = failure_of(read(*store, [](view_reader& v) {
      v.rows("with recursive n(x) as (select 1 union all select x + 1 from n limit 100) select hex(zeroblob(1000000)) from n", {});
    }));
    CHECK(huge.reason == "too_many_rows");
  });
}

TEST_CASE("a statement that runs for too long is interrupted, in a query and in a projection") {
  on_every_engine(
      [](view_storage& storage) {
        const auto store = storage.open(notes_view).value();
        open(*store).value();
        const auto endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) from n";
        const auto query = failure_of(read(*store, [&](view_reader& v) { v.rows(endless, {}); }));
        CHECK(query.code == code::deadline_exceeded);
        CHECK(mentions(query, "5s"));
        const auto fold = failure_of(write(*store, 1, [&](view_writer& v) {
          v.run("insert into notes(text) values ('lost')");
          v.run(std::string{"insert into notes(id) "} + endless);
        }));
        CHECK(fold.code == code::deadline_exceeded);
        CHECK(notes(*store).empty());
        CHECK(add_note(*store, 1, "goes on").value() == 1);
      },
      true);
}

TEST_CASE("values come back as they went, and a column of another type is refused by name") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    const auto odd_text = std::string{"z\0ro 'quoted' \xc3\xa4", 15};
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    write(*store, 1, [&](view_writer& v) { v.run("insert into notes values (?1, ?2)", lowest, odd_text); }).value();
    read(*store, [&](view_reader& v) {
      const auto found = v.first<note>("select * from notes where text = ?1", odd_text);
      REQUIRE(found.has_value());
      CHECK(found->id == lowest);
      CHECK(found->text == odd_text);
      CHECK(v.rows("select ?1, ?2, ?3, ?4", {nullptr, 1.5, std::string{}, std::int64_t{2}}) ==
            std::vector<sql_row>{{nullptr, 1.5, std::string{}, std::int64_t{2}}});
    }).value();
    const auto wrong = failure_of(read(*store, [](view_reader& v) { v.query<note>("select text, id from notes"); }));
    CHECK(mentions(wrong, "note.id (column 1) takes an integer, found text"));
    CHECK(mentions(failure_of(read(*store, [](view_reader& v) { v.rows("select x'00ff' as picture", {}); })), "column picture is a blob"));
  });
}

TEST_CASE("full-text search is there") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store, [](view_writer& v) { v.run("create virtual table search using fts5(name)"); }).value();
    write(*store, 1, [](view_writer& v) {
      v.run("insert into search values (?1)", "white hanging heart");
      v.run("insert into search values (?1)", "red lantern");
    }).value();
    write(*store, 2, [](view_writer& v) { v.run("delete from search where name match 'lantern'"); }).value();
    read(*store, [](view_reader& v) {
      CHECK(v.query<std::string>("select name from search where search match ?1", "heart") == texts{"white hanging heart"});
      CHECK(v.query<std::string>("select name from search where search match ?1", "lantern").empty());
    }).value();
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

TEST_CASE("more texts of statements than the cache holds work all the same") {
  on_every_engine([](view_storage& storage) {
    const auto store = storage.open(notes_view).value();
    open(*store).value();
    write(*store, 1, [](view_writer& v) {
      for (int i = 0; i < 1'000; ++i) v.run("insert into notes(text) values ('" + std::to_string(i) + "')");
    }).value();
    CHECK(notes(*store).size() == 1'000);
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
