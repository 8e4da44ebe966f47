// What every view store does with the statements of a body, whichever way its jobs run.
#include <tests/conformance/view_store_answers.hpp>

#include <limits>
#include <new>

using namespace view_test;

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
    const auto no_memory = after_a_row([] { throw std::bad_alloc{}; });
    CHECK(no_memory.code == code::exhausted);  // the body is not to blame
    CHECK(no_memory.outcome == outcome::not_applied);
    CHECK(no_memory.retry_after == std::chrono::milliseconds{1000});
    CHECK(failure_of(read(*store, [](view_reader&) { throw std::bad_alloc{}; })).code == code::exhausted);
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
