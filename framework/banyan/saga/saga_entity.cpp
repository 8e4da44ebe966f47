#include <banyan/saga/saga_entity.hpp>

#include <banyan/core/hash.hpp>
#include <banyan/observability/log.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace banyan {
namespace {

constexpr backoff_policy between_appends{.first = std::chrono::milliseconds{50}, .max = std::chrono::seconds{10}};

struct stored_receipt {
  std::optional<saga_receipt> ok;
};
BOOST_DESCRIBE_STRUCT(stored_receipt, (), (ok))

error no_such_saga(const std::string& name, const std::string& id) {
  return error{code::not_found, "there is no " + name + " " + id}.because("no_such_saga");
}

event_metadata metadata_of(const message* request, const uuid& command, const event_metadata& start) {
  event_metadata m = start;
  m.causation = command;
  const auto* context = request ? request->context.get() : nullptr;
  if (!context) return m;
  m.actor = context->caller;
  if (!context->trace.empty()) m.trace = context->trace;
  if (m.correlation.is_nil()) m.correlation = context->correlation.is_nil() ? command : context->correlation;
  return m;
}

}  // namespace

saga_entity::saga_entity(std::shared_ptr<const std::string> stream, std::shared_ptr<const saga_surroundings> around)
    : stream_{std::move(stream)}, around_{std::move(around)}, pauses_{between_appends} {}
saga_entity::~saga_entity() = default;

behavior saga_entity::make_behavior() {
  return behavior{}
      .on<settled>([this](settled& s) { settle(s); })
      .on<append_again>([this](const append_again& a) {
        for (auto& p : pending_)
          if (p.number == a.number) append(p);
      })
      .on<look_at_clock>([this](const look_at_clock& l) {
        if (next_look_ == l.planned) next_look_.reset();
        go_on();
      })
      .on<passivate>([this](const passivate& p) {
        passivation_asked_ = p.forwarded;
        maybe_passivate();
      })
      .otherwise([this](message_ptr& m) { take(m); });
}

void saga_entity::started() {
  if (self().incarnation() > 1 && shard()) self().send(shard(), entity_restarted{id()});
  load({});
}

// --- orders ------------------------------------------------------------------------------------------------------

void saga_entity::take(message_ptr& m) {
  if (waiting_.size() + for_end_.size() >= max_waiting) {
    error full{code::exhausted, spec().name + " " + id() + " has too many orders waiting"};
    return m->fail(std::move(full).after(std::chrono::milliseconds{50}));
  }
  m->taken_up = false;
  offered_to_end_ = false;
  waiting_.push_back({std::move(m), {}, 0});
  go_on();
}

bool saga_entity::can_feed() const {
  return !loading_ && !tainted_ && in_flight_ < static_cast<std::size_t>(spec().max_in_flight);
}

void saga_entity::go_on() {
  while (!waiting_.empty() && can_feed()) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    process(std::move(next));
  }
  look_at_time();
  maybe_passivate();
}

void saga_entity::process(waiting w) {
  if (w.notification) {
    if (w.run == run_ && machine_ && !blocked_) {
      auto n = *w.notification;
      (void)feed(std::move(w), std::move(n), {}, 0);
    }
    return;
  }
  auto& m = *w.request;
  if (broken_) return m.fail({broken_->code, "what is stored of " + spec().name + " " + id() + " can not be used"});
  if (m.kind == message_kind::request && self().steady() >= m.deadline)
    return m.fail({code::deadline_exceeded, "the deadline had passed before work began",
                   m.taken_up ? outcome::unknown : outcome::not_applied});
  if (m.type == type_of<describe_saga>()) return describe(m);
  if (m.type == type_of<wake_saga>()) return banyan::answer<done>(m);
  const auto caller = m.context ? m.context->caller : std::string{};
  const auto* o = spec().order_of(m);
  if (!o) {
    if (!spec().request || m.type != spec().request)
      return m.fail({code::unimplemented, spec().name + " has no order " + std::string{m.type->name}});
    return start(std::move(w), spec().input_of(m), caller);
  }
  const auto by = o->by.empty() ? caller : o->by;
  switch (o->what) {
    case saga_command::start: return start(std::move(w), o->payload, by);
    case saga_command::receive: {
      auto n = saga_event(o->name, o->payload);
      n.by = by;
      return notify(std::move(w), std::move(n));
    }
    case saga_command::cancel: return notify(std::move(w), saga_cancelled(o->because, by));
    case saga_command::abort: return notify(std::move(w), saga_aborted(o->because, by));
    case saga_command::retry:
      if (!exists()) return m.fail(no_such_saga(spec().name, id()));
      answer(w.request, {run_, 0}, 0);
      return retry();
  }
}

