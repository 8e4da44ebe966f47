#include <banyan/engines/sqlite/journal_reader.hpp>

#include <banyan/engines/sqlite/journal_epochs.hpp>
#include <banyan/journal/journal_rules.hpp>

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>

namespace banyan::sqlite {

namespace {

constexpr auto last_version = std::numeric_limits<std::int64_t>::max();

std::string events(std::string_view where) {
  return "select position, version, stream, type, schema, recorded_at, id, correlation, causation, actor, trace, payload from events "
         "where " +
         std::string{where};
}

// The smallest name greater than all names with this prefix, compared as bytes; empty: none.
std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

error missing(const std::string& stream, version v, version next) {
  return error{code::corrupt, "the event of version " + std::to_string(v) + " of stream " + stream +
                                  " is missing in the journal, although there is version " + std::to_string(next)}
      .because("event_missing");
}

// `first`: the expected first version; 0: any. `up_to`: a version that must exist; 0: unknown.
result<void> check_versions(const std::vector<recorded_event>& events, const std::string& stream, version first, version up_to, bool full) {
  for (auto expected = first; const auto& e : events) {
    if (expected != 0 && e.version != expected) return missing(stream, expected, e.version);
    expected = e.version + 1;
  }
  const auto last = events.empty() ? first - 1 : events.back().version;
  if (!full && up_to != 0 && last < up_to) return missing(stream, last + 1, up_to);
  return {};
}

// The same for reads in descending order: each version is one less than the previous one.
result<void> check_versions_backwards(const std::vector<recorded_event>& events, const std::string& stream, bool full) {
  for (std::size_t i = 1; i < events.size(); ++i) {
    if (events[i].version != events[i - 1].version - 1) return missing(stream, events[i - 1].version - 1, events[i - 1].version);
  }
  if (!full && !events.empty() && events.back().version != 1) return missing(stream, events.back().version - 1, events.back().version);
  return {};
}

// Positions have no gaps. `before`: the position before the first one, if known.
result<void> check_positions(const std::vector<recorded_event>& events, std::optional<position> before, int step,
                             bool full) {
  for (const auto& e : events) {
    if (before && e.position != *before + step) return missing_position(*before + step, e.position);
    before = e.position;
  }
  if (step < 0 && !full && !events.empty() && *before != 1) return missing_position(*before - 1, *before);
  return {};
}

}  // namespace

error missing_position(position p, position there) {
  return error{code::corrupt, "the event at position " + std::to_string(p) +
                                  " is missing in the journal, although there is position " + std::to_string(there)}
      .because("event_missing");
}

result<void> journal_reader::names::prepare(database& db, std::string_view sql) {
  auto prepared = db.prepare(sql);
  if (!prepared) return prepared.error();
  find_ = std::move(*prepared);
  return {};
}

result<const std::string*> journal_reader::names::find(std::int64_t id) {
  if (const auto& known = place_of(id); known.id == id && id != 0) return &known.name;
  const reset_at_end reset{find_};
  find_.bind(1, id);
  auto row = find_.step();
  if (!row) return row.error();
  if (!*row) return error{code::corrupt, "an event names number " + std::to_string(id) + " that is not there"};
  grow_for(id);
  auto& known = place_of(id);
  known.id = id;
  known.name = find_.text(0);
  return &known.name;
}

void journal_reader::names::grow_for(std::int64_t id) {
  constexpr std::size_t most = 65'536;
  const auto wanted = std::min(static_cast<std::size_t>(id), most - 1) + 1;
  if (wanted <= known_.size()) return;
  std::vector<entry> all(std::bit_ceil(wanted));
  all.swap(known_);
  for (auto& e : all)
    if (e.id != 0) place_of(e.id) = std::move(e);
}

result<std::unique_ptr<journal_reader>> journal_reader::open(const sqlite_journal_options& options) {
  std::string incomplete;
  auto db = open_journal_reader(options, incomplete);
  if (!db) return db.error();
  auto reader = std::unique_ptr<journal_reader>{new journal_reader{std::move(*db)}};
  reader->incomplete_ = std::move(incomplete);
  if (auto prepared = reader->prepare(); !prepared) return prepared.error();
  return reader;
}

result<void> journal_reader::prepare() {
  const std::pair<statement*, std::string> all[] = {
      {&find_stream_, "select id from streams where name = ?1"},
      {&find_last_event_, "select version, id, position from events where stream = ?1 order by version desc limit 1"},
      {&forwards_, events("stream = ?1 and version >= ?2 order by version limit ?3")},
      {&backwards_, events("stream = ?1 and version <= ?2 order by version desc limit ?3")},
      {&all_forwards_, events("position > ?1 order by position limit ?2")},
      {&all_backwards_, events("position < ?1 order by position desc limit ?2")},
      {&look_forwards_, "select position, stream, type from events where position > ?1 order by position limit ?2"},
      {&look_backwards_,
       "select position, stream, type from events where position < ?1 order by position desc limit ?2"},
      {&one_, events("position = ?1")},
      {&find_type_, "select id from types where name = ?1"},
      {&snapshot_, "select version, state from snapshots where stream = ?1 and key = ?2"},
      {&commands_, "select id, fingerprint, reply from commands where stream = ?1 order by number desc limit ?2"},
      {&list_,
       "select name, version, recorded_at from (select id, name, (select max(version) from events where stream = s.id) as last from "
       "streams s"
       " where name >= ?1 and name < ?2) x join events e on e.stream = x.id and e.version = x.last order by name limit ?3"},
  };
  for (const auto& [target, sql] : all) {
    auto prepared = db_.prepare(sql);
    if (!prepared) return prepared.error();
    *target = std::move(*prepared);
  }
  auto tables = db_.number("select count(*) from sqlite_master where type = 'table' and name = 'fences'");
  if (!tables) return tables.error();
  has_fences_ = *tables > 0;
  if (has_fences_) {
    auto prepared = db_.prepare("select token from fences where scope = ?1");
    if (!prepared) return prepared.error();
    find_token_ = std::move(*prepared);
  }
  if (auto done = streams_.prepare(db_, "select name from streams where id = ?1"); !done) return done;
  return types_.prepare(db_, "select name from types where id = ?1");
}

result<std::int64_t> journal_reader::stream_id(const std::string& name) {
  find_stream_.bind_view(1, name);
  auto row = find_stream_.step();
  if (!row) return row.error();
  const auto id = *row ? find_stream_.integer(0) : 0;
  find_stream_.reset();
  return id;
}

// `stream`: the stream's name if all rows are of one stream.
result<void> journal_reader::collect(statement& rows, std::vector<recorded_event>& into, const std::string* stream, read_budget& budget) {
  const reset_at_end reset{rows};
  while (!budget.is_spent()) {
    auto row = rows.step();
    if (!row) return row.error();
    if (!*row) return {};
    auto& e = into.emplace_back();
    e.position = rows.integer(0);
    e.version = rows.integer(1);
    e.schema = static_cast<int>(rows.integer(4));
    e.recorded_at = instant{nanoseconds{rows.integer(5)}};
    e.id = to_uuid(rows.blob(6));
    e.metadata.correlation = to_uuid(rows.blob(7));
    e.metadata.causation = to_uuid(rows.blob(8));
    e.metadata.actor = rows.text(9);
    e.metadata.trace = rows.text(10);
    e.payload = rows.text(11);
    auto type = types_.find(rows.integer(3));
    if (type) e.type = **type;
    auto name = stream ? result<const std::string*>{stream} : streams_.find(rows.integer(2));
    if (name) e.stream = **name;
    if (!type || !name) return type ? name.error() : type.error();
    budget.take(e.payload.size());
  }
  return {};
}

result<loaded_stream> journal_reader::load(const load_request& request) {
  if (auto bounded = check(request); !bounded) return bounded.error();
  auto tx = transaction::begin(db_, transaction::kind::deferred);
  if (!tx) return tx.error();
  loaded_stream loaded;
  auto id = stream_id(request.stream);
  if (!id) return id.error();
  if (*id == 0) return loaded;

  find_last_event_.bind(1, *id);
  auto last = find_last_event_.step();
  if (!last) return last.error();
  if (*last) {
    loaded.version = find_last_event_.integer(0);
    loaded.last_event = to_uuid(find_last_event_.blob(1));
    loaded.position = find_last_event_.integer(2);
  }
  find_last_event_.reset();

  if (!request.snapshot_key.empty()) {
    const reset_at_end reset{snapshot_};
    snapshot_.bind(1, *id).bind_view(2, request.snapshot_key);
    auto row = snapshot_.step();
    if (!row) return row.error();
    if (*row && snapshot_.integer(0) <= loaded.version) {
      loaded.snapshot = snapshot{request.stream, snapshot_.integer(0), request.snapshot_key, std::string{snapshot_.text(1)}};
    }
  }
  const auto from = loaded.snapshot ? loaded.snapshot->version + 1 : 1;
  const auto most = static_cast<std::int64_t>(request.events);
  loaded.events.reserve(static_cast<std::size_t>(std::clamp<std::int64_t>(loaded.version - from + 1, 0, most)));
  forwards_.bind(1, *id).bind(2, from).bind(3, most);
  read_budget budget{request.events};
  if (auto read = collect(forwards_, loaded.events, &request.stream, budget); !read) return read.error();
  if (auto whole = check_versions(loaded.events, request.stream, from, loaded.version, budget.is_spent()); !whole) return whole.error();

  const reset_at_end reset{commands_};
  commands_.bind(1, *id).bind(2, static_cast<std::int64_t>(request.commands));
  for (read_budget replies{request.commands}; !replies.is_spent(); replies.take(loaded.commands.back().reply.size())) {
    auto row = commands_.step();
    if (!row) return row.error();
    if (!*row) break;
    loaded.commands.push_back({request.stream, to_uuid(commands_.blob(0)), static_cast<std::uint64_t>(commands_.integer(1)),
                               std::string{commands_.text(2)}});
  }
  return loaded;
}

result<std::vector<recorded_event>> journal_reader::read_stream(const read_stream_request& request) {
  if (auto bounded = check_limit(request.limit); !bounded) return bounded.error();
  std::vector<recorded_event> events;
  auto id = stream_id(request.stream);
  if (!id) return id.error();
  if (*id == 0) return events;
  auto& rows = request.backwards ? backwards_ : forwards_;
  const auto from = request.backwards && request.from == 0 ? last_version : request.from;
  rows.bind(1, *id).bind(2, from).bind(3, static_cast<std::int64_t>(request.limit));
  read_budget budget{request.limit};
  if (auto read = collect(rows, events, &request.stream, budget); !read) return read.error();
  const bool full = budget.is_spent();
  const auto first = std::max<version>(request.from, 1);
  auto whole = request.backwards ? check_versions_backwards(events, request.stream, full)
                                 : check_versions(events, request.stream, events.empty() ? 0 : first, 0, full);
  if (!whole) return whole.error();
  return events;
}

result<read_page> journal_reader::read_all(const read_all_request& request) {
  if (auto sound = check(request); !sound) return sound.error();
  if (is_filtered(request)) return read_filtered(request);
  read_page page;
  page.events.reserve(std::min<std::size_t>(request.limit, 1000));
  auto& rows = request.backwards ? all_backwards_ : all_forwards_;
  const auto after = request.backwards && request.after == 0 ? last_version : request.after;
  rows.bind(1, after).bind(2, static_cast<std::int64_t>(request.limit));
  read_budget budget{request.limit};
  if (auto read = collect(rows, page.events, nullptr, budget); !read) return read.error();
  const bool full = budget.is_spent();
  const auto first = std::max<position>(request.after, 0);
  auto whole = request.backwards ? check_positions(page.events, std::nullopt, -1, full)
                                 : check_positions(page.events, first, 1, full);
  if (!whole) return whole.error();
  if (full || request.backwards) {
    auto last = head();
    if (!last) return last.error();
    page.looked_to = first_looked_to(request, *last);
    if (!page.events.empty()) page.looked_to = page.events.back().position;
    page.at_end = request.backwards ? page.looked_to <= 1 : page.looked_to >= *last;
  } else {
    page.looked_to = page.events.empty() ? first : page.events.back().position;
    page.at_end = true;
  }
  return page;
}

result<std::int64_t> journal_reader::token_of(const std::string& scope) {
  if (!has_fences_) return 0;
  const reset_at_end reset{find_token_};
  find_token_.bind_view(1, scope);
  auto row = find_token_.step();
  if (!row) return row.error();
  return *row ? find_token_.integer(0) : 0;
}

result<std::map<std::string, std::string>> journal_reader::facts() {
  std::map<std::string, std::string> all;
  if (!has_fences_) return all;
  auto rows = db_.prepare("select key, value from facts");
  if (!rows) return rows.error();
  for (;;) {
    auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return all;
    all.emplace(rows->text(0), rows->text(1));
  }
}

result<std::vector<stream_info>> journal_reader::list_streams(const std::string& prefix, const std::string& after, std::size_t limit) {
  if (auto bounded = check_limit(limit); !bounded) return bounded.error();
  std::vector<stream_info> streams;
  const auto first = std::max(prefix, after.empty() ? after : after + '\0');
  const auto end = after_prefix(prefix);
  const reset_at_end reset{list_};
  list_.bind_view(1, first).bind(3, static_cast<std::int64_t>(limit));
  if (end.empty()) {
    list_.bind_blob_view(2, {});  // any text sorts before any blob
  } else {
    list_.bind_view(2, end);
  }
  for (;;) {
    auto row = list_.step();
    if (!row) return row.error();
    if (!*row) return streams;
    streams.push_back({std::string{list_.text(0)}, list_.integer(1), instant{nanoseconds{list_.integer(2)}}});
  }
}

result<journal_info> journal_reader::info() {
  auto tx = transaction::begin(db_, transaction::kind::deferred);
  if (!tx) return tx.error();
  auto incarnation = read_incarnation(db_);
  if (!incarnation) return incarnation.error();
  auto last = head();
  if (!last) return last.error();
  auto streams = db_.number("select count(*) from streams");
  if (!streams) return streams.error();
  auto history = read_history(db_, *last);
  if (!history) return history.error();
  auto declared = facts();
  if (!declared) return declared.error();
  return journal_info{*incarnation, *last, *streams, std::move(*history), incomplete_, std::move(*declared)};
}

}  // namespace banyan::sqlite
