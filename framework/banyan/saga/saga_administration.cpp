#include <banyan/saga/saga_administration.hpp>

#include <banyan/core/text.hpp>
#include <banyan/core/utf8.hpp>
#include <banyan/saga/living_sagas.hpp>
#include <banyan/saga/mismatch.hpp>
#include <banyan/saga/saga_advice.hpp>
#include <banyan/saga/saga_listing.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <utility>

namespace banyan {
namespace {

constexpr std::size_t usual_page = 100, largest_page = 1000;  // sagas
constexpr std::size_t shown_turns = 100;                      // events, the last ones
constexpr std::size_t exported_turns = 500;                   // events in a part
constexpr std::size_t longest_value = 200;                    // bytes
constexpr std::chrono::seconds order_limit{30};

// What sagas are listed by: what they do, and how they ended.

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

std::string cut_value(const std::string& text) {
  return text.size() <= longest_value ? text : text.substr(0, longest_value) + "...";
}

std::string stream_of(const running_saga& k, const std::string& id, int run) {
  return k.spec.category + "-" + id + (run == 1 ? "" : "~" + std::to_string(run));
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
    then(error{code::conflict, "several sagas have the id " + id + ": say which by --name (name in a URL): " + names}
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

void saga_administration::list(const operator_request& r, completion<std::string> answer) const {
  saga_list_request asked;
  asked.now = system_.now();
  const auto limit = number(r, "limit", usual_page, 1, largest_page);
  if (!limit) return answer(limit.error());
  const auto version = number(r, "version", 0, 1, 1'000'000'000);
  if (!version) return answer(version.error());
  asked.limit = static_cast<std::size_t>(*limit);
  asked.filter.version = static_cast<int>(*version);
  asked.filter.status = parameter(r, "status");
  asked.filter.waiting_for = parameter(r, "waiting-for");
  asked.only_blocked = asked.filter.status == "blocked";
  if (!asked.only_blocked && !is_saga_status(asked.filter.status))
    return answer(wrong("\"" + asked.filter.status + "\" is none of blocked, " + saga_status_names(), "status"));
  if (const auto* text = r.parameter("older-than")) {
    const auto age = parse_timespan(*text);
    if (!age) return answer(wrong(age.error().message, "older-than"));
    asked.filter.quiet_since = system_.now() - nanoseconds{*age};
  }
  const auto name = parameter(r, "name");
  for (const auto& k : all_)
    if ((name.empty() || k->spec.name == name) && k->index) asked.of.push_back(k);
  if (asked.of.empty() && !name.empty())
    return answer(error{code::not_found, "no sagas are called " + name + " on this node"}.at("name"));
  std::sort(asked.of.begin(), asked.of.end(),
            [](const auto& a, const auto& b) { return a->spec.name < b->spec.name; });
  if (const auto* after = r.parameter("after")) {
    const auto slash = after->find('/');
    if (slash == after->npos) return answer(wrong("\"" + *after + "\" is not what a page gave as `next`", "after"));
    asked.after_saga = after->substr(0, slash);
    asked.after_id = after->substr(slash + 1);
  }
  for (auto& [stream, cause] : blocked_->list()) asked.blocked.emplace(stream, cause);
  list_sagas(std::move(asked), std::move(answer));
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