void saga_entity::start(waiting w, nested_json given, std::string by) {
  auto& m = *w.request;
  auto readable = from_json<nested_json>(given.text);  // as it is read back from the record
  if (!readable) return m.fail(std::move(readable.error()));
  auto& input = *readable;
  const bool waits_for_end = m.type == spec().request;
  const auto fingerprint = stable_hash(input.text);
  const auto as_command = stable_hash("start\n" + input.text);
  if (exists()) {
    if (started_with_ != fingerprint)
      return m.fail(error{code::conflict, spec().name + " " + id() + " was started with another input"}.because(
          "saga_started"));
    if (waits_for_end) {
      keep_for_end(std::move(w.request));
      return answer_end();
    }
    for (auto& p : pending_)
      if (p.receipt.run == 1 && p.receipt.turn == 1) return p.repeats.push_back(std::move(w.request));
    return answer(w.request, {1, 1}, 0);
  }
  if (id().find('~') != std::string::npos)  // a stream's name has the number of the run behind it
    return m.fail(error{code::invalid_argument, "the id of a saga has no '~'"}.at("id"));
  const auto& newest = spec().versions.front();
  saga_head head;
  head.saga = spec().name;
  head.id = id();
  head.version = newest.version;
  head.input_type = std::string{short_name(*newest.code.input)};
  head.build = around_->build;
  if (const nanoseconds after = spec().give_up_after; after.count() > 0)
    head.give_up_at = add_saturating(self().now(), spec().give_up_after);
  const auto command = m.context ? m.context->command : uuid{};
  run_ = 1;
  machine_ = std::make_unique<saga_machine>(&newest.code, spec().limits);
  auto turn = machine_->start(std::move(head), std::move(input), self().now(), command, std::move(by));
  if (!turn) {
    machine_.reset();
    if (turn.error().code == code::internal) self().report_failure(m, turn.error());
    return m.fail(turn.error().code == code::internal ? failed_request(m.context) : turn.error());
  }
  started_with_ = fingerprint;
  start_ = metadata_of(&m, command, {});
  around_->meters.started.add();
  // Such a caller waits for the end, and nobody for the turn. A repeat finds the saga by its input.
  if (waits_for_end) keep_for_end(std::move(w.request));
  store(std::move(*turn), std::move(w), command, as_command);
}

void saga_entity::notify(waiting w, saga_notification n) {
  auto& m = *w.request;
  if (!exists()) return m.fail(no_such_saga(spec().name, id()));
  const auto command = m.context ? m.context->command : uuid{};
  const auto fingerprint =
      stable_hash(std::string{boost::describe::enum_to_string(n.kind, "")} + '\n' + n.name + '\n' + n.payload.text);
  if (const auto* known = command.is_nil() ? nullptr : known_.find(command)) {
    if (known->fingerprint != fingerprint)
      return m.fail(
          error{code::conflict, "this command id was used for another command"}.because("command_id_reused"));
    for (auto& p : pending_)
      if (p.command == command) return p.repeats.push_back(std::move(w.request));
    const auto reply = from_json<stored_receipt>(known->reply);
    return answer(w.request, reply && reply->ok ? *reply->ok : saga_receipt{}, 0);
  }
  const bool aborts = n.kind == saga_notice::aborted;
  if (aborts && blocked_ && !without_code_) {
    without_code_ = true;  // built again as a machine that only follows its record
    waiting_.push_front(std::move(w));
    tainted_ = true;
    if (in_flight_ == 0) reload({});
    return;
  }
  if (blocked_ && !(aborts && machine_)) return m.fail(blocked_error());
  n.id = command;
  (void)feed(std::move(w), std::move(n), command, fingerprint);
}

// False: it led to no turn.
bool saga_entity::feed(waiting w, saga_notification n, const uuid& command, std::uint64_t fingerprint) {
  auto turn = machine_->feed(std::move(n), self().now());
  if (turn) {
    if (blocked_ && !machine_->blocked()) unblock();
    store(std::move(*turn), std::move(w), command, fingerprint);
    return true;
  }
  auto why = std::move(turn.error());
  const auto stuck = machine_->blocked();
  if (stuck && !blocked_) block(stuck->text);
  if (w.request) w.request->fail(stuck ? blocked_error() : std::move(why));
  return false;
}

// --- turns -------------------------------------------------------------------------------------------------------

