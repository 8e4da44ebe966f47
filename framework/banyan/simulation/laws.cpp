#include <banyan/simulation/laws.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

namespace {

void check_one(const law& l, simulation& world) {
  if (const auto wrong = l.broken_by(world)) throw broken_law{l.name, *wrong};
}

}  // namespace

checked_laws::checked_laws(simulation& world, std::vector<law> laws) : world_{world} {
  for (auto& l : laws) laws_.push_back({std::move(l), world.steady()});
  const bool any = std::any_of(laws_.begin(), laws_.end(), [](const watched& w) { return w.what.every > timespan{}; });
  if (any) observer_ = world.after_each_step([this] { check_due(); });
}

checked_laws::~checked_laws() = default;

void checked_laws::check_due() {
  for (auto& [what, due] : laws_) {
    if (what.every <= timespan{} || world_.steady() < due) continue;
    due = add_saturating(world_.steady(), what.every);
    check_one(what, world_);
  }
}

void checked_laws::check() const {
  for (const auto& w : laws_) check_one(w.what, world_);
}

}  // namespace banyan
