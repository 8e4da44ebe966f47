#include <banyan/event_sourcing/entity.hpp>

#include <banyan/actor/control.hpp>
#include <banyan/actor/system.hpp>
#include <banyan/core/hash.hpp>
#include <banyan/journal/stream_order.hpp>
#include <banyan/observability/log.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace banyan {

entity::entity(std::shared_ptr<const std::string> stream, std::shared_ptr<const entity_surroundings> around)
    : stream_{std::move(stream)}, around_{std::move(around)} {}

behavior entity::make_behavior() {
  return behavior{}
      .on<loaded>([this](loaded& l) { activate(l); })
      .on<page_read>([this](page_read& p) {
        if (p.incarnation != self().incarnation()) return;
        if (!p.events && p.events.error().code == code::corrupt) return give_up(std::move(p.events.error()));
        if (!p.events) throw result_error{p.events.error()};
        fold(*p.events);
      })
      .on<settled>([this](settled& s) { settle(s); })
      .on<passivate>([this](const passivate& p) {
        passivation_asked_ = p.forwarded;
        maybe_passivate();
      })
      .otherwise([this](message_ptr& l) { take(l); });
}

void entity::started() {
  if (self().incarnation() > 1 && shard()) self().send(shard(), entity_restarted{id()});
  load();
}

void entity::load() {
  loading_ = true;
  state_ = spec().aggregate.make();
  known_.clear();
  bool with_snapshot = spec().snapshot_every > 0 && !bad_snapshot_;
  around_->journal.load({stream(), with_snapshot ? spec().aggregate.snapshot_key : std::string{}, remembered, page},
                [to = self().me(), incarnation = self().incarnation()](result<loaded_stream> r) {
                  deliver(to, make_message<loaded>(loaded{incarnation, std::move(r)}));
                });
}

void entity::activate(loaded& l) {
  if (l.incarnation != self().incarnation()) return;
  if (!l.stream && l.stream.error().code == code::corrupt) return give_up(std::move(l.stream.error()));
  if (!l.stream) throw result_error{l.stream.error()};  // the journal is unavailable: restart with back-off
  version_ = snapshot_version_ = 0;
  last_event_ = {};
  if (auto& s = l.stream->snapshot; s && state_->restore(s->state)) {
    version_ = snapshot_version_ = s->version;
  } else if (s) {
    bad_snapshot_ = true;  // although its key matches: fold all events instead
    load();
    return;
  }
  broken_.reset();
  loaded_version_ = l.stream->version;
  loaded_position_ = l.stream->position;
  if (version_ > loaded_version_) {  // the snapshot is ahead of the stream
    is_broken(missing_event(stream(), loaded_version_ + 1, 0));
    version_ = loaded_version_;
  }
  for (auto i = l.stream->commands.rbegin(); i != l.stream->commands.rend(); ++i)
    known_.remember({i->id, i->fingerprint, std::move(i->reply)});
  if (version_ == loaded_version_) {  // no later event would reveal it
    last_event_ = l.stream->last_event;
    position_ = std::max(position_, l.stream->position);
  }
  fold(l.stream->events);
}

void entity::read_on() {
  around_->journal.read_stream({stream(), version_ + 1, page},
                       [to = self().me(), incarnation = self().incarnation()](result<std::vector<recorded_event>> r) {
                         deliver(to, make_message<page_read>(page_read{incarnation, std::move(r)}));
                       });
}

// Applies the events read, and reads on until the state has reached the loaded version. It may get further: the
// journal still knows commands whose records were not among those loaded.
void entity::fold(const std::vector<recorded_event>& events) {
  for (auto& e : events) {
    if (broken_) break;
    if (auto out_of_order = check_order(e, version_)) {
      is_broken(std::move(*out_of_order));
      break;
    }
    if (auto applied = apply(e); !applied) {
      auto why = std::move(applied.error());
      why.message += " (stream " + stream() + ", version " + std::to_string(e.version) + ", position " +
                     std::to_string(e.position) + ")";
      is_broken(std::move(why));
      break;
    }
    version_ = e.version;
    last_event_ = e.id;
    position_ = std::max(position_, e.position);
  }
  if (!broken_ && version_ < loaded_version_) {
    if (!events.empty()) return read_on();
    is_broken(missing_event(stream(), version_ + 1, loaded_position_));
  }
  if (!broken_ && around_->unreadable) around_->unreadable->read(stream());
  loading_ = false;
  tainted_ = false;
  drain_waiting();
}

// An event at which the aggregate throws counts as unreadable: it would throw again after every restart.
result<done> entity::apply(const recorded_event& e) {
  try {
    return state_->apply(e);
  } catch (const std::bad_alloc&) {
    throw;  // out of memory: a later attempt may succeed
  } catch (...) {
    return error{code::internal, "event " + e.type + " can not be applied: " + detail::what_was_thrown()};
  }
}

void entity::is_broken(error why) { broken_ = std::make_unique<const error>(std::move(why)); }

// Damage is permanent: no restart; every command is refused.
void entity::give_up(error why) {
  is_broken(std::move(why));
  loading_ = false;
  tainted_ = false;
  drain_waiting();
}

