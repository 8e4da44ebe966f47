#include <banyan/plan/schema.hpp>

#include <algorithm>
#include <map>
#include <tuple>

namespace banyan {

namespace {

using kind = schema_entry::entry_kind;
using effect = schema_change::effect_kind;

auto key_of(const schema_entry& e) { return std::tuple{e.kind, std::string_view{e.name}, e.version}; }

std::string name_of(const schema_entry& e) {
  return (e.kind == kind::event ? "event " : "operation ") + e.name + " " + std::to_string(e.version);
}

schema_entry entry_of(const operation& o) {
  schema_entry e{kind::operation, o.name, o.version, o.how, {}};
  if (o.request_codec && o.reply_codec)
    e.messages = {{"request", o.request_codec->describe()}, {"reply", o.reply_codec->describe()}};
  return e;
}

std::string joined_sentences(const std::vector<std::string>& sentences) {
  constexpr std::size_t most = 3;
  std::string all;
  for (std::size_t i = 0; i < std::min(most, sentences.size()); ++i) all += (i ? "; " : "") + sentences[i];
  if (sentences.size() > most) all += "; and " + std::to_string(sentences.size() - most) + " more";
  return all;
}

bool is_retried(idempotent how) { return how != idempotent::never; }

class comparison {
 public:
  void removed(const schema_entry& e) {
    add(effect::breaking, e,
        e.kind == kind::event ? "is gone: what was stored of it can not be read"
                              : "is gone: programs of the version before still ask it");
  }
  void added(const schema_entry& e) { add(effect::compatible, e, "is new"); }
  void kept(const schema_entry& before, const schema_entry& now) {
    if (before.how != now.how) {
      const bool fewer = is_retried(before.how) && !is_retried(now.how);
      add(fewer ? effect::breaking : effect::compatible, now,
          "was idempotent " + std::string{to_string(before.how)} + " and is " + std::string{to_string(now.how)} +
              (fewer ? ": callers of the version before send it again" : ""));
    }
    if (before.messages.empty() && now.messages.empty()) return;
    if (now.messages.empty())
      return add(effect::breaking, now, "can not travel any more: its messages are not described");
    if (before.messages.empty()) return add(effect::compatible, now, "can travel now");
    for (std::size_t i = 0; i < now.messages.size(); ++i) layout(before, before.messages[i], now.messages[i]);
  }
  std::vector<schema_change> found() && { return std::move(found_); }

 private:
  void layout(const schema_entry& e, const schema_entry::message& before, const schema_entry::message& now) {
    if (to_text({{e.kind, e.name, e.version, e.how, {before}}}) == to_text({{e.kind, e.name, e.version, e.how, {now}}}))
      return;
    const auto prefix = e.kind == kind::operation ? now.role + ": " : std::string{};
    if (const auto why = unreadable(now.layout, before.layout); !why.empty())
      add(effect::breaking, e, prefix + joined_sentences(why) + "; give it another version");
    else if (const auto old_fails = unreadable(before.layout, now.layout); !old_fails.empty())
      add(effect::one_way, e,
          prefix + joined_sentences(old_fails) +
              ", for the version before: upgrade all that read it before the first that writes it");
    else
      add(effect::compatible, e, prefix + "has another layout, which both versions read");
  }
  void add(effect how, const schema_entry& e, std::string sentence) {
    found_.push_back({how, name_of(e), std::move(sentence)});
  }

  std::vector<schema_change> found_;
};

}  // namespace

schema schema_of(const application& app) {
  schema all;
  for (const auto& service : app.services) {
    for (const auto& o : service.operations()) all.push_back(entry_of(o));
    for (const auto* written : service.offered<events_written>())
      for (const auto& e : written->events)
        all.push_back({kind::event, e.type, e.version, idempotent::never, {{"event", e.describe()}}});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return key_of(a) < key_of(b); });
  const auto same = [](const auto& a, const auto& b) { return key_of(a) == key_of(b); };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

std::vector<schema_change> compare(const schema& before, const schema& now) {
  comparison c;
  auto old = before.begin();
  auto current = now.begin();
  while (old != before.end() || current != now.end()) {
    if (current == now.end() || (old != before.end() && key_of(*old) < key_of(*current))) {
      c.removed(*old++);
    } else if (old == before.end() || key_of(*current) < key_of(*old)) {
      c.added(*current++);
    } else {
      c.kept(*old++, *current++);
    }
  }
  return std::move(c).found();
}

std::string_view to_string(schema_change::effect_kind e) {
  switch (e) {
    case effect::compatible: return "compatible";
    case effect::one_way: return "one way";
    case effect::breaking: return "breaking";
  }
  return {};
}

std::string to_string(const schema_change& c) {
  std::string text{to_string(c.effect)};
  text.resize(12, ' ');
  return text + c.what + ": " + c.sentence;
}

void check_event_layouts(const application& app, std::vector<problem>& out) {
  std::map<std::pair<std::string, int>, shape> written;
  for (const auto& service : app.services)
    for (const auto* w : service.offered<events_written>())
      for (const auto& e : w->events) written.emplace(std::pair{e.type, e.version}, e.describe());
  for (const auto& service : app.services)
    for (const auto* r : service.offered<events_read>())
      for (const auto& e : r->events) {
        const auto found = written.find({e.type, e.version});
        if (found == written.end()) continue;
        const auto why = unreadable(e.describe(), found->second);
        if (!why.empty())
          out.push_back({service.service() + "." + r->by, "reads " + e.type + " v" + std::to_string(e.version) +
                                                              ", but not as it is written: " + joined_sentences(why)});
      }
}

}  // namespace banyan
