#include <banyan/pub_sub/stored_subscriptions.hpp>

#include <banyan/pub_sub/pub_sub.hpp>

#include <future>

namespace banyan {

namespace {

constexpr std::size_t told = 10;

template <class T, class Ask>
result<T> answer_of(Ask ask) {
  std::promise<result<T>> promise;
  auto answer = promise.get_future();
  ask(completion<T>{[&](result<T> r) { promise.set_value(std::move(r)); }});
  return answer.get();
}

result<stored_subscription> read(const subscription_spec& spec, const ports& engines) {
  stored_subscription s{spec.topic, spec.group, 0, 0, {}};
  const auto store = engines.open<delivery_store>({spec.topic, spec.group});
  if (!store && store.error().code == code::not_found) return s;
  if (!store) return store.error();
  const auto sum = answer_of<delivery_store::summary>([&](auto done) { (*store)->summarize(std::move(done)); });
  if (!sum) return sum.error();
  s.checkpoint = sum->checkpoint;
  s.dead = sum->letters.count;
  auto first = answer_of<std::vector<dead_letter>>([&](auto done) { (*store)->list({}, told, std::move(done)); });
  if (!first) return first.error();
  s.first_dead = std::move(*first);
  return s;
}

}  // namespace

result<std::vector<stored_subscription>> stored_subscriptions(const application& app, const ports& engines) {
  std::vector<stored_subscription> all;
  for (const auto& p : app.services)
    for (auto& [item, spec] : p.all<subscription_spec>()) {
      auto s = read(*spec, engines);
      if (!s) return s.error();
      all.push_back(std::move(*s));
    }
  return all;
}

}  // namespace banyan
