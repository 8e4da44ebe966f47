#include <banyan/runtime/check_views.hpp>

#include <banyan/cqrs/projection.hpp>
#include <banyan/engines/sqlite/view_store.hpp>

#include <optional>

namespace banyan {
namespace {

// What is wrong with the tables of one view; nothing when they can be created. A store in memory answers at once.
std::optional<error> try_to_create(const projection_spec& spec) {
  auto store = open_memory_view_store();
  if (!store) return store.error();
  std::optional<error> wrong = error{code::internal, "its creation was not answered"};
  (*store)->open({}, spec.create, [&](result<view_store::state> created) {
    wrong = created ? std::nullopt : std::optional{created.error()};
  });
  return wrong;
}

}  // namespace

std::vector<problem> check_views(const application& app) {
  std::vector<problem> out;
  for (const auto& p : app.services)
    for (auto& [item, spec] : p.all<projection_spec>())
      if (auto wrong = try_to_create(*spec))
        out.push_back({p.service() + "." + item->kind() + "." + item->name(), "its tables can not be created: " + wrong->message});
  return out;
}

}  // namespace banyan
