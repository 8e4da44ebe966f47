#include <banyan/sharding/shard_declaration.hpp>

#include <banyan/observability/log.hpp>

#include <utility>

namespace banyan {

namespace {
constexpr auto port_limit = std::chrono::seconds{30};
constexpr backoff_policy between_attempts{.first = std::chrono::milliseconds{50}, .max = std::chrono::seconds{1}};
}  // namespace

void shard_declaration::agree() {
  agreed_.store(true, std::memory_order_release);
  const std::lock_guard guard{lock_};
  refusal_.reset();
}

void shard_declaration::refuse(const error& why) {
  const std::lock_guard guard{lock_};
  if (why.reason == "declared_otherwise") {
    cause_ = "the number of shards of " + aggregate_ + " can not be changed: " + why.message + "; set " + option_ +
             " to the number in the journal, or begin with an empty one";
    refusal_ = error{code::conflict, cause_}.because(why.reason);
  } else if (why.code == code::corrupt) {
    cause_ = "the journal is damaged: " + to_string(why);
    refusal_ = error{code::corrupt, aggregate_ + " takes no commands: its journal is damaged"};
  } else {
    cause_ = "waits for the journal, which must know its number of shards: " + to_string(why);
    refusal_ = error{code::unavailable,
                     aggregate_ + " takes no commands yet: the journal has not agreed to its number of shards"}
                   .because("shards_not_declared")
                   .after(std::chrono::milliseconds{500});
  }
}

std::optional<error> shard_declaration::refusal() const {
  const std::lock_guard guard{lock_};
  return refusal_;
}

bool shard_declaration::is_final() const {
  const auto said = refusal();
  return said && said->code == code::conflict;
}

std::optional<health_line> shard_declaration::health() const {
  if (is_agreed()) return std::nullopt;
  const std::lock_guard guard{lock_};
  return health_line{"sharded " + aggregate_, health_state::waiting,
                     refusal_ ? cause_ : "declares its number of shards to the journal"};
}

behavior shard_declarer::make_behavior() {
  return behavior{}.otherwise([this](message_ptr& m) { route(m); });
}

void shard_declarer::started() {
  if (!declaration_->is_agreed() && !declaration_->is_final()) self().run(declare());
}

task<void> shard_declarer::declare() {
  const logger log{"shard." + declaration_->aggregate()};
  backoff pauses{between_attempts};
  auto ask_journal = [this](completion<bool> done) {
    journal_.declare(declaration_->key(), declaration_->shards(), std::move(done));
  };
  for (bool first = true;; first = false) {
    const auto agreed = co_await self().wait_for<bool>(port_limit, ask_journal);
    if (agreed) {
      release();
      co_return;
    }
    declaration_->refuse(agreed.error());
    for (auto& m : std::exchange(waiting_, {})) route(m);
    if (declaration_->is_final()) {
      log.error("every command is refused: the number of shards is another one in the journal",
                {{"cause", agreed.error()}});
      co_return;
    }
    if (first)
      log.warning("commands are refused until the journal has agreed to the number of shards",
                  {{"cause", agreed.error()}});
    co_await self().sleep(pauses.next(self().steady(), self().random()));
  }
}

// Forwards or fails the waiting commands, in the order of arrival. Later commands go to their shards without this
// actor.
void shard_declarer::release() {
  auto waiting = std::exchange(waiting_, {});
  for (auto& m : waiting) forward(m);
  declaration_->agree();
}

void shard_declarer::route(message_ptr& m) {
  if (declaration_->is_agreed()) return forward(m);
  if (auto why = declaration_->refusal()) return fail(*m, std::move(*why));
  if (waiting_.size() >= max_waiting)
    return fail(
        *m,
        error{code::unavailable, "too many commands wait until " + declaration_->aggregate() + " has started"}.because(
            "shards_not_declared"));
  waiting_.push_back(std::move(m));
}

void shard_declarer::forward(message_ptr& m) {
  const auto shard = shard_of_(*m);
  self().forward(shard, std::move(m));
}

void shard_declarer::fail(message& m, error why) {
  failed_.add();
  m.fail(std::move(why));
}

}  // namespace banyan
