// Orders: what comes from outside.
#include <banyan/saga/saga_entity.hpp>

#include <banyan/core/hash.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/saga/own_json.hpp>

#include <chrono>
#include <utility>

namespace banyan {

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

void saga_entity::take(message_ptr& m) {
  if (waiting_.size() + for_end_.size() + wakes_.size() >= max_waiting) {
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
  // saga_clock wakes so many at once: what they have to do at once is counted in.
  if (in_flight_ == 0 && !loading_)
    for (auto& m : std::exchange(wakes_, {})) banyan::answer<done>(*m);
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
  if (m.type == type_of<wake_saga>()) return wakes_.push_back(std::move(w.request));
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
    case saga_command::retry: return retry(std::move(w), o->because, by);
    case saga_command::undone: return notify(std::move(w), saga_undone_by_hand(o->number, o->because, by));
    case saga_command::answer: {
      auto answer = read_nested(o->payload.text);  // as it is read back from the record
      if (!answer) return m.fail(std::move(answer.error()));
      if (const auto failed = error_in(*answer); failed && failed->code == code::corrupt)
        return m.fail(error{code::invalid_argument, failed->message}.at("payload"));
      auto n = saga_answer(o->number, std::move(*answer), o->command);
      n.by = by;
      return notify(std::move(w), std::move(n));
    }
  }
}

void saga_entity::start(waiting w, nested_json given, std::string by) {
  auto& m = *w.request;
  auto readable = read_nested(given.text);  // as it is read back from the record
  if (!readable) return m.fail(std::move(readable.error()));
  auto& input = *readable;
  const auto parent = m.type == spec().request ? parent_in(m) : std::nullopt;
  // A saga that asks is answered that this one has begun; others wait.
  const bool is_taken = exists() ? parent && parent == parent_ : parent.has_value();
  const bool waits_for_end = m.type == spec().request && !is_taken;
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
    answer(w.request, {1, 1}, 0);
    if (is_taken) give_answer();
    return;
  }
  if (parent && parent->depth > spec().limits.depth)
    return m.fail(error{code::refused, "more than " + std::to_string(spec().limits.depth) +
                                           " sagas would wait for one another"}
                      .because("saga_too_deep"));
  if (id().find('~') != std::string::npos)  // a stream's name has the number of the run behind it
    return m.fail(error{code::invalid_argument, "the id of a saga has no '~'"}.at("id"));
  const auto& newest = spec().versions.front();
  saga_head head;
  head.saga = spec().name;
  head.id = id();
  head.version = newest.version;
  head.input_type = std::string{short_name(*newest.code.input)};
  head.build = around_->build;
  head.reply_to = parent;
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
  begin_verification();
  if (auto wrong = differs(*turn)) {
    machine_.reset();
    logger{spec().name}.error("a saga does not do the same again", {{"stream", *stream_}, {"cause", *wrong}});
    return m.fail(
        error{code::unavailable, "the saga would be blocked: " + wrong->message}.because("saga_blocked"));
  }
  started_with_ = fingerprint;
  parent_ = parent;
  start_ = metadata_of(&m, command, {});
  around_->meters.started.add();
  // Such a caller waits for the end, and nobody for the turn. A repeat finds the saga by its input.
  if (waits_for_end) keep_for_end(std::move(w.request));
  store(std::move(*turn), std::move(w), command, as_command);
}

void saga_entity::notify(waiting w, saga_notification n) {
  auto& m = *w.request;
  if (!exists()) return m.fail(not_there());
  const auto command = m.context ? m.context->command : uuid{};
  const auto fingerprint =
      stable_hash(std::string{boost::describe::enum_to_string(n.kind, "")} + '\n' + n.name + '\n' + n.payload.text +
                  (n.number ? '\n' + std::to_string(n.number) : ""));
  if (const auto* known = command.is_nil() ? nullptr : known_.find(command)) {
    if (known->fingerprint != fingerprint)
      return m.fail(
          error{code::conflict, "this command id was used for another command"}.because("command_id_reused"));
    for (auto& p : pending_)
      if (p.command == command) return p.repeats.push_back(std::move(w.request));
    return answer(w.request, receipt_in(known->reply).value_or(saga_receipt{}), 0);
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
  if (n.kind != saga_notice::answered) n.id = command;  // an answer's is that of its step
  (void)feed(std::move(w), std::move(n), command, fingerprint);
}

// False: it led to no turn.
bool saga_entity::feed(waiting w, saga_notification n, const uuid& command, std::uint64_t fingerprint) {
  auto turn = machine_->feed(std::move(n), self().now());
  if (turn) {
    if (auto wrong = differs(*turn)) {
      machine_.reset();
      block(std::move(wrong->message));
      if (w.request) w.request->fail(blocked_error());
      return false;
    }
    if (blocked_ && !machine_->blocked()) unblock();
    store(std::move(*turn), std::move(w), command, fingerprint);
    return true;
  }
  auto why = std::move(turn.error());
  const auto stuck = machine_->blocked();
  if (stuck && stuck->threw) {
    around_->meters.throws.add();
    if (takes_again(machine_->turns() + 1)) {
      logger{spec().name}.error("a saga's code threw: the turn is taken again",
                                {{"stream", *stream_}, {"cause", error{code::internal, stuck->text}}});
      take_later(std::move(w));
      return false;
    }
  }
  if (stuck && !blocked_) block(stuck->text, boost::describe::enum_to_string(stuck->why, ""));
  if (w.request) w.request->fail(stuck ? blocked_error() : std::move(why));
  return false;
}

}  // namespace banyan