void entity::take(message_ptr& l) {
  if (broken_) {
    fail_unread(*l);
    return;
  }
  if (!spec().aggregate.find(l->type)) {
    fail(*l, {code::unimplemented, spec().aggregate.name + " has no command " + std::string{l->type->name}});
    return;
  }
  if (waiting_.size() >= max_waiting) {
    error full{code::exhausted, spec().aggregate.name + " " + id() + " has too many commands waiting"};
    fail(*l, std::move(full).after(std::chrono::milliseconds{50}));
    return;
  }
  l->taken_up = false;  // stashed: if it is lost while it waits, the outcome is not_applied
  offered_to_end_ = false;
  waiting_.push_back({std::move(l), self().steady()});
  drain_waiting();
}

void entity::drain_waiting() {
  const auto most_in_flight = static_cast<std::size_t>(spec().max_in_flight);
  const auto has_room = [&] { return in_flight_ < most_in_flight && pending_.size() < max_waiting; };
  while (!waiting_.empty() && !loading_ && !tainted_ && has_room()) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    auto& l = *next.request;
    if (broken_)
      fail_unread(l);
    else if (l.kind == message_kind::request && self().steady() >= l.deadline)
      fail(l, {code::deadline_exceeded, "the deadline had passed before work began"});
    else
      decide(std::move(next));
  }
  maybe_passivate();
}

void entity::decide(waiting w) {
  auto& l = w.request;
  const auto& command = *spec().aggregate.find(l->type);
  const auto* context = l->context.get();
  auto command_id = context && !context->command.is_nil() ? context->command : uuid_v7(self().now(), self().random());
  const auto* known = known_.find(command_id);
  auto& tracer = self().system().tracer();
  span_scope span;
  if (tracer.is_recording()) {
    span = tracer.begin(trace_of(l->context), span_kind::internal, spec().aggregate.name + " " + command.name);
    span.set("banyan.stream", stream()).set("banyan.command_id", to_string(command_id));
  }
  std::uint64_t fingerprint = 0;
  erased_decision d;
  try {
    fingerprint = stable_hash(command.name + '\n' + command.payload(*l));
    if (!known) {
      l->taken_up = true;
      d = state_->decide(*l, {id(), self().now(), command_id});
    }
  } catch (...) {
    span.end(error{code::internal, "an exception"});
    fail_alone(*l);
    return;
  }

  if (known) {
    if (known->fingerprint != fingerprint) {
      auto reused = error{code::conflict, "this command id was used for another command"}.because("command_id_reused");
      span.end(reused);
      fail(*l, std::move(reused));
      return;
    }
    pending_.push_back({++last_number_, std::move(l), w.since, command.stored_reply(known->reply)});
    pending_.back().span = std::move(span);
    release();
    return;
  }

  const bool is_recorded = d.reply->kind != message_kind::failure || exists();
  append_request request;
  event_metadata metadata{context ? context->correlation : uuid{}, command_id, context ? context->caller : std::string{},
                          context ? context->trace : std::string{}};
  if (metadata.correlation.is_nil()) metadata.correlation = command_id;
  span_scope storing;
  if (span.is_recorded()) {
    storing = tracer.begin(span.traceparent(), span_kind::producer, "append " + spec().journal);
    storing.set("banyan.stream", stream()).set("banyan.events", d.events.size());
    metadata.trace = storing.traceparent();
  }
  // A condition even without events: a refusal is valid only if its state is what is stored.
  auto condition = expected::after(version_, last_event_);
  for (auto& e : d.events) e.metadata = metadata;
  identify(d.events, command_id);
  version_ += static_cast<version>(d.events.size());
  request.writes.push_back({stream(), condition, std::move(d.events)});
  if (is_recorded) {
    request.command = command_record{stream(), command_id, fingerprint, d.stored_reply};
    known_.remember({command_id, fingerprint, std::move(d.stored_reply)});
  }
  pending p{++last_number_, std::move(l), w.since, std::move(d.reply), true};
  p.span = std::move(span);
  p.storing = std::move(storing);
  append(std::move(request), std::move(p));
}

// Details about damaged data go to the log; the caller gets the trace.
void entity::fail_unusable(message& request, const error& cause) {
  std::optional<std::uint64_t> held_back = 0;
  if (around_->unreadable) held_back = around_->unreadable->admit(stream(), self().steady());
  const auto line = logger{spec().aggregate.name}.of(request.context ? request.context->trace : std::string{});
  line.log(held_back ? log_level::error : log_level::debug, "what is stored can not be used: a command is refused",
           {{"stream", stream()}, {"cause", cause}, {"held_back", held_back.value_or(0)}});
  auto told = failed_request(request.context);
  const auto where_to_look = told.message.substr(told.message.find(';'));
  told.message = "what is stored of this " + spec().aggregate.name + " can not be used" + where_to_look;
  told.code = cause.code;
  told.outcome = cause.outcome;
  fail(request, std::move(told));
}

void entity::fail_unread(message& request) {
  if (around_->unreadable) around_->unreadable->refused(stream(), *broken_);
  fail_unusable(request, *broken_);
}

