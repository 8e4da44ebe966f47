#include <banyan/cqrs/blocked_events.hpp>

namespace banyan {

std::optional<std::vector<blocked_event>> read_blocked_events(view_reader& v) {
  if (!v.first<int>("select 1 from sqlite_schema where name = 'banyan_held'")) return std::nullopt;
  std::vector<blocked_event> held;
  // A statement returns a limited number of rows.
  for (position after = 0;;) {
    const auto page = v.query<blocked_event>(
        "select position, version, stream, reason from banyan_held where position > ?1 order by position limit 1000", after);
    if (page.empty()) return held;
    after = page.back().position;
    held.insert(held.end(), page.begin(), page.end());
  }
}

std::vector<blocked_event> load_blocked_events(view_writer& v) {
  v.run(
      "create table if not exists banyan_held(position integer primary key, version integer not null, stream text not null, "
      "reason text not null) strict");
  return read_blocked_events(v).value();
}

void store_blocked_events(view_writer& v, const batch_plan& plan) {
  for (const auto p : plan.unhold) v.run("delete from banyan_held where position = ?1", p);
  for (const auto& e : plan.hold)
    v.run("insert or replace into banyan_held values (?1, ?2, ?3, ?4)", e.position, e.version, e.stream, e.reason);
}

}  // namespace banyan
