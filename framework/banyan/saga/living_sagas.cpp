#include <banyan/saga/living_sagas.hpp>

#include <algorithm>
#include <future>
#include <map>
#include <utility>

namespace banyan {
namespace {

constexpr std::size_t turns_at_once = 1000;

result<read_page> read_and_wait(journal& j, read_all_request request) {
  std::promise<result<read_page>> promise;
  auto page = promise.get_future();
  j.read_all(std::move(request), [&](result<read_page> r) { promise.set_value(std::move(r)); });
  return page.get();
}

std::string versions_text(const std::vector<int>& linked) {
  std::string all;
  for (const int v : linked) all += (all.empty() ? "" : ", ") + std::to_string(v);
  return all;
}

}  // namespace

std::vector<std::string> not_linked(const std::string& saga, const std::vector<int>& linked,
                                    const std::vector<saga_version_count>& living) {
  std::vector<std::string> all;
  for (const auto& v : living) {
    if (std::find(linked.begin(), linked.end(), v.version) != linked.end()) continue;
    const auto version = std::to_string(v.version);
    const bool is_one = v.sagas == 1;
    all.push_back(std::to_string(v.sagas) + (is_one ? " saga of " : " sagas of ") + saga + " version " + version +
                  (is_one ? " is" : " are") + " alive, but this program has only " + versions_text(linked) +
                  ": link the function of version " + version + " (earlier_saga), or wait for " +
                  (is_one ? "it" : "them") + " (oldest since " + to_rfc3339(instant{nanoseconds{v.oldest}}) + ")");
  }
  return all;
}

result<std::vector<saga_version_count>> count_living_sagas(journal& j, const std::string& category) {
  struct living {
    int version;
    std::int64_t since;
  };
  std::map<std::string, living> alive;  // by the stream of the run
  read_all_request next{.limit = turns_at_once};
  next.categories = {category};
  next.types = {std::string{saga_turned::stored.type}};
  for (bool at_end = false; !at_end;) {
    auto page = read_and_wait(j, next);
    if (!page) return page.error();
    for (const auto& e : page->events) {
      const auto turn = read_turn(e.payload);
      if (!turn)
        return error{code::corrupt, "a turn of " + e.stream + " does not decode: " + turn.error().message};
      if (turn->head) alive[e.stream] = {turn->head->version, turn->now.time_since_epoch().count()};
      if (turn->end) alive.erase(e.stream);
    }
    next.after = page->looked_to;
    at_end = page->at_end;
  }
  std::map<int, saga_version_count> counts;
  for (const auto& [stream, saga] : alive) {
    auto& count = counts[saga.version];
    count.oldest = count.sagas == 0 ? saga.since : std::min(count.oldest, saga.since);
    count.version = saga.version;
    ++count.sagas;
  }
  std::vector<saga_version_count> all;
  for (const auto& [version, count] : counts) all.push_back(count);
  return all;
}

}  // namespace banyan
