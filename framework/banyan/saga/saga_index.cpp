#include <banyan/saga/saga_index.hpp>

#include <banyan/cqrs/view_store_rows.hpp>

#include <algorithm>
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

// Events that were asked for and have not come; negative: that have come and nobody has asked for.
void count_event(view_writer& v, const std::string& id, const std::string& name, int n) {
  v.run("insert into saga_events values (?1, ?2, ?3) on conflict (id, name) do update set missing = missing + ?3", id,
        name, n);
}

// A run before it has left nothing behind (apply_end).
void begin_run(view_writer& v, const std::string& id, const saga_head& head, const saga_turned& turn,
               std::size_t bytes) {
  std::optional<std::int64_t> gives_up_at;
  if (head.give_up_at) gives_up_at = number_of(*head.give_up_at);
  v.run("insert or replace into sagas values (?1, ?2, ?3, 'running', 'running', '', ?5, ?5, ?4, ?6, ?7, '')", id,
        head.run, head.version, gives_up_at, number_of(turn.now), turn.turn, bytes);
  for (const auto& e : head.unread) count_event(v, id, e.name, -1);
}

std::string reason_of(const error& e) { return e.reason.empty() ? std::string{to_string(e.code)} : e.reason; }

void apply_cause(view_writer& v, const std::string& id, const saga_notification& n) {
  switch (n.kind) {
    case saga_notice::answered: {
      v.run("delete from saga_steps where id = ?1 and number = ?2", id, n.number);
      const auto refused = error_in_known(n.payload);
      if (refused && refused->outcome != outcome::applied)
        v.run("update sagas set reason = ?2 where id = ?1 and phase = 'undoing'", id, reason_of(*refused));
      return;
    }
    case saga_notice::undone:
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
    case saga_notice::aborted:
      v.run("delete from saga_events where id = ?1", id);
      return drop_timers(v, id);
    case saga_notice::received: return count_event(v, id, n.name, -1);
    case saga_notice::started:
    case saga_notice::retried: return;
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
    case saga_wish::event: return count_event(v, id, r.name, 1);
    case saga_wish::value:
    case saga_wish::publish: return;
  }
}

// Once its function is over it is settling; then an undo action is open, or a refused one waits for an operator.
void apply_phase(view_writer& v, const std::string& id, const saga_turned& turn) {
  const bool aborted = turn.because.kind == saga_notice::aborted;
  const bool undoes = std::any_of(turn.then.begin(), turn.then.end(),
                                  [](const saga_request& r) { return r.kind == saga_wish::undo; });
  if (turn.returned || aborted) {
    v.run("update sagas set phase = 'settling' where id = ?1", id);
    v.run("delete from saga_events where id = ?1", id);
  }
  if (undoes) v.run("update sagas set phase = 'undoing' where id = ?1", id);
}

// What changes with every turn, in one statement. No index has these columns of a running saga.
void apply_turn(view_writer& v, const std::string& id, const saga_turned& turn, std::size_t bytes) {
  v.run("update sagas set since = ?2, turns = ?3, bytes = bytes + ?4, "
        "phase = case when phase = 'undoing' and not exists (select 1 from saga_steps where saga_steps.id = ?1) "
        "then 'attention' else phase end where id = ?1",
        id, number_of(turn.now), turn.turn, bytes);
}

void apply_end(view_writer& v, const std::string& id, const saga_turned& turn, std::size_t bytes, std::int64_t keep) {
  v.run("delete from saga_timers where id = ?1", id);
  v.run("delete from saga_steps where id = ?1", id);
  v.run("delete from saga_events where id = ?1", id);
  if (turn.end->how == saga_outcome::again) return;  // the next run's first turn follows
  const auto failed = error_in_known(turn.end->result);
  v.run("update sagas set state = ?2, phase = 'ended', reason = ?3, gives_up_at = null, since = ?4, turns = ?5, "
        "bytes = bytes + ?6 where id = ?1",
        id, turn.end->how, failed ? reason_of(*failed) : std::string{}, number_of(turn.now), turn.turn, bytes);
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
  v.run("create table sagas(id text primary key, run integer, version integer, state text, phase text, status text, "
        "started integer, since integer, gives_up_at integer, turns integer, bytes integer, reason text) "
        "without rowid");
  v.run("create index sagas_living on sagas(version, started) where state = 'running'");
  v.run("create index sagas_ended on sagas(since) where state <> 'running'");
  v.run("create index sagas_in_attention on sagas(since) where phase = 'attention'");
  v.run("create index sagas_by_end on sagas(gives_up_at, id) where gives_up_at is not null");
  v.run("create table saga_timers(id text, number integer, due integer, primary key(id, number)) without rowid");
  v.run("create index saga_timers_by_due on saga_timers(due, id)");
  v.run("create table saga_steps(id text, number integer, operation text, begun integer, "
        "primary key(id, number)) without rowid");
  v.run("create table saga_events(id text, name text, missing integer, primary key(id, name)) without rowid");
}