// Call in a catch block. The state may hold half of a decision: it is rebuilt from the journal as soon as all
// appends have settled. Other commands are not affected.
void entity::fail_alone(message& request) {
  self().report_failure(request, {code::internal, detail::what_was_thrown(), outcome::unknown});
  fail(request, failed_request(request.context));
  tainted_ = true;
  if (in_flight_ == 0) reload();
}

void entity::append(append_request request, pending p) {
  const auto number = p.number;
  pending_.push_back(std::move(p));
  ++in_flight_;
  auto tell = [to = self().me(), incarnation = self().incarnation(), number](result<append_result> r) {
    deliver(to, make_message<settled>(settled{incarnation, number, std::move(r)}));
  };
  around_->journal.append(std::move(request), std::move(tell));
}

// An event's id is derived from its command, its content and the event before it, and so from the whole stream. From
// the command alone, a second instance of this entity that decided the same command on other events would produce
// the same id.
void entity::identify(std::vector<new_event>& events, const uuid& command) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto& e = events[i];
    const auto said = stream() + '\n' + to_string(last_event_) + '\n' + e.type + '\n' + e.payload;
    last_event_ = e.id = derive(command, i, said);
  }
}

entity::pending& entity::pending_of(std::uint64_t number) {
  return *std::find_if(pending_.begin(), pending_.end(), [number](const pending& p) { return p.number == number; });
}

void entity::settle(settled& s) {
  if (s.incarnation != self().incarnation()) return;
  auto& p = pending_of(s.number);
  --in_flight_;
  p.is_settled = true;
  p.appended = std::move(s.appended);
  if (p.appended) p.storing.set("banyan.position", p.appended->last).end();
  else p.storing.end(p.appended.error());
  if (!p.appended || p.appended->repeated) tainted_ = true;  // the state differs from what is stored
  release();
  if (tainted_ && in_flight_ == 0) {
    reload();
    return;
  }
  drain_waiting();
  maybe_snapshot();
}

// Answers settled commands, oldest first. A displaced one stays, with all behind it, until all have settled.
void entity::release() {
  while (!pending_.empty()) {
    auto& p = pending_.front();
    if (p.appends ? !p.is_settled || p.is_displaced() : tainted_) break;
    complete(p);
    pending_.pop_front();
  }
}

void entity::fail(message& request, error why) {
  around_->meters.failed.add();
  request.fail(std::move(why));
}

void entity::complete(pending& p) {
  if (p.appends && !p.appended) {
    p.span.end(p.appended.error());
    if (p.appended.error().code == code::corrupt) return fail_unusable(*p.request, p.appended.error());
    fail(*p.request, std::move(p.appended.error()));
    return;
  }
  const bool repeats = !p.appends || p.appended->stored_command;
  if (p.appends) {
    if (auto& stored = p.appended->stored_command)
      p.reply = spec().aggregate.find(p.request->type)->stored_reply(stored->reply);
    position_ = std::max(position_, p.appended->last);
    p.reply->position = p.appended->last;
  } else {
    p.reply->position = position_;
  }
  // The stored reply does not decode.
  if (repeats && p.reply->kind == message_kind::failure && p.reply->as<error>().code == code::corrupt)
    return fail_unusable(*p.request, p.reply->as<error>());
  const auto& meters = around_->meters;
  (repeats ? meters.repeated : p.reply->kind == message_kind::failure ? meters.refused : meters.accepted).add();
  meters.seconds.observe(self().steady() - p.since);
  p.span.set("banyan.result", repeats ? "repeated" : p.reply->kind == message_kind::failure ? "refused" : "accepted");
  p.span.end();
  p.request->answer(std::move(p.reply));
}

// Everything has settled and the state differs from what is stored. Displaced requests are decided again, in their
// order, and so are repeats, whose first answer may have been lost with the state.
void entity::reload() {
  auto next = waiting_.begin();
  for (auto& p : pending_) {
    if (p.appends && !p.is_displaced()) {
      complete(p);
      continue;
    }
    if (p.appends) around_->meters.conflicts.add();
    p.span.end(span_status::error, "decided again: another writer was first");
    p.request->taken_up = false;
    next = std::next(waiting_.insert(next, {std::move(p.request), p.since}));
  }
  pending_.clear();
  load();
}

void entity::maybe_snapshot() {
  const auto every = spec().snapshot_every;
  if (every <= 0 || in_flight_ > 0 || tainted_ || version_ - snapshot_version_ < every) return;
  snapshot_version_ = version_;
  snapshot now{stream(), version_, spec().aggregate.snapshot_key, state_->state_json()};
  around_->journal.save_snapshot(std::move(now), [](result<bool>) {});
}

void entity::maybe_passivate() {
  if (!is_idle()) return;
  if (passivation_asked_)
    self().send(shard(), passivated{id(), *std::exchange(passivation_asked_, std::nullopt)});
  else if (shard() && !exists() && !broken_ && !std::exchange(offered_to_end_, true))
    self().send(shard(), nothing_stored{id()});
}

}  // namespace banyan
