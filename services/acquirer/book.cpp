#include <services/acquirer/book.hpp>

#include <services/acquirer/payment_rules.hpp>

#include <banyan/engines/sqlite/private_files.hpp>

#include <algorithm>

namespace acquirer {

namespace {

namespace sqlite = banyan::sqlite;
using banyan::code;
using banyan::error;
using banyan::result;

constexpr std::int64_t application_id = 0x41435142;  // "ACQB"
constexpr std::int64_t book_version = 1;

constexpr const char* tables = R"(
create table charges(
  row integer primary key, key text not null unique, order_id text not null, minor integer not null check(minor > 0),
  currency text not null, card text not null, reason text, refunded integer not null default 0
  check(refunded between 0 and minor and (reason is null or refunded = 0)), created integer not null) strict;
create table refunds(
  row integer primary key, key text not null unique, charge integer not null references charges(row),
  minor integer not null check(minor > 0), created integer not null) strict;
create index refunds_by_charge on refunds(charge);
create table outbox(
  row integer primary key, due integer not null, sends integer not null, attempts integer not null default 0,
  event_id text not null unique, body text not null) strict;
create index outbox_by_due on outbox(due, row);
)";

constexpr const char* charge_columns =
    "select c.row, c.key, c.order_id, c.minor, c.currency, c.card, c.reason, c.refunded, c.created from charges c ";
constexpr const char* refund_columns =
    "select r.key, c.key, c.order_id, r.minor, c.currency, r.created from refunds r join charges c on c.row = "
    "r.charge ";

std::int64_t number_of(instant t) { return t.time_since_epoch().count(); }
instant instant_of(std::int64_t n) { return instant{banyan::nanoseconds{n}}; }

charge read_charge(const sqlite::statement& s) {
  charge_request r{std::string{s.text(2)}, {s.integer(3), std::string{s.text(4)}}, std::string{s.text(5)}};
  auto c = decide_charge(std::string{s.text(1)}, r, instant_of(s.integer(8)));
  // The decision was made when it was stored, perhaps by an older program.
  c.reason = s.is_null(6) ? std::nullopt : std::optional{std::string{s.text(6)}};
  c.status = c.reason ? charge_status::declined : charge_status::captured;
  c.refunded.minor = s.integer(7);
  return c;
}

result<refund> read_refund(const sqlite::statement& s) {
  charge of;
  of.key = s.text(1);
  of.order = s.text(2);
  of.amount = {s.integer(3), std::string{s.text(4)}};
  return decide_refund(std::string{s.text(0)}, of, {of.amount}, instant_of(s.integer(5)));
}

error no_such_charge(const std::string& key) { return {code::not_found, "there is no charge with the key " + key}; }

result<void> set_up(sqlite::database& db) {
  const auto id = db.number("pragma application_id");
  const auto version = db.number("pragma user_version");
  if (!id || !version) return id ? version.error() : id.error();
  if (*id == application_id && *version == book_version) return {};
  const auto has_tables = db.number("select count(*) from sqlite_schema");
  if (!has_tables) return has_tables.error();
  if (*id == application_id)
    return error{code::corrupt, "the book has version " + std::to_string(*version) + ", this program reads " +
                                    std::to_string(book_version)};
  if (*has_tables != 0) return error{code::corrupt, "the file is a database of another program"};
  return db.execute("begin immediate;" + std::string{tables} +
                    "pragma application_id = " + std::to_string(application_id) +
                    "; pragma user_version = " + std::to_string(book_version) + "; commit");
}

}  // namespace

bool is_of_the_store(const error& e) {
  return !(e.code == code::invalid_argument || e.code == code::not_found || e.code == code::conflict ||
           e.code == code::refused);
}

result<book> book::open(const std::string& folder) {
  if (auto made = sqlite::private_folder(folder); !made) return made.error();
  const auto path = folder + "/acquirer.db";
  if (auto made = sqlite::private_file(path); !made) return made.error();
  auto db = sqlite::database::open({.path = path, .busy_timeout = std::chrono::milliseconds{2000}});
  if (!db) return db.error();
  // One process only: without shared memory, and released by the kernel when it is killed.
  for (const char* statement : {"pragma locking_mode = exclusive", "pragma journal_mode = wal",
                                "pragma synchronous = full", "pragma foreign_keys = on", "begin immediate", "commit"}) {
    if (auto done = db->execute(statement); !done) {
      if (done.error().code != code::unavailable) return done.error();
      return error{code::unavailable, path + " is in use by another acquirer (" + done.error().message + ")"}.because(
          "in_use");
    }
  }
  if (auto ready = set_up(*db); !ready) return ready.error();
  book b;
  b.db_ = std::make_unique<sqlite::database>(std::move(*db));
  if (auto prepared = b.prepare(); !prepared) return prepared.error();
  return b;
}

