#include <banyan/saga/saga_administration.hpp>

#include <banyan/core/text.hpp>
#include <banyan/core/utf8.hpp>
#include <banyan/cqrs/view_store_rows.hpp>
#include <banyan/saga/living_sagas.hpp>
#include <banyan/saga/mismatch.hpp>
#include <banyan/saga/saga_advice.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <utility>

namespace banyan {
namespace {

constexpr std::size_t usual_page = 100, largest_page = 1000;  // sagas
constexpr std::size_t shown_turns = 100;                      // events, the last ones
constexpr std::size_t exported_turns = 500;                   // events in a part
constexpr std::size_t longest_value = 200;                    // bytes
constexpr std::chrono::seconds order_limit{30};

error wrong(std::string what, std::string field) {
  return error{code::invalid_argument, std::move(what)}.at(std::move(field));
}

std::string parameter(const operator_request& r, std::string_view name) {
  const auto* value = r.parameter(name);
  return value ? *value : std::string{};
}

result<std::int64_t> number(const operator_request& r, const char* name, std::int64_t otherwise, std::int64_t least,
                            std::int64_t most) {
  const auto* text = r.parameter(name);
  if (!text) return otherwise;
  std::int64_t n = 0;
  const auto* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, n);
  if (text->empty() || parsed.ec != std::errc{} || parsed.ptr != end || n < least || n > most)
    return wrong("it is a whole number from " + std::to_string(least) + " to " + std::to_string(most), name);
  return n;
}

instant instant_of(std::int64_t n) { return instant{nanoseconds{n}}; }

std::string cut_value(const std::string& text) {
  return text.size() <= longest_value ? text : text.substr(0, longest_value) + "...";
}

std::string stream_of(const running_saga& k, const std::string& id, int run) {
  return k.spec.category + "-" + id + (run == 1 ? "" : "~" + std::to_string(run));
}

saga_line line_of(const std::string& saga, const saga_index_row& row, const std::string* blocked) {
  saga_line l;
  l.saga = saga;
  l.id = row.id;
  l.run = row.run;
  l.version = row.version;
  l.state = blocked ? "blocked" : row.phase == "ended" ? row.state : row.phase;
  l.status = row.status;
  l.started = instant_of(row.started);
  l.since = instant_of(row.since);
  l.waiting_for = row.waiting_for;
  l.open_steps = row.open_steps;
  l.turns = row.turns;
  l.bytes = row.bytes;
  l.reason = blocked ? *blocked : row.reason;
  return l;
}

saga_kind_line kind_of(const running_saga& k, const saga_load& load) {
  const auto linked = k.versions();
  saga_kind_line line{.saga = k.spec.name};
  for (const auto& v : load.versions)
    line.living.push_back({v.version, v.sagas, instant_of(v.oldest),
                           std::find(linked.begin(), linked.end(), v.version) != linked.end()});
  line.versions = load.indexed;
  line.attention = load.attention;
  line.overdue = load.overdue;
  return line;
}

std::optional<saga_turn_line> turn_line_of(const recorded_event& e) {
  if (e.type != saga_turned::stored.type) return std::nullopt;
  const auto turn = read_turn(e.payload);
  if (!turn) return saga_turn_line{.because = "a turn that does not decode: " + turn.error().message};
  saga_turn_line line{.turn = turn->turn, .now = turn->now, .because = describe(turn->because)};
  const auto& payload = turn->because.payload;
  const bool may_be_error = turn->because.kind != saga_notice::started && turn->because.kind != saga_notice::received;
  const auto failure = may_be_error ? error_in(payload) : std::nullopt;
  if (failure && failure->code != code::corrupt)
    line.because += ": " + to_string(*failure);
  else if (!payload.empty())
    line.because += " " + cut_value(payload.text);
  line.by = turn->because.by;
  for (const auto& r : turn->then) line.then.push_back(describe(r));
  if (turn->returned) line.then.push_back("its function returned " + cut_value(turn->returned->text));
  if (turn->end) line.end = describe(*turn->end);
  return line;
}

error no_such_saga(const std::string& id, const std::string& name) {
  return error{code::not_found, "there is no saga " + id + (name.empty() ? "" : " of " + name)}.because("no_such_saga");
}

// What is wrong with the texts of an order: they are stored.
std::optional<error> not_text(const operator_request& r) {
  for (const char* name : {"because", "by", "event"})
    if (!is_utf8(parameter(r, name))) return wrong("it is UTF-8", name);
  return std::nullopt;
}

std::string who(const operator_request& r) {
  const auto by = parameter(r, "by");
  return by.empty() ? "operator" : by;
}

result<saga_order> order_from(saga_command what, const operator_request& r) {
  if (auto unfit = not_text(r)) return std::move(*unfit);
  saga_order o{.what = what, .id = r.capture("id"), .because = parameter(r, "because"), .by = who(r)};
  const bool needs_reason =
      what == saga_command::cancel || what == saga_command::abort || what == saga_command::undone;
  if (needs_reason && o.because.empty()) return wrong("say why: it is stored with the saga", "because");
  if (what == saga_command::undone) {
    const auto step = number(r, "step", 0, 1, 1'000'000'000);
    if (!step) return step.error();
    if (*step == 0) return wrong("say which step", "step");
    o.number = static_cast<int>(*step);
  }
  if (what == saga_command::receive) {
    o.name = parameter(r, "event");
    if (o.name.empty()) return wrong("say which event", "event");
    auto payload = from_json<nested_json>(parameter(r, "payload"));
    if (!payload) return wrong("it is no JSON: " + payload.error().message, "payload");
    o.payload = std::move(*payload);
  }
  return o;
}

using shared_answer = std::shared_ptr<completion<std::string>>;
shared_answer shared(completion<std::string> answer) {
  return std::make_shared<completion<std::string>>(std::move(answer));
}

}  // namespace

std::vector<int> running_saga::versions() const {
  std::vector<int> all;
  for (const auto& v : spec.versions) all.push_back(v.version);
  return all;
}

std::vector<operator_command> saga_administration::commands(const std::shared_ptr<const saga_administration>& of) {
  using answered = completion<std::string>;
  std::vector<operator_command> all{
      {"GET", "/sagas", [of](const operator_request& r, answered a) { of->list(r, std::move(a)); }},
      {"GET", "/sagas/{id}", [of](const operator_request& r, answered a) { of->show(r, std::move(a)); }},
      {"POST", "/sagas/{id}/history", [of](const operator_request& r, answered a) { of->history(r, std::move(a)); }}};
  const auto changes = {std::pair{"retry", saga_command::retry}, std::pair{"send", saga_command::receive},
                        std::pair{"cancel", saga_command::cancel}, std::pair{"abort", saga_command::abort},
                        std::pair{"undone", saga_command::undone}};
  for (const auto& [name, what] : changes)
    all.push_back({"POST", std::string{"/sagas/{id}/"} + name,
                   [of, what = what](const operator_request& r, answered a) { of->change(what, r, std::move(a)); }});
  return all;
}

// --- which saga

// Asks one kind of sagas after the other for an id.
struct saga_administration::search : std::enable_shared_from_this<search> {
  std::shared_ptr<const saga_administration> of;
  std::vector<kind> among, with_it;
  std::size_t next = 0;
  std::string id;
  found then;