void saga_entity::store(saga_append turn, waiting cause, const uuid& command, std::uint64_t fingerprint) {
  auto& p = pending_.emplace_back();
  p.number = ++last_number_;
  p.cause = std::move(cause);
  p.run = run_;
  p.command = command;
  p.receipt = {run_, turn.turn.turn};
  add_turn(p.request, turn, p);
  if (!begin_next_run(p.request, p)) {
    auto w = std::move(p.cause);
    pending_.pop_back();
    if (w.request) w.request->fail(blocked_error());
    return;
  }
  if (machine_->ending()) p.ends = machine_->ending()->how;
  if (!command.is_nil()) {
    auto reply = R"({"ok":)" + to_json(p.receipt) + "}";
    p.request.command = command_record{*stream_, command, fingerprint, reply};
    known_.remember({command, fingerprint, std::move(reply)});
  }
  ++in_flight_;
  append(p);
}

// The turn's event, and the domain events that it publishes, to the stream of the current run.
void saga_entity::add_turn(append_request& to, const saga_append& turn, pending& p) {
  auto& w = to.writes.emplace_back(
      stream_write{stream_of(run_), expected::after(version_, last_event_), {}});
  const auto metadata = metadata_of(p.cause.request ? &*p.cause.request : nullptr, p.command, start_);
  w.events.push_back({turn.event_id, std::string{saga_turned::stored.type}, saga_turned::stored.schema, turn.payload,
                      metadata});
  std::uint64_t index = 0;
  const auto open = machine_->outstanding();
  for (const auto& r : turn.turn.then) {
    if (r.kind == saga_wish::publish)
      w.events.push_back(
          {derive(turn.event_id, ++index, r.name), r.name, r.version, r.arguments.text, metadata});
    const auto still = std::find_if(open.begin(), open.end(), [&](const saga_open& o) {
      return o.request->number == r.number && o.request->kind != saga_wish::timer;
    });
    if (still != open.end()) p.leave.push_back({r, *still->policy});
  }
  version_ += static_cast<version>(w.events.size());
  last_event_ = w.events.back().id;
}

// After `again`: the first turn of the next run, in the same append. False: it can not begin, and nothing is stored.
bool saga_entity::begin_next_run(append_request& to, pending& p) {
  for (int runs = 0; auto next = machine_->next_run(); ++runs) {
    const auto& newest = spec().versions.front();
    const bool upgrades = next->head.input_type == short_name(*newest.code.input);
    const auto* code = upgrades ? &newest.code : spec().code_of(next->head.version);
    if (upgrades) next->head.version = newest.version;
    next->head.build = around_->build;
    if (runs == max_runs_in_turn || !code) {
      block(code ? "each of its runs goes on as a new one in its first turn" : "its next run has no code");
      return false;
    }
    auto following = std::make_unique<saga_machine>(code, spec().limits);
    auto first = following->start(std::move(next->head), std::move(next->input), self().now());
    if (!first) {
      block("its next run can not begin: " + first.error().message);
      return false;
    }
    machine_ = std::move(following);
    ++run_;
    version_ = 0;
    last_event_ = {};
    p.run = run_;
    add_turn(to, *first, p);
  }
  return true;
}

void saga_entity::append(pending& p) {
  auto tell = [to = self().me(), incarnation = self().incarnation(), number = p.number](result<append_result> r) {
    deliver(to, make_message<settled>(settled{incarnation, number, std::move(r)}));
  };
  around_->journal.append(p.request, std::move(tell));
}

void saga_entity::settle(settled& s) {
  if (s.incarnation != self().incarnation()) return;
  const auto found =
      std::find_if(pending_.begin(), pending_.end(), [&](const pending& p) { return p.number == s.number; });
  if (found == pending_.end() || found->is_settled) return;
  const auto& r = s.appended;
  if (!r && r.error().outcome == outcome::unknown) {
    // The first attempts come soon; the counter is the append's own.
    backoff pauses{between_appends};
    nanoseconds wait{};
    const int attempts = std::min(++found->attempts, 12);
    for (int i = 0; i < attempts; ++i)
      wait = pauses.next(self().steady(), self().random());
    return self().after(wait, append_again{s.number});
  }
  --in_flight_;
  if (r) {
    auto p = std::move(*found);
    pending_.erase(found);
    if (r->repeated) tainted_ = true;
    stored(p, *r);
  } else {
    auto& p = *found;
    p.is_settled = true;
    tainted_ = true;
    if (r.error().reason == "wrong_version") {
      around_->meters.conflicts.add();
    } else {
      pause_ = pauses_.next(self().steady(), self().random());
      logger{spec().name}.warning("a turn of a saga was refused by the journal: it is taken again",
                                  {{"stream", *stream_}, {"cause", r.error()}});
      if (p.cause.request) {
        auto request = std::move(p.cause.request);
        request->fail(r.error());
      }
      for (auto& again : std::exchange(p.repeats, {})) again->fail(r.error());
      // Those who wait for the end of a saga that was not begun.
      if (p.receipt.run == 1 && p.receipt.turn == 1)
        for (auto& m : std::exchange(for_end_, {})) m->fail(r.error());
    }
  }
  if (tainted_ && in_flight_ == 0) return reload(std::exchange(pause_, {}));
  go_on();
}

