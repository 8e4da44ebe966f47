#include <banyan/pub_sub/stored_subscriptions.hpp>

#include <banyan/pub_sub/topics.hpp>

namespace banyan {

namespace {

constexpr std::size_t told = 10;

}  // namespace

result<std::vector<stored_subscription>> stored_subscriptions(const application& app, const stored_view_reader& read) {
  std::vector<stored_subscription> all;
  for (const auto& p : app.services)
    for (auto& [item, spec] : p.all<subscription_spec>()) {
      stored_subscription s{spec->topic, spec->group, 0, 0, {}};
      auto checkpoint = read({.name = store_name_of(*spec), .version = 1, .readers = 1}, [&](view_reader& v) {
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
