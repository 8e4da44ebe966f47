// memory_journal: reads.
#include <banyan/journal/journal_rules.hpp>
#include <banyan/engines/memory/memory_journal.hpp>

#include <algorithm>

namespace banyan {

const memory_journal::stream_record* memory_journal::find(const std::string& stream) const {
  const auto it = streams_.find(stream);
  return it == streams_.end() ? nullptr : &it->second;
}

version memory_journal::version_of(const std::string& stream) const {
  const auto* s = find(stream);
  return s ? static_cast<version>(s->events.size()) : 0;
}

const recorded_event* memory_journal::last_of(const std::string& stream) const {
  const auto* s = find(stream);
  return s && !s->events.empty() ? &log_[s->events.back()] : nullptr;
}

loaded_stream memory_journal::read(const load_request& request) const {
  loaded_stream loaded;
  const auto* s = find(request.stream);
  if (!s) return loaded;
  if (const auto* last = last_of(request.stream)) {
    loaded.version = last->version;
    loaded.last_event = last->id;
    loaded.position = last->position;
  }
  if (s->last_snapshot && !request.snapshot_key.empty() && s->last_snapshot->key == request.snapshot_key)
    loaded.snapshot = s->last_snapshot;
  read_budget events{request.events}, replies{request.commands};
  for (auto v = loaded.snapshot ? loaded.snapshot->version : 0; v < loaded.version && !events.is_spent(); ++v) {
    const auto& e = log_[s->events[static_cast<std::size_t>(v)]];
    if (lost_.contains(e.position)) continue;
    events.take(e.payload.size());
    loaded.events.push_back(e);
  }
  for (auto c = s->commands.rbegin(); c != s->commands.rend() && !replies.is_spent(); ++c) {
    replies.take(c->record.reply.size());
    loaded.commands.push_back(c->record);
  }
  return loaded;
}

std::vector<recorded_event> memory_journal::read(const read_stream_request& request) const {
  std::vector<recorded_event> events;
  const auto last = version_of(request.stream);
  if (last == 0) return events;
  const auto& places = find(request.stream)->events;
  const auto at = [&](version v) -> const recorded_event& { return log_[places[static_cast<std::size_t>(v - 1)]]; };
  read_budget budget{request.limit};
  const auto take = [&](const recorded_event& e) {
    if (lost_.contains(e.position)) return;
    budget.take(e.payload.size());
    events.push_back(e);
  };
  if (request.backwards) {
    for (auto v = request.from == 0 ? last : std::min(request.from, last); v >= 1 && !budget.is_spent(); --v)
      take(at(v));
  } else {
    for (auto v = std::max<version>(request.from, 1); v <= last && !budget.is_spent(); ++v) take(at(v));
  }
  return events;
}

read_page memory_journal::read(const read_all_request& request) const {
  read_page page;
  page.looked_to = first_looked_to(request, head());
  const bool filtered = is_filtered(request);
  auto looks = filtered ? static_cast<position>(journal_limits::looked_at) : head();
  read_budget budget{request.limit};
  const auto look_at = [&](position p) {
    const auto& e = log_[static_cast<std::size_t>(p - 1)];
    --looks;
    page.looked_to = p;
    if (lost_.contains(p) || (filtered && !matches(request, e.stream, e.type))) return;
    budget.take(e.payload.size());
    page.events.push_back(e);
  };
  if (request.backwards) {
    while (page.looked_to > 1 && !budget.is_spent() && looks > 0) look_at(page.looked_to - 1);
    page.at_end = page.looked_to <= 1;
  } else {
    while (page.looked_to < head() && !budget.is_spent() && looks > 0) look_at(page.looked_to + 1);
    page.at_end = page.looked_to >= head();
  }
  return page;
}

std::vector<stream_info> memory_journal::read(const std::string& prefix, const std::string& after, std::size_t limit) const {
  std::vector<stream_info> streams;
  for (auto it = streams_.lower_bound(std::max(prefix, after)); it != streams_.end() && streams.size() < limit; ++it) {
    const auto& [name, s] = *it;
    if (name.compare(0, prefix.size(), prefix) != 0) break;
    if (name == after || s.events.empty()) continue;
    streams.push_back({name, static_cast<version>(s.events.size()), log_[s.events.back()].recorded_at});
  }
  return streams;
}

}  // namespace banyan
