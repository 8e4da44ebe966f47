#include <banyan/runtime/stored_subscriptions.hpp>

#include <banyan/engines/sqlite/view_store.hpp>
#include <banyan/pub_sub/topics.hpp>

#include <filesystem>

namespace banyan {

namespace {

constexpr std::size_t told = 10;

}  // namespace

result<std::vector<stored_subscription>> stored_subscriptions(const application& app, const std::string& data_folder) {
  std::vector<stored_subscription> all;
  const auto folder = (std::filesystem::path{data_folder} / "views").string();
  for (const auto& p : app.services)
    for (auto& [item, spec] : p.all<subscription_spec>()) {
      stored_subscription s{spec->topic, spec->group, 0, 0, {}};
      auto checkpoint = read_sqlite_view(
          {.view = {.name = store_name_of(*spec), .version = 1, .readers = 1}, .folder = folder}, [&](view_reader& v) {
            if (v.rows("SELECT 1 FROM sqlite_schema WHERE name = 'dead_letters'", {}).empty()) return;
            s.dead = delivery_tables::count(v);
            s.first_dead = delivery_tables::list(v, {}, told);
          });
      if (!checkpoint && checkpoint.error().code != code::not_found) return checkpoint.error();
      s.checkpoint = checkpoint ? *checkpoint : 0;
      all.push_back(std::move(s));
    }
  return all;
}

}  // namespace banyan
