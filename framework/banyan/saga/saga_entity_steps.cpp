// What leaves a saga: its steps and undo actions; and what time brings.
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

void saga_entity::begin_step(leaving l, int run) {
  if (l.asked.command.is_nil() || steps_.contains({run, l.asked.number})) return;
  auto s = std::make_shared<step>(step{run, std::move(l.asked), l.policy});
  if (!is_wanted(*s)) return;
  steps_.emplace(std::pair{run, s->asked.number}, s);
  self().run(ask_until_known(std::move(s), 0));
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
    ++s->attempts;
    around_->meters.steps.add();
    if (s->attempts > 1) around_->meters.retries.add();
    auto answer = co_await ask_once(s);
    if (s->generation != generation) co_return;  // asked anew, because an operator said so
    std::optional<nested_json> outcome;
    if (answer)
      outcome = std::move(*answer);
    else if (use_of(answer.error(), s->policy, s->attempts) == saga_answer_use::record)
      outcome = saga_error(answer.error());
    if (outcome) {
      steps_.erase({s->run, s->asked.number});
      waiting_.push_back({{}, saga_answer(s->asked.number, std::move(*outcome), s->asked.command), s->run});
      go_on();
      co_return;
    }
    s->last_error = answer.error();
    const auto wait = wait_before_retry(*s->last_error, s->policy, s->attempts, self().random());
    co_await self().sleep(wait);
    if (s->generation != generation) co_return;
  }
  steps_.erase({s->run, s->asked.number});
  maybe_passivate();
}

// {"ok":...}, or the error.
task<result<nested_json>> saga_entity::ask_once(std::shared_ptr<step> s) {
  const auto& asked = s->asked;
  const auto known = around_->operations.find(asked.name);
  if (known == around_->operations.end()) co_return not_offered(asked.name, asked.version);
  const auto& [service, of] = known->second;
  if (of.version != asked.version || !of.request_codec || !of.reply_codec)
    co_return not_offered(asked.name, asked.version);
  auto request = decode_message(*of.request_codec, asked.arguments.text);
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
  (*request)->context = std::move(context);
  const auto link = around_->scope.links.find(service);
  auto& through = link == around_->scope.links.end() ? *around_->scope.own : *link->second;
  const nanoseconds within = s->policy.within;
  const auto until = within.count() > 0 ? add_saturating(self().steady(), within) : monotonic::max();
  link_awaiter<message_ptr> call{self(), through, *around_->scope.directory, std::move(*request), until};
  auto answer = co_await call;
  if (!answer) co_return answer.error();
  const auto& reply = **answer;
  if (reply.type != of.reply) co_return detail::unexpected_answer(*reply.type, *of.reply);
  nested_json ok{R"({"ok":)" + encode(*of.reply_codec, reply) + "}"};
  co_return ok;
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
