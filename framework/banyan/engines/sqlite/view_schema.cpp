#include <banyan/engines/sqlite/view_schema.hpp>

namespace banyan::sqlite {

namespace {

std::string in_quotes(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += c;
    out += c;
  }
  return out + "\"";
}

result<void> drop_all(database& db, const std::string& what, const std::string& where) {
  std::vector<std::string> names;
  auto listed = db.prepare("select name from sqlite_schema where " + where);
  if (!listed) return listed.error();
  for (;;) {
    auto more = listed->step();
    if (!more) return more.error();
    if (!*more) break;
    names.emplace_back(listed->text(0));
  }
  for (const auto& name : names) {
    if (auto dropped = db.execute("drop " + what + " " + in_quotes(name)); !dropped) return dropped;
  }
  return {};
}

}  // namespace

result<int> check_view(database& db) {
  const auto format = db.number("pragma user_version");
  if (!format) return format.error();
  if (*format > view_format) {
    return error{code::unimplemented, "the view was written by a newer version of this program"}.because("newer_format");
  }
  if (*format != 0) return static_cast<int>(*format);
  const auto tables = db.number("select count(*) from sqlite_schema");
  if (!tables) return tables.error();
  if (*tables > 0) return error{code::corrupt, "the file is an SQLite database, but not a view"};
  return 0;
}

result<void> prepare_view(database& db) {
  auto begun = transaction::begin(db, transaction::kind::immediate);
  if (!begun) return begun.error();
  const auto format = check_view(db);
  if (!format) return format.error();
  if (*format == 0) {
    auto created = db.execute(
        "create table banyan_view(checkpoint integer not null, incarnation text not null, owner integer not null) strict;"
        "insert into banyan_view values (0, '', 0);"
        "pragma user_version = " + std::to_string(view_format));
    if (!created) return created;
  }
  return begun->commit();
}

result<view_row> read_view(view_session& s) {
  auto found = s.prepared("select checkpoint, incarnation, owner from banyan_view");
  if (!found) return found.error();
  auto& row = **found;
  auto there = row.step();
  if (!there) return there.error();
  if (!*there) return error{code::corrupt, "the view has lost its checkpoint"};
  view_row out{.checkpoint = row.integer(0), .owner = row.integer(2)};
  const auto text = std::string{row.text(1)};
  row.reset();
  out.is_new = text.empty();
  if (!out.is_new) {
    auto id = parse_uuid(text);
    if (!id) return error{code::corrupt, "the view's incarnation does not decode"};
    out.epoch = *id;
  }
  return out;
}

result<void> store_view(view_session& s, const view_row& row) {
  auto found = s.prepared("update banyan_view set checkpoint = ?1, incarnation = ?2, owner = ?3");
  if (!found) return found.error();
  return (*found)->bind(1, row.checkpoint).bind(2, to_string(row.epoch)).bind(3, row.owner).run();
}

result<void> drop_tables(view_session& s) {
  auto& db = s.connection();
  // Dropping virtual tables (which have no root page) drops their shadow tables, so they go before ordinary tables.
  if (auto gone = drop_all(db, "view", "type = 'view'"); !gone) return gone;
  if (auto gone = drop_all(db, "table", "type = 'table' and rootpage = 0"); !gone) return gone;
  return drop_all(db, "table", "type = 'table' and name <> 'banyan_view' and name not like 'sqlite\\_%' escape '\\'");
}

}  // namespace banyan::sqlite