  void go_on() {
    if (next == among.size()) return finish();
    of->describe(among[next], id, [self = shared_from_this()](result<saga_description> d) {
      if (!d && d.error().code != code::not_found) return self->then(std::move(d.error()));
      if (d) self->with_it.push_back(self->among[self->next]);
      ++self->next;
      self->go_on();
    });
  }
  void finish() {
    if (with_it.empty()) return then(no_such_saga(id, {}));
    if (with_it.size() == 1) return then(with_it.front());
    std::string names;
    for (const auto& k : with_it) names += (names.empty() ? "" : ", ") + k->spec.name;
    then(error{code::conflict, "several sagas have the id " + id + ", so say which (name): " + names}
             .because("several_sagas")
             .at("name"));
  }
};

void saga_administration::find(const operator_request& r, found then) const {
  const auto name = parameter(r, "name");
  auto s = std::make_shared<search>();
  for (const auto& k : all_)
    if (name.empty() || k->spec.name == name) s->among.push_back(k);
  if (s->among.empty()) return then(error{code::not_found, "no sagas are called " + name + " on this node"}.at("name"));
  if (s->among.size() == 1) return then(s->among.front());
  s->of = shared_from_this();
  s->id = r.capture("id");
  s->then = std::move(then);
  s->go_on();
}

void saga_administration::describe(const kind& k, const std::string& id, completion<saga_description> then) const {
  auto asked = make_message<describe_saga>(describe_saga{id});
  const auto to = k->to(*asked);
  system_.ask(to, describe_saga{id}, order_limit, std::move(then));
}

// --- list

// A page being filled, one kind of sagas after the other: first what each has in all, then the sagas.
struct saga_administration::listing : std::enable_shared_from_this<listing> {
  std::vector<kind> kinds, from;
  instant at = {};
  std::size_t now = 0;
  saga_filter filter;
  bool only_blocked = false;
  std::string after;
  std::size_t limit = usual_page;
  std::map<std::string, std::string> blocked;  // cause by stream
  sagas_page page;
  completion<std::string> answer;

