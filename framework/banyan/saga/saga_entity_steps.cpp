// What leaves a saga: its steps and undo actions; and what time brings.
#include <banyan/observability/log.hpp>
#include <banyan/saga/saga_entity.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace banyan {
namespace {

// The clock of the machine may be set: a timer of hours is looked at again meanwhile.
constexpr std::chrono::seconds longest_look{10};

error not_offered(const std::string& operation, int version) {
  return error{code::unimplemented, "no service offers " + operation + " version " + std::to_string(version)};
}

}  // namespace

// `in_doubt`: an earlier activation may have asked it.
void saga_entity::begin_step(leaving l, int run, bool in_doubt) {
  if (l.asked.command.is_nil() || steps_.contains({run, l.asked.number})) return;
  auto s = std::make_shared<step>(step{run, std::move(l.asked), l.policy, l.since, l.begun});
  if (!is_wanted(*s)) return;
  if (in_doubt) s->doubt = attempt_ends(*s);
  steps_.emplace(place_of(*s), s);
  self().run(ask_until_known(std::move(s), 0));
}

const saga_operation* saga_entity::operation_of(const std::string& name) const {
  const auto known = around_->operations.find(name);
  return known == around_->operations.end() ? nullptr : &known->second;
}

service_link& saga_entity::link_to(const std::string& service) const {
  const auto link = around_->scope.links.find(service);
  return link == around_->scope.links.end() ? *around_->scope.own : *link->second;
}

// When an attempt that is made now begins no more.
monotonic saga_entity::attempt_ends(const step& s) const {
  const auto* known = operation_of(s.asked.name);
  auto limit = known ? nanoseconds{link_to(known->service).deadline()} : nanoseconds{0};
  if (const nanoseconds within = s.policy.within; within.count() > 0) limit = std::min(limit, within);
  return add_saturating(self().steady(), limit);
}

saga_step_facts saga_entity::facts_of(const step& s) const {
  saga_step_facts f;
  if (const auto* known = operation_of(s.asked.name)) {
    f.how = known->of.how;
    f.has_query = known->of.known_by.has_value();
    f.remembered = known->of.remembered;
  }
  if (s.begun) f.how = idempotent::always;  // the other saga is there, and is asked for its answer
  f.wanted_at = s.wanted_at;
  f.in_doubt = s.doubt.has_value();
  return f;
}

// A machine that is being built again may still want it. A blocked one would not take the answer.
bool saga_entity::is_wanted(const step& s) const {
  if (loading_) return true;
  if (!machine_ || blocked_ || s.run != run_) return false;
  const auto open = machine_->outstanding();
  return std::any_of(open.begin(), open.end(), [&](const saga_open& o) {
    return o.request->number == s.asked.number && o.request->command == s.asked.command;
  });
}

task<void> saga_entity::ask_until_known(std::shared_ptr<step> s, std::uint64_t generation) {
  while (is_wanted(*s)) {
    const auto facts = facts_of(*s);
    const auto next = next_ask(facts, self().now());
    if (next == saga_next_ask::attention) {
      leave_to_a_person(*s, needs_a_person(s->asked.name, facts));
      co_return;
    }
    std::optional<nested_json> outcome;
    if (next == saga_next_ask::query)
      outcome = co_await ask_query(s);
    else
      outcome = co_await ask_step(s);
    if (s->generation != generation) co_return;  // asked anew, because an operator said so
    if (outcome) {
      const auto failed = error_in_known(*outcome);
      const bool is_applied = failed && failed->outcome == banyan::outcome::applied;
      around_->meters.answered(s->asked.name, !failed ? "ok" : is_applied ? "failed" : "refused");
      steps_.erase(place_of(*s));
      waiting_.push_back({{}, saga_answer(s->asked.number, std::move(*outcome), s->asked.command), s->run});
      go_on();
      co_return;
    }
    if (s->is_taken) {
      steps_.erase(place_of(*s));
      waiting_.push_back({{}, saga_begun(s->asked.number), s->run});
      go_on();
      co_return;
    }
    if (!s->last_error) continue;
    const auto tried = next == saga_next_ask::query ? s->queries : s->attempts;
    const auto wait = wait_before_retry(*s->last_error, s->policy, tried, self().random());
    co_await self().sleep(wait);
    if (s->generation != generation) co_return;
  }
  steps_.erase(place_of(*s));
  maybe_passivate();
}

