// Code that throws, or does not do the same again; and runs that become long.
#include <banyan/observability/log.hpp>
#include <banyan/saga/rebuild.hpp>
#include <banyan/saga/saga_entity.hpp>

#include <utility>

namespace banyan {

// Of a run: whether it is verified is drawn once.
void saga_entity::begin_verification() {
  constexpr std::uint64_t parts = 1'000'000;
  verified_.clear();
  const auto share = around_->verify_all ? 1.0 : spec().verify.share;
  verifies_ = share > 0 && static_cast<double>(self().random().next() % parts) < share * parts;
}

// The turn is replayed after those before it, in a machine of its own. The error says where it differs.
std::optional<error> saga_entity::differs(const saga_append& turn) {
  if (!verifies_ || without_code_) return std::nullopt;
  const auto* code = spec().code_of(machine_->head().version);
  if (!code) return std::nullopt;
  verified_.push_back(turn.payload);
  if (auto same = verify_saga(code, verified_, *machine_); !same) {
    verified_.pop_back();
    return same.error();
  }
  return std::nullopt;
}

// Whether the turn that threw is tried once more.
bool saga_entity::takes_again(int turn) {
  if (throwing_turn_ != turn) throws_ = 0;
  throwing_turn_ = turn;
  return ++throws_ < most_throws;
}

// The machine can not be used any more: it is built again, and then this is taken first. A timer is looked for anew.
void saga_entity::take_later(waiting w) {
  const bool is_needed = w.request || (w.notification && w.notification->kind != saga_notice::fired);
  if (is_needed) waiting_.push_front(std::move(w));
  tainted_ = true;
  pause_ = pauses_.next(self().steady(), self().random());
  if (in_flight_ == 0) reload(std::exchange(pause_, {}));
}

void saga_entity::warn_of_limits() {
  if (!machine_) return;
  for (const auto& w : machine_->warnings()) {
    if (!warned_.insert(w.limit).second) continue;
    around_->meters.warnings.add();
    logger{spec().name}.warning("a saga comes near a limit", {{"stream", *stream_},
                                                              {"limit", "max_" + w.limit},
                                                              {"used", static_cast<std::int64_t>(w.used)},
                                                              {"most", static_cast<std::int64_t>(w.most)}});
  }
}

}  // namespace banyan
