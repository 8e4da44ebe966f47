// Turns: from the machine to the journal, and what follows when they are durable.
#include <banyan/observability/log.hpp>
#include <banyan/saga/saga_entity.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace banyan {

namespace {

struct stored_receipt {
  std::optional<saga_receipt> ok;
};
BOOST_DESCRIBE_STRUCT(stored_receipt, (), (ok))

}  // namespace

std::optional<saga_receipt> saga_entity::receipt_in(std::string_view stored_reply) {
  const auto reply = from_json<stored_receipt>(stored_reply);
  return reply ? reply->ok : std::nullopt;
}

event_metadata saga_entity::metadata_of(const message* request, const uuid& command, const event_metadata& start) {
  event_metadata m = start;
  m.causation = command;
  const auto* context = request ? request->context.get() : nullptr;
  if (!context) return m;
  m.actor = context->caller;
  if (!context->trace.empty()) m.trace = context->trace;
  if (m.correlation.is_nil()) m.correlation = context->correlation.is_nil() ? command : context->correlation;
  return m;
}

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
  warn_of_limits();
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
    if (still != open.end()) p.leave.push_back({r, *still->policy, still->since, still->begun});
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
      if (code) block("each of its runs goes on as a new one in its first turn");
      if (!code) block("its next run has no code", "unknown_version");
      return false;
    }
    auto following = std::make_unique<saga_machine>(code, spec().limits);
    auto first = following->start(std::move(next->head), std::move(next->input), self().now());
    if (!first) {
      block("its next run can not begin: " + first.error().message);
      return false;
    }
    machine_ = std::move(following);
    begin_verification();
    if (auto wrong = differs(*first)) {
      machine_.reset();
      block("its next run does not do the same again: " + wrong->message, "mismatch");
      return false;
    }
    ++run_;
    version_ = 0;
    last_event_ = {};
    p.run = run_;
    add_turn(to, *first, p);
  }
  return true;
}

void saga_entity::append(pending& p) {
  auto report = [to = self().me(), incarnation = self().incarnation(), number = p.number](result<append_result> r) {
    deliver(to, make_message<settled>(settled{incarnation, number, std::move(r)}));
  };
  around_->journal.append(p.request, std::move(report));
}

void saga_entity::settle(settled& s) {
  if (s.incarnation != self().incarnation()) return;
  const auto found =
      std::find_if(pending_.begin(), pending_.end(), [&](const pending& p) { return p.number == s.number; });
  if (found == pending_.end() || found->is_settled) return;
  const auto& r = s.appended;
  if (!r && r.error().outcome == outcome::unknown)
    return self().after(found->pauses.next(self().steady(), self().random()), append_again{s.number});
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
    if (const auto first = receipt_in(r.stored_command->reply)) receipt = *first;
  if (p.cause.request) answer(p.cause.request, receipt, r.last);
  for (auto& again : std::exchange(p.repeats, {})) answer(again, receipt, r.last);
  if (r.repeated) return;  // what leaves is known when the machine was built again
  look_at_people();
  for (auto& l : std::exchange(p.leave, {})) begin_step(std::move(l), p.run, false);
  if (p.ends) {
    around_->meters.ended[static_cast<std::size_t>(*p.ends)].add();
    answer_end();
    give_answer();
  }
}

void saga_entity::answer(message_ptr& request, const saga_receipt& receipt, position at) {
  auto m = std::move(request);
  if (m->kind != message_kind::request) return;
  auto reply = make_message<saga_receipt>(receipt);
  reply->position = at;
  m->answer(std::move(reply));
}

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

}  // namespace banyan