result<void> book::prepare() {
  const std::string charges = charge_columns, refunds = refund_columns;
  const std::pair<sqlite::statement*, std::string> all[] = {
      {&s_.find_charge, charges + "where c.key = ?1"},
      {&s_.insert_charge,
       "insert into charges(key, order_id, minor, currency, card, reason, created) values(?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
      {&s_.add_refunded, "update charges set refunded = refunded + ?2 where row = ?1"},
      {&s_.page, charges + "where c.row > ?1 order by c.row limit ?2"},
      {&s_.find_refund, refunds + "where r.key = ?1"},
      {&s_.insert_refund, "insert into refunds(key, charge, minor, created) values(?1, ?2, ?3, ?4)"},
      {&s_.refunds_of, refunds + "where c.key = ?1 order by r.row"},
      {&s_.insert_callback, "insert into outbox(due, sends, event_id, body) values(?1, ?2, ?3, ?4)"},
      {&s_.due, "select row, body, attempts from outbox where due <= ?1 order by due, row limit ?2"},
      {&s_.next_due, "select min(due) from outbox"},
      {&s_.repeat_callback, "update outbox set sends = sends - 1, attempts = 0, due = ?2 where row = ?1 and sends > 1"},
      {&s_.remove_callback, "delete from outbox where row = ?1"},
      {&s_.put_off, "update outbox set attempts = attempts + 1, due = ?2 where row = ?1"}};
  for (const auto& [into, sql] : all) {
    auto made = db_->prepare(sql);
    if (!made) return made.error();
    *into = std::move(*made);
  }
  return {};
}

result<sqlite::transaction> book::begin() {
  return sqlite::transaction::begin(*db_, sqlite::transaction::kind::immediate);
}

result<std::optional<book::stored_charge>> book::look_up(const std::string& key) {
  const sqlite::reset_at_end end{s_.find_charge};
  auto found = s_.find_charge.bind(1, key).step();
  if (!found) return found.error();
  if (!*found) return std::nullopt;
  return stored_charge{s_.find_charge.integer(0), read_charge(s_.find_charge), std::string{s_.find_charge.text(5)}};
}

result<void> book::announce(const settlement& s, instant now, const callback_decision& d) {
  const auto due = banyan::add_saturating(now, d.late);
  return s_.insert_callback.bind(1, number_of(due))
      .bind(2, d.duplicate ? 2 : 1)
      .bind(3, s.event_id)
      .bind(4, banyan::to_json(s))
      .run();
}

result<recorded<charge>> book::add_charge(const std::string& key, const charge_request& r, instant now,
                                          const callback_decision* callback) {
  auto existing = look_up(key);
  if (!existing) return existing.error();
  if (*existing) {
    if (auto same = check_repeat((*existing)->value, (*existing)->card, r); !same) return same.error();
    return recorded<charge>{std::move((*existing)->value), false};
  }
  auto made = decide_charge(key, r, now);
  auto& insert = s_.insert_charge;
  insert.bind(1, key)
      .bind(2, r.order)
      .bind(3, r.amount.minor)
      .bind(4, r.amount.currency)
      .bind(5, r.card)
      .bind(7, number_of(now));
  if (made.reason)
    insert.bind(6, *made.reason);
  else
    insert.bind(6, nullptr);
  if (auto done = insert.run(); !done) return done.error();
  if (callback && made.status == charge_status::captured)
    if (auto done = announce(settlement_of(made), now, *callback); !done) return done.error();
  return recorded<charge>{std::move(made), true};
}

result<recorded<refund>> book::add_refund(const std::string& charge_key, const std::string& key,
                                          const refund_request& r, instant now, const callback_decision* callback) {
  auto of = look_up(charge_key);
  if (!of) return of.error();
  if (!*of) return no_such_charge(charge_key);
  {
    const sqlite::reset_at_end end{s_.find_refund};
    auto found = s_.find_refund.bind(1, key).step();
    if (!found) return found.error();
    if (*found) {
      auto existing = read_refund(s_.find_refund);
      if (!existing) return existing.error();
      if (auto same = check_repeat(*existing, charge_key, r); !same) return same.error();
      return recorded<refund>{std::move(*existing), false};
    }
  }
  auto made = decide_refund(key, (*of)->value, r, now);
  if (!made) return made.error();
  if (auto done =
          s_.insert_refund.bind(1, key).bind(2, (*of)->row).bind(3, r.amount.minor).bind(4, number_of(now)).run();
      !done)
    return done.error();
  if (auto done = s_.add_refunded.bind(1, (*of)->row).bind(2, r.amount.minor).run(); !done) return done.error();
  if (callback)
    if (auto done = announce(settlement_of(*made), now, *callback); !done) return done.error();
  return recorded<refund>{std::move(*made), true};
}

result<charge> book::find_charge(const std::string& key) {
  auto found = look_up(key);
  if (!found) return found.error();
  if (!*found) return no_such_charge(key);
  return std::move((*found)->value);
}

result<refund_list> book::refunds_of(const std::string& charge_key) {
  if (auto of = find_charge(charge_key); !of) return of.error();
  refund_list list;
  const sqlite::reset_at_end end{s_.refunds_of};
  s_.refunds_of.bind(1, charge_key);
  for (;;) {
    auto row = s_.refunds_of.step();
    if (!row) return row.error();
    if (!*row) return list;
    auto read = read_refund(s_.refunds_of);
    if (!read) return read.error();
    list.refunds.push_back(std::move(*read));
  }
}

result<charge_page> book::charges_after(const std::string& after, std::size_t limit) {
  std::int64_t from = 0;
  if (!after.empty()) {
    auto found = look_up(after);
    if (!found) return found.error();
    if (!*found) return error{code::invalid_argument, "there is no charge with the key " + after}.at("after");
    from = (*found)->row;
  }
  charge_page page;
  const sqlite::reset_at_end end{s_.page};
  s_.page.bind(1, from).bind(2, static_cast<std::int64_t>(limit) + 1);
  for (;;) {
    auto row = s_.page.step();
    if (!row) return row.error();
    if (!*row) return page;
    if (page.charges.size() == limit) {
      page.next = page.charges.back().key;
      return page;
    }
    page.charges.push_back(read_charge(s_.page));
  }
}

result<book_totals> book::totals() {
  book_totals all;
  auto charges = db_->prepare(
      "select currency, count(*), count(reason), sum(refunded), sum(case when reason is null then minor else 0 end)"
      " from charges group by currency");
  auto refunds =
      db_->prepare("select c.currency, count(*) from refunds r join charges c on c.row = r.charge group by c.currency");
  if (!charges || !refunds) return charges ? refunds.error() : charges.error();
  for (;;) {
    auto row = charges->step();
    if (!row) return row.error();
    if (!*row) break;
    auto& c = all.by_currency[std::string{charges->text(0)}];
    c.charges = charges->integer(1);
    c.declined = charges->integer(2);
    c.refunded_minor = charges->integer(3);
    c.captured_minor = charges->integer(4);
    all.charges += c.charges;
    all.declined += c.declined;
  }
  all.captured = all.charges - all.declined;
  for (;;) {
    auto row = refunds->step();
    if (!row) return row.error();
    if (!*row) break;
    all.refunds += all.by_currency[std::string{refunds->text(0)}].refunds = refunds->integer(1);
  }
  auto pending = db_->number("select count(*) from outbox");
  if (!pending) return pending.error();
  all.callbacks_pending = *pending;
  return all;
}

result<std::vector<due_callback>> book::callbacks_due(instant now, std::size_t limit) {
  std::vector<due_callback> all;
  const sqlite::reset_at_end end{s_.due};
  s_.due.bind(1, number_of(now)).bind(2, static_cast<std::int64_t>(limit));
  for (;;) {
    auto row = s_.due.step();
    if (!row) return row.error();
    if (!*row) return all;
    all.push_back({s_.due.integer(0), std::string{s_.due.text(1)}, static_cast<int>(s_.due.integer(2))});
  }
}

result<instant> book::next_callback() {
  const sqlite::reset_at_end end{s_.next_due};
  auto row = s_.next_due.step();
  if (!row) return row.error();
  return *row && !s_.next_due.is_null(0) ? instant_of(s_.next_due.integer(0)) : instant::max();
}

result<void> book::delivered(std::int64_t number, instant now) {
  if (auto done = s_.repeat_callback.bind(1, number).bind(2, number_of(now)).run(); !done) return done;
  if (db_->changes() > 0) return {};
  return s_.remove_callback.bind(1, number).run();
}

result<void> book::not_delivered(std::int64_t number, instant again) {
  return s_.put_off.bind(1, number).bind(2, number_of(again)).run();
}

}  // namespace acquirer