// The outcome. Nothing: it is not known, last_error says why.
task<std::optional<nested_json>> saga_entity::ask_step(std::shared_ptr<step> s) {
  ++s->attempts;
  around_->meters.steps.add();
  if (s->attempts > 1) around_->meters.retries.add();
  const auto ends = attempt_ends(*s);
  const auto me = as_parent(*s);
  auto answer = co_await ask_once(s->asked, s->asked.arguments.text, s->policy.within, me);
  s->is_taken = answer && answer->begun;
  if (s->is_taken) co_return std::nullopt;
  if (answer) co_return nested_json{R"({"ok":)" + answer->reply + "}"};
  auto why = std::move(answer.error());
  if (why.outcome == outcome::unknown) s->doubt = std::max(s->doubt.value_or(ends), ends);
  const auto use = use_of(why, s->policy, s->attempts, s->doubt.has_value());
  if (use == saga_answer_use::record) co_return saga_error(why);
  s->last_error = std::move(why);
  co_return std::nullopt;
}

// Likewise, by asking what became of it. No last_error: it was not applied, and may be asked.
task<std::optional<nested_json>> saga_entity::ask_query(std::shared_ptr<step> s) {
  ++s->queries;
  around_->meters.queries.add();
  const auto query = *operation_of(s->asked.name)->of.known_by;
  saga_request asked;
  asked.name = query.operation;
  if (const auto* known = operation_of(query.operation)) asked.version = known->of.version;
  result<std::string> answered = query.query_of(s->asked.arguments.text);
  if (answered) {
    const auto about = std::move(*answered);
    const timespan no_limit{};
    auto answer = co_await ask_once(asked, about, no_limit, nullptr);
    if (answer)
      answered = std::move(answer->reply);
    else
      answered = answer.error();
  }
  const bool expired = !s->doubt || has_expired(*s->doubt, self().steady());
  auto found = finding_of(query, s->asked.arguments, answered, expired);
  switch (found.is) {
    case saga_finding::kind::outcome: co_return std::move(found.answer);
    case saga_finding::kind::not_known: s->last_error = std::move(found.why); co_return std::nullopt;
    case saga_finding::kind::not_applied: break;
  }
  s->doubt.reset();
  s->last_error.reset();
  if (is_past_horizon(facts_of(*s), self().now())) co_return saga_error(not_applied_in_time(s->asked.name));
  const error not_begun{code::unavailable, s->asked.name + " was not begun"};
  const auto use = use_of(not_begun, s->policy, s->attempts);
  if (use == saga_answer_use::record) co_return saga_error(not_begun);
  co_return std::nullopt;
}

// Its saga waits until somebody says what became of it (saga_command::answer).
void saga_entity::leave_to_a_person(const step& s, error why) {
  around_->meters.attention.add();
  logger{spec().name}.error("a step of a saga needs attention", {{"stream", *stream_}, {"cause", why}});
  if (around_->attention) around_->attention->refused(*stream_, why);
  left_to_people_.insert_or_assign(place_of(s), std::move(why));
  steps_.erase(place_of(s));
  maybe_passivate();
}

