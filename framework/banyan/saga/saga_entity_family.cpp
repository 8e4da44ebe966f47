// Sagas that wait for one another: the asking one and the one that is asked.
#include <banyan/observability/log.hpp>
#include <banyan/saga/saga_entity.hpp>

#include <chrono>
#include <utility>

namespace banyan {
namespace {

constexpr std::chrono::seconds answer_limit{30};
constexpr backoff_policy between_answers{.first = std::chrono::milliseconds{50}, .max = std::chrono::seconds{60}};

// The other saga has it, has ended, or is not there: nobody waits for it any more.
bool is_taken(const result<saga_receipt>& receipt) {
  return receipt || receipt.error().code == code::conflict || receipt.error().code == code::not_found;
}

}  // namespace

// Not of a request that a handler makes on behalf of a saga's: that has another command id.
std::optional<saga_parent> saga_entity::parent_in(const message& request) const {
  if (!request.context || !request.context->asking_saga || !around_->route) return std::nullopt;
  auto parent = from_json<saga_parent>(*request.context->asking_saga);
  if (!parent || parent->command != request.context->command) return std::nullopt;
  return std::move(*parent);
}

std::shared_ptr<const std::string> saga_entity::as_parent(const step& s) const {
  if (s.asked.kind != saga_wish::step || !around_->route) return nullptr;
  const saga_parent me{spec().name, id(), s.run, s.asked.number, s.asked.command, parent_ ? parent_->depth + 1 : 1};
  return std::make_shared<const std::string>(to_json(me));
}

// Once the end is durable.
void saga_entity::give_answer() {
  const bool is_durable = std::none_of(pending_.begin(), pending_.end(), [](const auto& p) { return !p.is_settled; });
  if (!parent_ || gives_answer_ || !has_ended() || !is_durable || tainted_) return;
  const auto& end = *machine_->ending();
  saga_order order{.what = saga_command::answer, .id = parent_->id, .payload = end.result};
  order.number = parent_->number;
  order.command = parent_->command;
  // What the saga's code returned may be the answer of somebody else. What was taken back is not applied.
  if (auto failed = error_in(end.result); failed && failed->outcome == outcome::unknown) {
    failed->outcome = end.how == saga_outcome::undone ? outcome::not_applied : outcome::applied;
    order.payload = saga_error(*failed);
  }
  gives_answer_ = true;
  self().run(give_answer_until_taken(std::move(order), *parent_));
}

task<void> saga_entity::give_answer_until_taken(saga_order order, saga_parent to) {
  backoff pauses{between_answers};
  for (;;) {
    auto m = make_message<saga_order>(order);
    auto context = std::make_shared<message_context>();
    context->trace = start_.trace;
    context->correlation = start_.correlation;
    context->caller = start_.actor;
    context->causation = last_event_;
    m->context = std::move(context);
    const auto where = around_->route(to.saga, *m);
    if (where) {
      const auto receipt = co_await self().ask_message<saga_receipt>(where, answer_limit, std::move(m));
      if (is_taken(receipt)) break;
    }
    co_await self().sleep(pauses.next(self().steady(), self().random()));
  }
  gives_answer_ = false;
  maybe_passivate();
}

}  // namespace banyan
