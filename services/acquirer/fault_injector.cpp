#include <services/acquirer/fault_injector.hpp>

#include <boost/json/object.hpp>

#include <optional>

#include <banyan/core/hash.hpp>

namespace acquirer {

namespace {

constexpr std::size_t max_subjects = 200'000;

std::uint64_t& counter_of(injected_faults& all, request_fault f, std::uint64_t& nothing) {
  switch (f) {
    case request_fault::none:
      return nothing;
    case request_fault::outage:
      return all.outage;
    case request_fault::outage_reset:
      return all.outage_reset;
    case request_fault::error:
      return all.error;
    case request_fault::reset_before:
      return all.reset_before;
    case request_fault::reset_after:
      return all.reset_after;
    case request_fault::lose_answer:
      return all.lose_answer;
    case request_fault::bad_json:
      return all.bad_json;
    case request_fault::slow_body:
      return all.slow_body;
  }
  return nothing;
}

}  // namespace

std::uint64_t fault_injector::attempts_before(std::string_view subject) {
  const auto hash = banyan::stable_hash(subject);
  const auto [at, is_new] = asked_.try_emplace(hash, 0);
  const auto before = at->second++;
  if (!is_new) return before;
  order_.push_back(hash);
  if (order_.size() > max_subjects) {
    asked_.erase(order_.front());
    order_.pop_front();
  }
  return before;
}

fault_decision fault_injector::next(std::string_view subject) {
  const std::lock_guard guard{lock_};
  const auto d = decide(settings_, seed_, subject, attempts_before(subject));
  std::uint64_t nothing = 0;
  ++counter_of(injected_, d.fault, nothing);
  if (d.delay.count() > banyan::nanoseconds::zero()) ++injected_.latency;
  return d;
}

callback_decision fault_injector::for_callback(std::string_view event_id) {
  const std::lock_guard guard{lock_};
  return decide_callback(settings_, seed_, event_id);
}

void fault_injector::count(const callback_decision& d) {
  const std::lock_guard guard{lock_};
  if (d.duplicate) ++injected_.duplicate_callback;
  if (d.late.count() > banyan::nanoseconds::zero()) ++injected_.late_callback;
}

void fault_injector::count_wrong_currency() {
  const std::lock_guard guard{lock_};
  ++injected_.wrong_currency;
}

fault_report fault_injector::report() const {
  const std::lock_guard guard{lock_};
  return {seed_, settings_, injected_};
}

banyan::result<void> fault_injector::change(boost::json::value changes) {
  std::optional<std::uint64_t> seed;
  if (auto* members = changes.if_object()) {
    if (const auto* given = members->if_contains("seed")) {
      auto read = banyan::from_value<std::uint64_t>(*given);
      if (!read) return read.error().at("seed");
      seed = *read;
      members->erase("seed");
    }
  }
  const std::lock_guard guard{lock_};
  auto merged = merge_faults(settings_, changes);
  if (!merged) return merged.error();
  settings_ = *merged;
  if (!seed) return {};
  seed_ = *seed;
  asked_.clear();
  order_.clear();
  return {};
}

void fault_injector::clear() {
  const std::lock_guard guard{lock_};
  settings_ = {};
}

}  // namespace acquirer
