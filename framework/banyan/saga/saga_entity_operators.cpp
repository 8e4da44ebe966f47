// What people ask for: descriptions, retries; and what blocks a saga.
#include <banyan/observability/log.hpp>
#include <banyan/saga/saga_entity.hpp>

#include <utility>

namespace banyan {

void saga_entity::describe(message& request) const {
  if (!exists()) return request.fail(not_there());
  saga_description d;
  d.saga = spec().name;
  d.id = id();
  d.run = run_;
  d.blocked = blocked_;
  if (blocked_) d.blocked_by = blocked_by_;
  if (const auto* m = machine_ ? machine_.get() : record_.get()) {
    d.version = m->head().version;
    d.turns = m->turns();
    d.bytes = static_cast<std::int64_t>(m->bytes());
    d.phase = boost::describe::enum_to_string(m->phase(), "");
    d.status = m->status();
    d.since = m->now();
    d.due = next_due();
    d.waiting_for = m->waiting_for();
    for (const auto& o : m->outstanding()) {
      if (o.request->kind == saga_wish::timer) continue;
      auto& open = d.open_steps.emplace_back();
      open.number = o.request->number;
      open.operation = o.request->name;
      open.command = o.request->command;
      open.begun = o.begun;
      if (const auto s = steps_.find({run_, o.request->number}); s != steps_.end()) {
        open.attempts = s->second->attempts;
        open.last_error = s->second->last_error;
      }
      if (const auto left = left_to_people_.find({run_, o.request->number}); left != left_to_people_.end()) {
        open.needs_attention = true;
        open.last_error = left->second;
      }
    }
    d.to_undo = m->to_undo();
    for (const auto& r : m->refused())
      d.refused.push_back({r.request->number, r.request->of, r.request->name, r.request->arguments, *r.why});
    d.unread = m->unread();
    d.ending = m->ending();
  }
  banyan::answer<saga_description>(request, std::move(d));
}

// Asks every open step at once; a blocked saga is built again. Refused undo actions are asked again by a turn.
void saga_entity::retry(waiting w, const std::string& because, const std::string& by) {
  auto& m = *w.request;
  if (!exists()) return m.fail(not_there());
  if (machine_ && !blocked_ && machine_->phase() == saga_phase::attention)
    return notify(std::move(w), saga_retried(because, by));
  if (has_ended()) return m.fail(error{code::conflict, "the saga has ended"}.because("saga_ended"));
  if (!blocked_ && steps_.empty() && left_to_people_.empty())
    return m.fail(error{code::conflict, "nothing to retry: it is not blocked, and no step is open"}.because(
        "nothing_to_retry"));
  logger{spec().name}.info("an operator retries a saga", {{"stream", *stream_}, {"by", by}, {"because", because}});
  answer(w.request, {run_, 0}, 0);
  const auto open = steps_;  // a step may end at once
  for (const auto& [place, s] : open) {
    s->doubt = std::max(s->doubt.value_or(monotonic{}), attempt_ends(*s));  // of the attempt under way
    self().run(ask_until_known(s, ++s->generation));
  }
  std::vector<leaving> others;  // begun by another saga, or left to a person
  if (machine_ && !blocked_)
    for (const auto& o : machine_->outstanding())
      if (o.request->kind != saga_wish::timer) others.push_back({*o.request, *o.policy, o.since, o.begun});
  const auto run = run_;
  for (auto& l : others) begin_step(std::move(l), run, true);
  throws_ = 0;
  if (!blocked_) return;
  without_code_ = false;
  tainted_ = true;
  if (in_flight_ == 0) reload({});
}

void saga_entity::block(std::string why, std::string_view kind) {
  blocked_by_ = kind;
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

error saga_entity::not_there() const {
  return error{code::not_found, "there is no " + spec().name + " " + id()}.because("no_such_saga");
}

error saga_entity::blocked_error() const {
  return error{code::unavailable, "the saga is blocked: " + blocked_.value_or("")}.because("saga_blocked");
}

}  // namespace banyan