task<result<saga_entity::step_reply>> saga_entity::ask_once(saga_request asked, std::string arguments, timespan limit,
                                                      std::shared_ptr<const std::string> as_saga) {
  const auto* known = operation_of(asked.name);
  if (!known) co_return not_offered(asked.name, asked.version);
  const auto& [service, of] = *known;
  if (of.version != asked.version || !of.request_codec || !of.reply_codec)
    co_return not_offered(asked.name, asked.version);
  auto request = decode_message(*of.request_codec, arguments);
  // Not an answer of the service, which may have applied an earlier attempt: a program that reads it may follow.
  if (!request) {
    auto why = not_offered(asked.name, asked.version);
    why.message += " that reads these arguments: " + request.error().message;
    co_return why;
  }
  auto context = std::make_shared<message_context>();
  context->trace = start_.trace;
  context->correlation = start_.correlation;
  context->caller = start_.actor;
  context->causation = last_event_;
  context->command = asked.command;
  context->is_of_one_request = true;
  context->ends_when_given_up = of.how == idempotent::always;
  context->asking_saga = as_saga;
  (*request)->context = std::move(context);
  auto& through = link_to(service);
  const nanoseconds within = limit;
  const auto until = within.count() > 0 ? add_saturating(self().steady(), within) : monotonic::max();
  link_awaiter<message_ptr> call{self(), through, *around_->scope.directory, std::move(*request), until};
  auto answer = co_await call;
  if (!answer) co_return answer.error();
  const auto& reply = **answer;
  step_reply said;
  if (as_saga && reply.type == type_of<saga_receipt>() && of.reply != reply.type) {
    said.begun = true;
    co_return said;
  }
  if (reply.type != of.reply) co_return detail::unexpected_answer(*reply.type, *of.reply);
  said.reply = encode(*of.reply_codec, reply);
  co_return said;
}

// Those whose outcome is known now.
void saga_entity::look_at_people() {
  if (left_to_people_.empty()) return;
  const auto open = machine_ ? machine_->outstanding() : std::vector<saga_open>{};
  std::erase_if(left_to_people_, [&](const auto& left) {
    const auto is_it = [&](const saga_open& o) { return step_place{run_, o.request->number} == left.first; };
    return std::none_of(open.begin(), open.end(), is_it);
  });
  if (left_to_people_.empty() && around_->attention) around_->attention->read(*stream_);
}

std::optional<instant> saga_entity::next_due() const {
  if (!machine_ || blocked_) return std::nullopt;
  auto due = machine_->gives_up_at();
  for (const auto& o : machine_->outstanding())
    if (o.request->kind == saga_wish::timer) due = std::min(due.value_or(*o.request->due), *o.request->due);
  return due;
}

// Takes what is due, then plans the next look.
void saga_entity::look_at_time() {
  std::erase_if(for_end_, [&](message_ptr& m) {
    const bool is_late = self().steady() >= m->deadline;
    if (is_late) m->fail({code::deadline_exceeded, "the saga has not ended in time", outcome::unknown});
    return is_late;
  });
  while (can_feed() && machine_ && !blocked_) {
    const auto now = self().now();
    if (const auto due = next_due(); !due || *due > now) break;
    auto what = saga_out_of_time();
    for (const auto& o : machine_->outstanding())
      if (o.request->kind == saga_wish::timer && *o.request->due <= now) {
        what = saga_fired(o.request->number);
        break;
      }
    if (!feed({{}, what, run_}, what, {}, 0)) break;
  }
  plan_look();
}

void saga_entity::plan_look() {
  auto at = monotonic::max();
  if (const auto due = can_feed() ? next_due() : std::nullopt) {  // if it can not, it looks again when it can
    const nanoseconds wait = std::clamp<nanoseconds>(*due - self().now(), nanoseconds{0}, longest_look);
    at = self().steady() + wait;
  }
  for (const auto& m : for_end_) at = std::min(at, m->deadline);
  if (at == monotonic::max() || (next_look_ && *next_look_ <= at)) return;
  next_look_ = at;
  self().after(at - self().steady(), look_at_clock{at});
}

}  // namespace banyan
