#include <banyan/cqrs/view_transaction.hpp>

#include <banyan/cqrs/blocked_events.hpp>

#include <set>
#include <string_view>

namespace banyan {

void view_transaction::run(view_writer& v) {
  std::set<std::string_view> passed_over;
  for (const auto i : plan_.apply) {
    const auto& e = (*batch_)[i];
    if (passed_over.contains(e.stream)) continue;
    applying_ = i;
    try {
      if (auto ok = spec_.apply(v, e); !ok) {
        undecodable_.push_back({i, std::move(ok.error()), false});
        passed_over.insert(e.stream);
      }
    } catch (const result_error& thrown) {
      auto why = thrown.get();
      why.outcome = outcome::not_applied;  // in any case: everything is rolled back
      throw result_error{std::move(why)};
    }
  }
  applying_.reset();
  if (!undecodable_.empty()) throw result_error{{code::corrupt, "events do not decode"}};
  store_blocked_events(v, plan_);
}

std::vector<view_transaction::culprit> view_transaction::to_blame(const error& why) const {
  auto all = undecodable_;
  if (applying_) all.push_back({*applying_, why, true});
  return all;
}

}  // namespace banyan