// The turn is durable: what it asks for leaves.
void saga_entity::stored(pending& p, const append_result& r) {
  around_->meters.turns.add();
  pauses_.reset();
  auto receipt = p.receipt;
  if (r.stored_command)
    if (const auto reply = from_json<stored_receipt>(r.stored_command->reply); reply && reply->ok)
      receipt = *reply->ok;
  if (p.cause.request) answer(p.cause.request, receipt, r.last);
  for (auto& again : std::exchange(p.repeats, {})) answer(again, receipt, r.last);
  if (r.repeated) return;  // what leaves is known when the machine was built again
  for (auto& l : std::exchange(p.leave, {})) begin_step(std::move(l), p.run);
  if (p.ends) {
    around_->meters.ended[static_cast<std::size_t>(*p.ends)].add();
    answer_end();
  }
}

void saga_entity::answer(message_ptr& request, const saga_receipt& receipt, position at) {
  auto m = std::move(request);
  if (m->kind != message_kind::request) return;
  auto reply = make_message<saga_receipt>(receipt);
  reply->position = at;
  m->answer(std::move(reply));
}

// --- the end, and people -----------------------------------------------------------------------------------------

bool saga_entity::has_ended() const { return machine_ && machine_->ending() && !machine_->next_run(); }

void saga_entity::keep_for_end(message_ptr request) {
  if (request->kind != message_kind::request) return;
  request->taken_up = true;
  for_end_.push_back(std::move(request));
}

// Answers those who wait for the end, once it is durable.
void saga_entity::answer_end() {
  const bool is_durable = std::none_of(pending_.begin(), pending_.end(), [](const auto& p) { return !p.is_settled; });
  if (!has_ended() || !is_durable || tainted_) return;
  for (auto& m : std::exchange(for_end_, {})) m->answer(spec().answer(machine_->ending()->result.text));
}

void saga_entity::describe(message& request) const {
  if (!exists()) return request.fail(no_such_saga(spec().name, id()));
  saga_description d;
  d.saga = spec().name;
  d.id = id();
  d.run = run_;
  d.blocked = blocked_;
  if (machine_) {
    d.version = machine_->head().version;
    d.turns = machine_->turns();
    d.bytes = static_cast<std::int64_t>(machine_->bytes());
    constexpr const char* phases[] = {"", "running", "settling", "undoing", "ended"};
    d.phase = phases[static_cast<std::size_t>(machine_->phase())];
    d.status = machine_->status();
    d.since = machine_->now();
    d.due = next_due();
    for (const auto& o : machine_->outstanding()) {
      if (o.request->kind == saga_wish::timer) continue;
      auto& open = d.open_steps.emplace_back();
      open.number = o.request->number;
      open.operation = o.request->name;
      open.command = o.request->command;
      if (const auto s = steps_.find(o.request->command); s != steps_.end()) {
        open.attempts = s->second->attempts;
        open.last_error = s->second->last_error;
      }
    }
    d.to_undo = machine_->to_undo();
    d.unread = machine_->unread();
    d.ending = machine_->ending();
  }
  banyan::answer<saga_description>(request, std::move(d));
}

// Asks every open step at once; a blocked saga is built again.
void saga_entity::retry() {
  const auto open = steps_;  // a step may end at once
  for (const auto& [command, s] : open) self().run(ask_until_known(s, ++s->generation));
  if (!blocked_) return;
  without_code_ = false;
  tainted_ = true;
  if (in_flight_ == 0) reload({});
}

void saga_entity::block(std::string why) {
  around_->meters.blocked.add();
  const error cause{code::unavailable, why};
  logger{spec().name}.error("a saga is blocked", {{"stream", *stream_}, {"cause", cause}});
  if (around_->blocked) around_->blocked->refused(*stream_, cause);
  blocked_ = std::move(why);
}

void saga_entity::unblock() {
  blocked_.reset();
  if (around_->blocked) around_->blocked->read(*stream_);
}

error saga_entity::blocked_error() const {
  return error{code::unavailable, "the saga is blocked: " + blocked_.value_or("")}.because("saga_blocked");
}

}  // namespace banyan
