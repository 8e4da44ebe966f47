#include <banyan/cqrs/projection_progress.hpp>

#include <algorithm>
#include <limits>

namespace banyan {

namespace {

constexpr std::size_t longest_reason = 500;

error out_of_order() { return {code::corrupt, "the journal's positions do not rise"}; }

// Reasons are kept for every parked stream, in memory and in the view. Truncated at a character boundary.
std::string reason_of(const error& why) {
  auto text = to_string(why);
  if (text.size() <= longest_reason) return text;
  auto end = longest_reason;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "...";
}

}  // namespace

blocked_event held_because(const recorded_event& event, const error& why) {
  return {event.position, event.version, event.stream, reason_of(why)};
}

projection_progress::projection_progress(start from, std::function<bool(const recorded_event&)> concerns, limits l)
    : history_{std::move(from.history)},
      partition_{from.partition},
      checkpoint_{from.checkpoint},
      concerns_{std::move(concerns)},
      limits_{l},
      versions_{from.checkpoint == 0},
      waiting_{l.waiting} {
  for (auto& e : from.held) hold(std::move(e));
}

position_token projection_progress::token() const {
  return token_of(history_, checkpoint_, partition_);
}

result<batch_plan> projection_progress::plan(position read_after, std::span<const recorded_event> events) const {
  if (read_after > checkpoint_) {
    return error{code::conflict, "the batch begins after " + std::to_string(read_after) + " but the view is at " +
                                     std::to_string(checkpoint_) + ": events between them would be missed"}
        .because("gap");
  }
  batch_plan plan;
  plan.checkpoint = checkpoint_;
  std::set<std::string_view> parked_here;
  auto last = read_after;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& e = events[i];
    if (e.position <= last) return out_of_order();
    last = e.position;
    if (e.position <= checkpoint_) continue;
    const auto hole = versions_.see(e);
    if (concerns_(e)) {
      const auto poison = poison_.find(e.position);
      const bool is_behind = parked_here.contains(e.stream) || is_parked(e.stream);
      if (poison != poison_.end() || is_behind || hole) {
        if (held_.size() + plan.hold.size() >= limits_.held) {
          plan.stalled = true;
          return plan;
        }
        parked_here.insert(e.stream);
        auto reason = poison != poison_.end() ? poison->second : hole && !is_behind ? reason_of(*hole) : std::string{};
        plan.hold.push_back({e.position, e.version, e.stream, std::move(reason)});
      } else {
        plan.apply.push_back(i);
      }
    }
    plan.checkpoint = e.position;
  }
  return plan;
}

result<batch_plan> projection_progress::plan_replay(std::string_view stream, std::span<const recorded_event> events) const {
  const auto parked = streams_.find(stream);
  if (parked == streams_.end()) return error{code::not_found, "stream " + std::string{stream} + " is not parked"};
  batch_plan plan;
  plan.checkpoint = checkpoint_;
  auto next = parked->second.begin();
  if (const auto& why = held_.at(*next).reason; why.find(missing_event_sentence) != std::string::npos)
    return error{code::corrupt, why + "; it can not be replayed: when the event is restored, the view is to be built anew"};
  position last = 0;
  version reached = 0;
  for (std::size_t i = 0; i < events.size() && next != parked->second.end(); ++i) {
    const auto& e = events[i];
    if (e.position <= last) return out_of_order();
    last = e.position;
    if (reached > 0 && e.version > reached + 1) return missing_event(e.stream, reached + 1, e.position);
    reached = e.version;
    // Between two held events of a stream there may be some that the projection does not fold.
    if (e.stream != stream || e.position > *next) {
      return error{code::conflict, "the held event at position " + std::to_string(*next) + " of stream " + std::string{stream} +
                                       " is expected next"};
    }
    if (e.position < *next) continue;
    plan.apply.push_back(i);
    plan.unhold.push_back(e.position);
    ++next;
  }
  return plan;
}

std::vector<fresh_queries::released> projection_progress::committed(const batch_plan& plan) {
  for (const auto& e : plan.hold) hold(e);
  for (const auto p : plan.unhold) unhold(p);
  checkpoint_ = std::max(checkpoint_, plan.checkpoint);
  poison_.erase(poison_.begin(), poison_.upper_bound(checkpoint_));
  return waiting_.release(checkpoint_, [this](const auto& what) { return is_held(what); });
}

projection_progress::next projection_progress::failed(const recorded_event& event, const error& why) {
  if (held_.contains(event.position)) return next::parked;
  if (is_transient(why)) return next::retry;
  if (failing_ != event.position) {
    failing_ = event.position;
    failures_ = 0;
  }
  if (++failures_ < limits_.attempts) return next::retry;
  park(event, why);
  return next::parked;
}

void projection_progress::park(const recorded_event& event, const error& why) {
  if (!held_.contains(event.position)) poison_[event.position] = reason_of(why);
}

result<std::optional<freshness>> projection_progress::wait(fresh_queries::ticket query, const position_token& wanted, monotonic now,
                                                           monotonic deadline, std::string stream) {
  auto at = position_in(history_, std::numeric_limits<position>::max(), wanted, partition_);
  if (!at) return at.error();
  return wait_for(query, *at, now, deadline, std::move(stream));
}

result<std::optional<freshness>> projection_progress::wait_for(fresh_queries::ticket query, position at, monotonic now,
                                                               monotonic deadline, std::string stream) {
  fresh_queries::wanted what{at, deadline, std::move(stream)};
  if (is_held(what)) return std::optional{freshness::parked};
  if (what.at <= checkpoint_) return std::optional{freshness::fresh};
  if (deadline <= now) return std::optional{freshness::timeout};
  if (auto waits = waiting_.wait(query, std::move(what)); !waits) return waits.error();
  return std::optional<freshness>{};
}

std::vector<blocked_event> projection_progress::parked() const {
  std::vector<blocked_event> out;
  for (const auto& entry : streams_) out.push_back(held_.at(*entry.second.begin()));
  return out;
}

std::optional<blocked_event> projection_progress::first_held(std::string_view stream) const {
  const auto parked = streams_.find(stream);
  if (parked == streams_.end()) return {};
  return held_.at(*parked->second.begin());
}

bool projection_progress::is_held(const fresh_queries::wanted& what) const {
  if (what.stream.empty()) return held_.contains(what.at);
  const auto parked = streams_.find(what.stream);
  return parked != streams_.end() && *parked->second.begin() <= what.at;
}

void projection_progress::hold(blocked_event e) {
  streams_[e.stream].insert(e.position);
  const auto at = e.position;
  held_.insert_or_assign(at, std::move(e));
}

void projection_progress::unhold(position p) {
  const auto found = held_.find(p);
  if (found == held_.end()) return;
  const auto stream = streams_.find(found->second.stream);
  stream->second.erase(p);
  if (stream->second.empty()) streams_.erase(stream);
  held_.erase(found);
}

}  // namespace banyan