result<done> apply_to_saga_index(view_writer& v, const recorded_event& e, timespan keep) {
  if (e.type != saga_turned::stored.type) return done{};
  const auto turn = read_turn(e.payload);
  if (!turn) return error{code::corrupt, "event " + e.type + " does not decode: " + turn.error().message};
  const auto id = saga_id_of(e.stream);
  const auto bytes = e.payload.size();
  if (turn->head) begin_run(v, id, *turn->head, *turn, bytes);
  if (!turn->end) apply_cause(v, id, turn->because);
  for (const auto& r : turn->then) apply_request(v, id, r);
  if (turn->end) {
    apply_end(v, id, *turn, turn->head ? 0 : bytes, nanoseconds{keep}.count());
    return done{};
  }
  if (turn->returned) drop_timers(v, id);
  apply_phase(v, id, *turn);
  if (!turn->head) apply_turn(v, id, *turn, bytes);
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

namespace {

constexpr const char* row_of_saga =
    "select id, run, version, state, phase, status, started, since, gives_up_at, "
    "(select count(*) from saga_steps where saga_steps.id = sagas.id) as open_steps, turns, bytes, reason, "
    "coalesce((select group_concat(what, ', ') from ("
    "select operation as what from saga_steps where saga_steps.id = sagas.id union all "
    "select 'event ' || name from saga_events where saga_events.id = sagas.id and missing > 0 union all "
    "select 'timer' where exists (select 1 from saga_timers where saga_timers.id = sagas.id) union all "
    "select 'an operator' where sagas.phase = 'attention')), '') as waiting_for from sagas ";

}  // namespace

std::string saga_status_names() {
  std::string all;
  for (const auto one : saga_statuses) all += (all.empty() ? "" : ", ") + std::string{one};
  return all;
}

bool is_saga_status(std::string_view text) {
  return text.empty() || std::find(saga_statuses.begin(), saga_statuses.end(), text) != saga_statuses.end();
}

std::vector<saga_index_row> list_sagas(view_reader& v, const saga_filter& f, const std::string& after, int most) {
  return v.query<saga_index_row>(
      std::string{row_of_saga} +
          "where id > ?1 and (?2 = '' or phase = ?2 or (phase = 'ended' and state = ?2) or "
          "(?2 = 'living' and phase <> 'ended') or (?2 = 'sleeping' and phase = 'running' and "
          "not exists (select 1 from saga_steps where saga_steps.id = sagas.id))) and (?3 = 0 or version = ?3) and "
          "(?4 = 0 or since < ?4) and (?5 = '' or "
          "exists (select 1 from saga_steps where saga_steps.id = sagas.id and operation = ?5) or "
          "exists (select 1 from saga_events where saga_events.id = sagas.id and name = ?5 and missing > 0) or "
          "(?5 = 'timer' and exists (select 1 from saga_timers where saga_timers.id = sagas.id))) and "
          "(?7 = '' or id = ?7) order by id limit ?6",
      after, f.status, f.version, f.quiet_since ? number_of(*f.quiet_since) : std::int64_t{0}, f.waiting_for, most,
      f.id);
}

std::optional<saga_index_row> find_saga(view_reader& v, const std::string& id) {
  return v.first<saga_index_row>(std::string{row_of_saga} + "where id = ?1", id);
}

std::vector<saga_version_count> living_versions(view_reader& v) {
  return v.query<saga_version_count>(
      "select version, count(*) as sagas, min(started) as oldest from sagas where state = 'running' group by version "
      "order by version");
}

std::vector<int> indexed_versions(view_reader& v) {
  return v.query<int>("select distinct version from sagas order by version");
}

saga_load saga_load_of(view_reader& v, instant now) {
  saga_load load;
  load.versions = living_versions(v);
  load.indexed = indexed_versions(v);
  load.attention = v.first<std::int64_t>("select count(*) from sagas where phase = 'attention'").value_or(0);
  load.in_attention = v.query<std::string>("select id from sagas where phase = 'attention' order by since limit 3");
  load.overdue = v.first<std::int64_t>("select count(*) from saga_timers where due <= ?1", number_of(now)).value_or(0);
  return load;
}

}  // namespace banyan
