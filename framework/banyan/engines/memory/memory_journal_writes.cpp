// memory_journal: writes, and forgetting of commands.
#include <banyan/journal/category.hpp>
#include <banyan/journal/journal_rules.hpp>
#include <banyan/engines/memory/memory_journal.hpp>

#include <algorithm>

namespace banyan {

result<append_result> memory_journal::apply(const append_request& request) {
  if (const auto& f = request.under; f && f->token < token_of(f->scope))
    return fenced(*f, token_of(f->scope), outcome_of(request));
  if (auto answer = answered_before(request)) return std::move(*answer);
  if (auto answer = appended_before(request)) return std::move(*answer);
  for (const auto& w : request.writes) {
    const auto* last = last_of(w.stream);
    const auto actual = last ? last->version : 0;
    const auto event = last ? last->id : uuid{};
    if (!holds(w.condition, actual, event)) return wrong_version(w.stream, w.condition, actual, event);
  }
  return write(request);
}

// Whether an earlier attempt has stored it.
outcome memory_journal::outcome_of(const append_request& request) const {
  const auto holds = [](const std::optional<result<append_result>>& answer) { return answer && *answer; };
  return holds(answered_before(request)) || holds(appended_before(request)) ? outcome::applied : outcome::not_applied;
}

std::optional<result<append_result>> memory_journal::answered_before(const append_request& request) const {
  const auto* s = request.command ? find(request.command->stream) : nullptr;
  if (!s) return std::nullopt;
  const auto& c = *request.command;
  const auto stored =
      std::find_if(s->commands.begin(), s->commands.end(), [&](const auto& known) { return known.record.id == c.id; });
  if (stored == s->commands.end()) return std::nullopt;
  if (stored->record.fingerprint != c.fingerprint) return command_id_reused(c.id, c.stream);
  append_result answer;
  if (auto events = appended_before(request); events && *events) {
    answer = std::move(**events);
  } else {
    for (const auto& w : request.writes) answer.streams.push_back({w.stream, version_of(w.stream), {}});
    answer.last = head();
  }
  answer.repeated = true;
  answer.stored_command = stored->record;
  return answer;
}

std::optional<result<append_result>> memory_journal::appended_before(const append_request& request) const {
  append_result answer;
  answer.repeated = true;
  std::optional<uuid> missing;
  std::optional<error> conflict;
  bool any = false;
  for (const auto& w : request.writes) {
    auto& written = answer.streams.emplace_back(append_result::written{w.stream, version_of(w.stream), {}});
    version previous = 0;
    for (const auto& e : w.events) {
      const auto place = places_.find(e.id);
      if (place == places_.end()) {
        missing = e.id;
        continue;
      }
      any = true;
      const auto& there = log_[place->second];
      if (there.stream != w.stream || (previous != 0 && there.version != previous + 1))
        conflict = event_id_reused(e.id, w.stream);
      previous = written.version = there.version;
      written.positions.push_back(there.position);
      answer.last = std::max(answer.last, there.position);
    }
  }
  if (!any) return std::nullopt;
  if (conflict) return std::move(*conflict);
  if (missing) return partly_appended(*missing);
  return answer;
}

append_result memory_journal::write(const append_request& request) {
  append_result answer;
  recorded_at_ = std::max(recorded_at_, options_.clock->now());
  for (const auto& w : request.writes) {
    auto& written = answer.streams.emplace_back(append_result::written{w.stream, version_of(w.stream), {}});
    for (const auto& e : w.events) {
      auto& s = streams_[w.stream];
      places_.emplace(e.id, log_.size());
      s.events.push_back(log_.size());
      auto& stored = log_.emplace_back();
      static_cast<new_event&>(stored) = e;
      stored.stream = w.stream;
      stored.version = ++written.version;
      stored.position = head();
      stored.recorded_at = recorded_at_;
      written.positions.push_back(stored.position);
    }
  }
  if (request.command) {
    streams_[request.command->stream].commands.push_back({*request.command, head(), recorded_at_});
  }
  if (request.under) raise(*request.under);
  answer.last = head();
  return answer;
}

std::int64_t memory_journal::token_of(const std::string& scope) const {
  const auto raised = tokens_.find(scope);
  return raised == tokens_.end() || raised->second.empty() ? 0 : raised->second.back().token;
}

void memory_journal::raise(const fence& f) {
  if (f.token > token_of(f.scope)) tokens_[f.scope].push_back({f.token, head()});
}

result<sealed> memory_journal::put_seal(const fence& f) {
  if (const auto held = token_of(f.scope); f.token < held) return fenced(f, held);
  raise(f);
  return sealed{head()};
}

result<bool> memory_journal::put_fact(const std::string& key, const std::string& value) {
  if (const auto there = facts_.find(key); there != facts_.end()) {
    if (there->second.value != value) return declared_otherwise(key, there->second.value, value);
    return false;
  }
  if (facts_.size() >= journal_limits::facts) return too_many_facts();
  facts_.emplace(key, declared_fact{value, head()});
  return true;
}

forgotten memory_journal::forget(const forget_request& request) {
  forgotten answer;
  std::size_t budget = journal_limits::forgetting;
  for (auto it = streams_.lower_bound(request.from); it != streams_.end(); ++it) {
    auto& [name, s] = *it;
    if (s.commands.empty() || (!request.category.empty() && category_of(name) != request.category)) continue;
    if (budget > 0) {
      const auto n = beyond(request.horizon, options_.clock->now(), s.commands.size(), budget,
                            [&commands = s.commands](std::size_t i) { return commands[i].at; });
      s.commands.erase(s.commands.begin(), s.commands.begin() + static_cast<std::ptrdiff_t>(n));
      answer.commands += static_cast<std::int64_t>(n);
      budget -= std::max<std::size_t>(n, 1);
      if (n == 0 || budget > 0) continue;
    }
    answer.next = name;  // this stream may not have been processed completely
    return answer;
  }
  return answer;
}

bool memory_journal::put_snapshot(const snapshot& s) {
  const auto it = streams_.find(s.stream);
  if (it == streams_.end() || s.version > version_of(s.stream)) return false;
  auto& last = it->second.last_snapshot;
  if (last && last->key == s.key && last->version >= s.version) return false;
  last = s;
  return true;
}

}  // namespace banyan
