// The children of an actor: they are stopped with it, and it waits for their end.
#include <banyan/actor/control.hpp>
#include <banyan/actor/host_parts.hpp>

#include <utility>

namespace banyan {

actor_host::family& actor_host::relatives() {
  if (!family_) family_ = std::make_unique<family>();
  return *family_;
}

bool actor_host::has_leaving_children() const noexcept { return family_ && !family_->leaving.empty(); }

void actor_host::stop_all(child_list& which) {
  for (auto& child : which.take_all()) {
    stop_actor(child);
    family_->leaving.insert(std::move(child));
  }
}

void actor_host::stop_child(const address& child) {
  if (!family_ || (!family_->children.remove(child) && !family_->kept_children.remove(child))) return;
  family_->leaving.insert(child);
  stop_actor(child);
}

void actor_host::abandon_child(const address& child) {
  forget_child(child);
  control c{control::stop};
  c.left_behind = true;
  order(child, std::move(c));
}

void actor_host::forget_child(const address& child) {
  if (!family_) return;
  family_->children.remove(child);
  family_->kept_children.remove(child);
  family_->leaving.erase(child);
}

// Kills them without waiting for their end.
void actor_host::drop_children() {
  if (!family_) return;
  const auto kill = [](auto&& children) {
    for (auto& child : children) order(child, {control::kill});
  };
  kill(family_->children.take_all());
  kill(family_->kept_children.take_all());
  kill(std::exchange(family_->leaving, {}));
}

}  // namespace banyan
