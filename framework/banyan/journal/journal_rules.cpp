#include <banyan/journal/journal_rules.hpp>

#include <banyan/core/utf8.hpp>
#include <banyan/journal/category.hpp>

#include <algorithm>
#include <vector>

namespace banyan {

namespace {

error invalid(std::string text, std::string field) { return error{code::invalid_argument, std::move(text)}.at(std::move(field)); }

std::string index_of(std::string_view list, std::size_t i) { return std::string{list} + "[" + std::to_string(i) + "]"; }

result<void> check_name(std::string_view name, std::string field) {
  if (name.empty()) return invalid(field + " is empty", field);
  if (name.size() > journal_limits::name) return invalid(field + " is longer than 1024 bytes", field);
  return {};
}

result<void> check_short_text(std::string_view text, std::string field) {
  if (text.empty()) return invalid(field + " is empty", field);
  if (text.size() > journal_limits::scope) return invalid(field + " is longer than 255 bytes", field);
  if (!is_utf8(text)) return invalid(field + " is not UTF-8", field);
  return {};
}

// The field's path is built only for an error: this runs for every event.
const char* defect_of(const new_event& e) {
  if (e.id.is_nil()) return ".id";
  if (e.type.empty() || e.type.size() > journal_limits::name) return ".type";
  if (e.schema < 1) return ".schema";
  if (e.payload.size() > journal_limits::payload) return ".payload";
  if (e.metadata.actor.size() > journal_limits::name) return ".metadata.actor";
  if (e.metadata.trace.size() > journal_limits::name) return ".metadata.trace";
  return nullptr;
}

template <class T>
bool has_repeats(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  return std::adjacent_find(values.begin(), values.end()) != values.end();
}

std::string at_event(version v, const uuid& event) {
  return "version " + std::to_string(v) + (event.is_nil() ? " with no event" : " with event " + to_string(event));
}

std::string words_of(const expected& condition) {
  switch (condition.kind) {
    case expected_kind::any: return "any version";
    case expected_kind::no_stream: return "no stream";
    case expected_kind::stream_exists: return "an existing stream";
    case expected_kind::exact: return "version " + std::to_string(condition.at);
    case expected_kind::after: break;
  }
  return at_event(condition.at, condition.last);
}

}  // namespace

result<std::size_t> check(const append_request& request, partition partitions) {
  if (auto there = check_partition(request.part, partitions); !there) return there.error();
  if (request.under) {
    if (auto sound = check(*request.under); !sound) return sound.error();
  }
  if (request.writes.empty() && !request.command) return invalid("an append needs a stream or a command", "writes");
  if (request.writes.size() > journal_limits::streams) return invalid("an append takes at most 1000 streams", "writes");
  std::size_t bytes = 0;
  std::size_t events = 0;
  for (std::size_t w = 0; w < request.writes.size(); ++w) {
    const auto& write = request.writes[w];
    if (write.stream.empty() || write.stream.size() > journal_limits::name) {
      return check_name(write.stream, index_of("writes", w) + ".stream").error();
    }
    bytes += write.stream.size();
    events += write.events.size();
    for (std::size_t i = 0; i < write.events.size(); ++i) {
      const auto& e = write.events[i];
      if (const char* field = defect_of(e)) {
        const auto path = index_of("writes", w) + index_of(".events", i) + field;
        return invalid(path + " is missing or out of bounds", path);
      }
      bytes += e.payload.size() + e.type.size() + e.metadata.actor.size() + e.metadata.trace.size();
    }
  }
  if (events > journal_limits::events) return invalid("an append takes at most 10000 events", "writes");
  if (request.writes.size() > 1) {
    std::vector<std::string_view> names;
    for (const auto& write : request.writes) names.push_back(write.stream);
    if (has_repeats(std::move(names))) return invalid("a stream is named twice in one append", "writes");
  }
  if (events > 1) {
    std::vector<uuid> ids;
    ids.reserve(events);
    for (const auto& write : request.writes) {
      for (const auto& e : write.events) ids.push_back(e.id);
    }
    if (has_repeats(std::move(ids))) return invalid("an event id is used twice in one append", "writes");
  }
  if (const auto& c = request.command) {
    if (auto named = check_name(c->stream, "command.stream"); !named) return named.error();
    if (c->id.is_nil()) return invalid("command.id is missing", "command.id");
    if (c->reply.size() > journal_limits::payload) return invalid("command.reply is larger than 1 MiB", "command.reply");
    bytes += c->stream.size() + c->reply.size();
  }
  if (bytes > journal_limits::append_bytes) return append_is_too_large();
  return bytes;
}

result<std::size_t> check(const snapshot& s) {
  if (auto named = check_name(s.stream, "stream"); !named) return named.error();
  if (auto named = check_name(s.key, "key"); !named) return named.error();
  if (s.version < 1) return invalid("a snapshot's version starts at 1", "version");
  if (s.state.size() > journal_limits::state) return invalid("a snapshot's state takes at most 16 MiB", "state");
  return s.stream.size() + s.key.size() + s.state.size();
}

result<void> check(const load_request& request) {
  if (request.events < 1) return invalid("a load returns 1 event at least", "events");
  if (auto bounded = check_limit(request.events, "events"); !bounded) return bounded;
  return check_limit(request.commands, "commands");
}

result<void> check(const read_all_request& request, partition partitions) {
  if (auto there = check_partition(request.part, partitions); !there) return there;
  if (auto bounded = check_limit(request.limit); !bounded) return bounded;
  if (request.categories.size() > journal_limits::filter)
    return invalid("a read is filtered by at most 1000 categories", "categories");
  if (request.types.size() > journal_limits::filter)
    return invalid("a read is filtered by at most 1000 types", "types");
  for (std::size_t i = 0; i < request.categories.size(); ++i) {
    const auto field = index_of("categories", i);
    if (auto named = check_name(request.categories[i], field); !named) return named;
    if (!is_journal_name(request.categories[i])) return invalid(field + " has a dash, which no category has", field);
  }
  for (std::size_t i = 0; i < request.types.size(); ++i) {
    if (auto named = check_name(request.types[i], index_of("types", i)); !named) return named;
  }
  return {};
}

result<void> check(const fence& f, std::string_view field) {
  const auto at = std::string{field};
  if (auto named = check_scope(f.scope, at + ".scope"); !named) return named;
  if (f.token < 0) return invalid(at + ".token is below 0", at + ".token");
  return {};
}

result<void> check(const forget_request& request) {
  if (!request.category.empty() && !is_journal_name(request.category))
    return invalid("category has a dash, which no category has", "category");
  if (request.horizon.age.count() <= nanoseconds{})
    return invalid("commands are remembered for a while", "horizon.age");
  if (request.horizon.per_stream < 1)
    return invalid("one command of a stream at least is remembered", "horizon.per_stream");
  return {};
}

result<void> check_fact(std::string_view key, std::string_view value) {
  if (auto named = check_short_text(key, "key"); !named) return named;
  return check_short_text(value, "value");
}

result<void> check_scope(std::string_view scope, std::string field) {
  return check_short_text(scope, std::move(field));
}

result<void> check_partition(partition part, partition partitions) {
  if (part < partitions) return {};
  return invalid("the journal has no partition " + std::to_string(part), "part").because("no_such_partition");
}

result<void> check_limit(std::size_t limit, std::string field) {
  if (limit > journal_limits::read) return invalid("a read answers at most 10000 entries", std::move(field));
  return {};
}

bool holds(const expected& condition, version actual, const uuid& last) {
  switch (condition.kind) {
    case expected_kind::any: return true;
    case expected_kind::no_stream: return actual == 0;
    case expected_kind::stream_exists: return actual > 0;
    case expected_kind::exact: return actual == condition.at;
    case expected_kind::after: return actual == condition.at && last == condition.last;
  }
  return false;
}

bool is_filtered(const read_all_request& request) { return !request.categories.empty() || !request.types.empty(); }

position first_looked_to(const read_all_request& request, position head) {
  if (!request.backwards) return std::max<position>(request.after, 0);
  return request.after == 0 ? head + 1 : std::clamp<position>(request.after, 1, head + 1);
}

bool matches(const read_all_request& filter, std::string_view stream, std::string_view type) {
  const auto names = [](const std::vector<std::string>& list, std::string_view name) {
    return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
  };
  return names(filter.types, type) && names(filter.categories, category_of(stream));
}

error wrong_version(std::string_view stream, const expected& condition, version actual, const uuid& last) {
  const auto found = condition.kind == expected_kind::after ? at_event(actual, last) : "version " + std::to_string(actual);
  return error{code::conflict, "stream " + std::string{stream} + " is at " + found + ", expected " + words_of(condition)}.because(
      "wrong_version");
}

error event_id_reused(const uuid& id, std::string_view stream) {
  return error{code::conflict, "event " + to_string(id) + " for stream " + std::string{stream} + " was already appended otherwise"}.because(
      "event_id_reused");
}

error partly_appended(const uuid& missing) {
  return error{code::conflict, "some events of this append are there already, event " + to_string(missing) + " is not"}.because(
      "event_id_reused");
}

error command_id_reused(const uuid& id, std::string_view stream) {
  return error{code::conflict, "command " + to_string(id) + " of stream " + std::string{stream} + " was already used with other content"}
      .because("command_id_reused");
}

error fenced(const fence& older, std::int64_t holds, outcome of_the_request) {
  return error{code::conflict,
               "scope " + older.scope + " is held under token " + std::to_string(holds) + ", token " +
                   std::to_string(older.token) + " is older",
               of_the_request}
      .because("fenced");
}

error declared_otherwise(std::string_view key, std::string_view stored, std::string_view declared) {
  return error{code::conflict, std::string{key} + " is " + std::string{stored} +
                                   " in this journal since it was first declared, now it is said to be " +
                                   std::string{declared}}
      .because("declared_otherwise");
}

error too_many_facts() { return error{code::exhausted, "a journal has at most 1000 declared facts"}.because("facts"); }

error append_is_too_large() { return invalid("an append takes at most 16 MiB", "writes"); }

error queue_is_full() {
  return error{code::exhausted, "the journal's queue is full"}.because("queue_full").after(std::chrono::milliseconds{100});
}

bool is_about_journal(const error& why) {
  switch (why.code) {
    case code::exhausted: return why.reason == "disk" || why.reason == "queue_full";
    case code::unavailable: return why.reason == "disk" || why.reason == "journal_lost";
    case code::corrupt: return why.reason == "damaged_file" || why.reason == "journal_lost";
    default: return false;
  }
}

}  // namespace banyan