  void count() {
    if (page.kinds.size() == kinds.size()) return go_on();
    const auto& k = *kinds[page.kinds.size()];
    if (k.index->progress->applied.load() < 0)
      return answer(error{code::unavailable, "the index of " + k.spec.name + " is not open yet"});
    auto load = std::make_shared<saga_load>();
    k.index->store->read([load, at = at](view_reader& v) { *load = saga_load_of(v, at); },
                         [self = shared_from_this(), load, &k](result<position> read) {
                           if (!read) return self->answer(std::move(read.error()));
                           self->page.kinds.push_back(kind_of(k, *load));
                           self->count();
                         });
  }
  void go_on() {
    if (now == from.size()) return answer(to_json(page));
    const auto& k = *from[now];
    auto rows = std::make_shared<std::vector<saga_index_row>>();
    const auto most = static_cast<int>(limit - page.sagas.size() + 1);
    auto ids = only_blocked ? blocked_ids(k) : std::vector<std::string>{};
    auto body = [rows, f = filter, a = after, most, ids = std::move(ids), one_by_one = only_blocked](view_reader& v) {
      rows->clear();
      if (!one_by_one) *rows = list_sagas(v, f, a, most);
      for (const auto& id : ids)
        if (auto row = find_saga(v, id)) rows->push_back(std::move(*row));
    };
    k.index->store->read(std::move(body), [self = shared_from_this(), rows](result<position> at) {
      if (!at) return self->answer(std::move(at.error()));
      self->take(*rows);
    });
  }
  std::vector<std::string> blocked_ids(const running_saga& k) const {
    const auto prefix = k.spec.category + "-";
    std::vector<std::string> ids;
    for (const auto& [stream, cause] : blocked) {
      if (!stream.starts_with(prefix)) continue;
      auto id = stream.substr(prefix.size());
      if (id > after) ids.push_back(std::move(id));
    }
    return ids;
  }
  void take(const std::vector<saga_index_row>& rows) {
    const auto& k = *from[now];
    for (const auto& row : rows) {
      if (page.sagas.size() == limit) {
        page.next = page.sagas.back().saga + "/" + page.sagas.back().id;
        return answer(to_json(page));
      }
      const auto why = blocked.find(k.spec.category + "-" + row.id);
      page.sagas.push_back(line_of(k.spec.name, row, why == blocked.end() ? nullptr : &why->second));
    }
    ++now;
    after.clear();
    go_on();
  }
};

void saga_administration::list(const operator_request& r, completion<std::string> answer) const {
  auto page = std::make_shared<listing>();
  const auto limit = number(r, "limit", usual_page, 1, largest_page);
  if (!limit) return answer(limit.error());
  const auto version = number(r, "version", 0, 1, 1'000'000'000);
  if (!version) return answer(version.error());
  page->limit = static_cast<std::size_t>(*limit);
  page->filter.version = static_cast<int>(*version);
  page->filter.state = parameter(r, "status");
  page->filter.waiting_for = parameter(r, "waiting-for");
  page->only_blocked = page->filter.state == "blocked";
  if (const auto* text = r.parameter("older-than")) {
    const auto age = parse_timespan(*text);
    if (!age) return answer(wrong(age.error().message, "older-than"));
    page->filter.quiet_since = system_.now() - nanoseconds{*age};
  }
  const auto name = parameter(r, "name");
  for (const auto& k : all_)
    if ((name.empty() || k->spec.name == name) && k->index) page->from.push_back(k);
  if (page->from.empty() && !name.empty())
    return answer(error{code::not_found, "no sagas are called " + name + " on this node"}.at("name"));
  std::sort(page->from.begin(), page->from.end(),
            [](const auto& a, const auto& b) { return a->spec.name < b->spec.name; });
  page->kinds = page->from;
  page->at = system_.now();
  if (const auto* after = r.parameter("after")) {
    const auto slash = after->find('/');
    if (slash == after->npos) return answer(wrong("\"" + *after + "\" is not what a page gave as `next`", "after"));
    const auto first = after->substr(0, slash);
    std::erase_if(page->from, [&](const auto& k) { return k->spec.name < first; });
    if (!page->from.empty() && page->from.front()->spec.name == first) page->after = after->substr(slash + 1);
  }
  for (auto& [stream, cause] : blocked_->list()) page->blocked.emplace(stream, cause);
  page->answer = std::move(answer);
  page->count();
}

// --- one

void saga_administration::show(const operator_request& r, completion<std::string> done) const {
  const auto answer = shared(std::move(done));
  auto read_turns = [answer](const kind& k, saga_page page) {
    read_stream_request last{.stream = stream_of(*k, page.saga.id, page.saga.run), .from = 0, .limit = shown_turns};
    last.backwards = true;
    auto all = std::make_shared<saga_page>(std::move(page));
    k->journal->read_stream(std::move(last), [answer, all](result<std::vector<recorded_event>> events) {
      if (!events) return (*answer)(std::move(events.error()));
      for (auto e = events->rbegin(); e != events->rend(); ++e)
        if (auto line = turn_line_of(*e)) all->turns.push_back(std::move(*line));
      (*answer)(to_json(*all));
    });
  };
  find(r, [self = shared_from_this(), id = r.capture("id"), answer, read_turns](result<kind> k) {
    if (!k) return (*answer)(std::move(k.error()));
    self->describe(*k, id, [k = *k, answer, read_turns](result<saga_description> d) {
      if (!d) return (*answer)(std::move(d.error()));
      const auto advice = advice_for(*d);
      read_turns(k, {std::move(*d), {}, advice});
    });
  });
}

void saga_administration::history(const operator_request& r, completion<std::string> done) const {
  const auto answer = shared(std::move(done));
  const auto from = number(r, "from", 1, 1, 1'000'000'000);
  if (!from) return (*answer)(from.error());
  find(r, [self = shared_from_this(), id = r.capture("id"), from = *from, answer](result<kind> k) {
    if (!k) return (*answer)(std::move(k.error()));
    self->describe(*k, id, [k = *k, from, answer](result<saga_description> d) {
      if (!d) return (*answer)(std::move(d.error()));
      auto h = std::make_shared<saga_history>(saga_history{d->saga, d->id, d->run, d->version, {}, {}});
      read_stream_request part{.stream = stream_of(*k, d->id, d->run), .from = from, .limit = exported_turns};
      k->journal->read_stream(std::move(part), [answer, h](result<std::vector<recorded_event>> events) {
        if (!events) return (*answer)(std::move(events.error()));
        for (auto& e : *events)
          if (e.type == saga_turned::stored.type) h->turns.push_back({std::move(e.payload)});
        if (!events->empty()) h->next = events->back().version + 1;
        (*answer)(to_json(*h));
      });
    });
  });
}

// --- changes

void saga_administration::change(saga_command what, const operator_request& r, completion<std::string> done) const {
  const auto answer = shared(std::move(done));
  auto order = order_from(what, r);
  if (!order) return (*answer)(std::move(order.error()));
  find(r, [self = shared_from_this(), order = std::move(*order), answer](result<kind> k) {
    if (!k) return (*answer)(std::move(k.error()));
    auto routed = make_message<saga_order>(order);
    const auto to = (*k)->to(*routed);
    self->system_.ask(to, order, order_limit, [self, k = *k, id = order.id, answer](result<saga_receipt> receipt) {
      if (!receipt) return (*answer)(std::move(receipt.error()));
      self->describe(k, id, [answer, receipt = *receipt](result<saga_description> d) {
        if (!d) return (*answer)(std::move(d.error()));
        (*answer)(to_json(
            saga_change{d->saga, d->id, receipt.run, receipt.turn, d->phase, d->waiting_for, d->blocked}));
      });
    });
  });
}

}  // namespace banyan
