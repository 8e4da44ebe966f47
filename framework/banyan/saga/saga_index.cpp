#include <banyan/saga/saga_index.hpp>

#include <banyan/cqrs/view_store_rows.hpp>

#include <chrono>
#include <utility>

namespace banyan {
namespace {

constexpr int forgotten_at_once = 100;

std::int64_t number_of(instant t) { return t.time_since_epoch().count(); }

// "checkouts-o17~2" -> "o17".
std::string saga_id_of(const std::string& stream) {
  const auto dash = stream.find('-');
  auto id = stream.substr(dash + 1);
  return id.substr(0, id.find('~'));
}

void drop_timers(view_writer& v, const std::string& id) {
  v.run("delete from saga_timers where id = ?1", id);
  v.run("update sagas set gives_up_at = null where id = ?1", id);
}

void begin_run(view_writer& v, const std::string& id, const saga_head& head) {
  std::optional<std::int64_t> gives_up_at;
  if (head.give_up_at) gives_up_at = number_of(*head.give_up_at);
  v.run("delete from saga_timers where id = ?1", id);
  v.run("delete from saga_steps where id = ?1", id);
  v.run("insert or replace into sagas values (?1, ?2, ?3, 'running', '', 0, ?4, 0, 0, '')", id, head.run, head.version,
        gives_up_at);
}

void apply_cause(view_writer& v, const std::string& id, const saga_notification& n) {
  switch (n.kind) {
    case saga_notice::answered:
      v.run("delete from saga_steps where id = ?1 and number = ?2", id, n.number);
      return;
    case saga_notice::begun:
      v.run("update saga_steps set begun = 1 where id = ?1 and number = ?2", id, n.number);
      return;
    case saga_notice::fired:
      v.run("delete from saga_timers where id = ?1 and number = ?2", id, n.number);
      return;
    case saga_notice::cancelled:
    case saga_notice::out_of_time:
    case saga_notice::aborted: return drop_timers(v, id);
    case saga_notice::started:
    case saga_notice::received: return;
  }
}

void apply_request(view_writer& v, const std::string& id, const saga_request& r) {
  if (r.refused) return;
  switch (r.kind) {
    case saga_wish::step:
    case saga_wish::undo:
      v.run("insert or replace into saga_steps values (?1, ?2, ?3, 0)", id, r.number, r.name);
      return;
    case saga_wish::timer:
      if (r.due) v.run("insert or replace into saga_timers values (?1, ?2, ?3)", id, r.number, number_of(*r.due));
      return;
    case saga_wish::drop_timer:
      v.run("delete from saga_timers where id = ?1 and number = ?2", id, r.of);
      return;
    case saga_wish::pivot:
      v.run("update sagas set gives_up_at = null where id = ?1", id);
      return;
    case saga_wish::status:
      v.run("update sagas set status = ?2 where id = ?1", id, r.name);
      return;
    case saga_wish::event:
    case saga_wish::value:
    case saga_wish::publish: return;
  }
}

void apply_end(view_writer& v, const std::string& id, const saga_turned& turn, std::int64_t keep) {
  v.run("delete from saga_steps where id = ?1", id);
  if (turn.end->how == saga_outcome::again) return;  // the next run's first turn follows
  const auto failed = error_in(turn.end->result);
  v.run("update sagas set state = ?2, reason = ?3 where id = ?1", id, turn.end->how,
        failed ? (failed->reason.empty() ? std::string{to_string(failed->code)} : failed->reason) : std::string{});
  v.run("delete from sagas where id in (select id from sagas where state <> 'running' and since < ?1 limit ?2)",
        number_of(turn.now) - keep, forgotten_at_once);
}

}  // namespace

std::string saga_index_name(std::string_view saga) {
  std::string name = "saga_";
  for (const char c : saga) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    name += fits ? c : '_';
  }
  return name;
}

void create_saga_index(view_writer& v) {
  v.run("create table sagas(id text primary key, run integer, version integer, state text, status text, since integer, "
        "gives_up_at integer, turns integer, bytes integer, reason text) without rowid");
  v.run("create index sagas_by_state on sagas(state, since)");
  v.run("create index sagas_by_end on sagas(gives_up_at, id) where gives_up_at is not null");
  v.run("create table saga_timers(id text, number integer, due integer, primary key(id, number)) without rowid");
  v.run("create index saga_timers_by_due on saga_timers(due, id)");
  v.run("create table saga_steps(id text, number integer, operation text, begun integer, "
        "primary key(id, number)) without rowid");
}

result<done> apply_to_saga_index(view_writer& v, const recorded_event& e, timespan keep) {
  if (e.type != saga_turned::stored.type) return done{};
  const auto turn = from_json<saga_turned>(e.payload);
  if (!turn) return error{code::corrupt, "event " + e.type + " does not decode: " + turn.error().message};
  const auto id = saga_id_of(e.stream);
  if (turn->head) begin_run(v, id, *turn->head);
  apply_cause(v, id, turn->because);
  for (const auto& r : turn->then) apply_request(v, id, r);
  if (turn->returned || turn->end) drop_timers(v, id);
  v.run("update sagas set since = ?2, turns = ?3, bytes = bytes + ?4 where id = ?1", id, number_of(turn->now),
        turn->turn, e.payload.size());
  if (turn->end) apply_end(v, id, *turn, nanoseconds{keep}.count());
  return done{};
}

std::vector<saga_due> sagas_due(view_reader& v, instant until, const saga_due& after, int most) {
  return v.query<saga_due>(
      "select id, due as at from saga_timers where due <= ?1 and (due, id) > (?2, ?3) "
      "union all select id, gives_up_at as at from sagas where gives_up_at <= ?1 and (gives_up_at, id) > (?2, ?3) "
      "order by at, id limit ?4",
      number_of(until), after.at, after.id, most);
}

std::vector<std::string> sagas_with_open_steps(view_reader& v, const std::string& after, int most, bool begun_too) {
  return v.query<std::string>(
      "select distinct id from saga_steps where id > ?1 and begun <= ?3 order by id limit ?2", after, most,
      begun_too ? 1 : 0);
}

std::vector<saga_index_row> list_sagas(view_reader& v, const std::string& state, const std::string& after, int most) {
  return v.query<saga_index_row>(
      "select id, run, version, state, status, since, gives_up_at, "
      "(select count(*) from saga_steps where saga_steps.id = sagas.id) as open_steps, turns, bytes, reason "
      "from sagas where id > ?2 and (?1 = '' or state = ?1) order by id limit ?3",
      state, after, most);
}

std::vector<saga_version_count> living_versions(view_reader& v) {
  return v.query<saga_version_count>(
      "select version, count(*) as sagas, min(since) as oldest from sagas where state = 'running' group by version "
      "order by version");
}

}  // namespace banyan
