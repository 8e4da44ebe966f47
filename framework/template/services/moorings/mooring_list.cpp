// banyan: file cqrs
#include <services/moorings/mooring_list.hpp>

namespace harbour::moorings {

using banyan::result;
using banyan::view_reader;

namespace {

struct row {
  std::string id, note;
  bool confirmed = false;
};
BOOST_DESCRIBE_STRUCT(row, (), (id, note, confirmed))

mooring_record record_of(const row& r) {
  const auto status = r.confirmed ? mooring_status::confirmed : mooring_status::placed;
  return {r.id, r.note, status};
}

}  // namespace

void mooring_list::create(banyan::view_writer& v) {
  v.run("CREATE TABLE placed (id TEXT PRIMARY KEY, note TEXT NOT NULL, confirmed INTEGER NOT NULL) WITHOUT ROWID");
}

void mooring_list::apply(banyan::view_writer& v, const events& e, const banyan::recorded_event&) {
  if (auto* p = std::get_if<mooring_placed>(&e)) v.run("INSERT INTO placed VALUES (?1, ?2, 0)", p->id, p->note);
  if (auto* c = std::get_if<mooring_confirmed>(&e)) v.run("UPDATE placed SET confirmed = 1 WHERE id = ?1", c->id);
}

result<mooring_record> mooring_list::answer(view_reader& v, const get_mooring& q) {
  const auto found = v.first<row>("SELECT id, note, confirmed FROM placed WHERE id = ?1", q.id);
  if (!found) return banyan::error{banyan::code::not_found, "nothing was placed under this id"};
  return record_of(*found);
}

result<mooring_page> mooring_list::answer(view_reader& v, const list_moorings& q) {
  const bool is_allowed = q.limit >= 1 && q.limit <= 500;
  if (!is_allowed) return banyan::error{banyan::code::invalid_argument, "a limit is 1 to 500"}.at("limit");
  constexpr auto sql = "SELECT id, note, confirmed FROM placed WHERE id > ?1 ORDER BY id LIMIT ?2";
  mooring_page page;
  for (const auto& r : v.query<row>(sql, q.after.value_or(""), q.limit + 1)) {
    if (page.found.size() == static_cast<std::size_t>(q.limit)) {
      page.next = page.found.back().id;
      break;
    }
    page.found.push_back(record_of(r));
  }
  return page;
}

}  // namespace harbour::moorings
