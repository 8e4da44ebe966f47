// The start of a subscription: its checkpoint, its counts, and what the end of the previous process says about them.
#include <banyan/pub_sub/subscription.hpp>

#include <banyan/observability/log.hpp>

#include <charconv>
#include <utility>

namespace banyan {

namespace {

constexpr auto slowest_in_trial = 40;  // the longest wait of a trial, in multiples of handle_within

}  // namespace

task<void> subscription::open() {
  auto ask_info = [this](completion<journal_info> done) { journal_.info(std::move(done)); };
  const auto info = co_await retry_until_available<journal_info>(port::journal, ask_info);
  auto ask_open = [this, &info](completion<delivery_store::state> done) {
    store_.open({info.history, info.head}, std::move(done));
  };
  delivery_store::state state;
  try {
    state = co_await retry_until_available<delivery_store::state>(port::store, ask_open);
  } catch (const result_error& e) {
    if (e.get().reason != "another_history") throw;
    refuse(e.get(), info.head);
    co_return;
  }
  progress_->refuse(std::nullopt);
  // A group with a checkpoint ran before `began` was stored.
  const bool is_new = !state.began && state.checkpoint == 0;
  if (is_new) {
    const auto begins = first_checkpoint(info.head);
    if (!begins) {
      refuse(begins.error(), info.head);
      co_return;
    }
    state.checkpoint = *begins;
  }
  auto trial = trial_;
  trial.longest_wait = slowest_in_trial * spec_.handle_within.count();
  const delivery_counts::limits limits{spec_.max_attempts, spec_.max_crashes, max_taken_up() * 4, trial};
  delivery_change change{.checkpoint = state.checkpoint,
                         .began = state.began ? std::nullopt : std::optional{state.checkpoint}};
  counts_ = progress_->take_over(ticket_);
  std::optional<delivery_counts> found;
  if (counts_) {
    counts_->begin_again(state.checkpoint);
  } else {
    found.emplace(limits, state.checkpoint);
    found->begin(state.counts, lane_->last_end());
    for (const auto& r : state.counts)
      if (auto now = found->row_of(r.at); now != r) change.counted.push_back(std::move(now));
    found->saved(state.checkpoint);
  }
  // Stored under the ownership with which the rows were read, so that a death is counted once.
  if (change.began || !change.counted.empty()) co_await commit_until_available(change);
  if (found) counts_ = std::move(found);
  if (is_new)
    logger{spec_.group}.info("a new group begins", {{"topic", spec_.topic},
                                                    {"group", spec_.group},
                                                    {"from", spec_.from},
                                                    {"after", state.checkpoint},
                                                    {"events_to_read", info.head - state.checkpoint}});
  window_.emplace(state.checkpoint, max_taken_up());
  versions_.emplace(state.checkpoint == 0);
  saved_ = state.checkpoint;
  progress_->update_dead_letters(std::move(state.letters));
  progress_->checkpoint = state.checkpoint;
  progress_->head = info.head;
  progress_->is_open = true;
}

void subscription::refuse(const error& why, position head) {
  refuses_ = true;
  progress_->refuse(why.message);
  logger{spec_.group}.error("the subscription handles nothing until an operator resets it",
                            {{"topic", spec_.topic}, {"cause", why}, {"head", head}});
}

result<position> subscription::first_checkpoint(position head) const {
  if (spec_.from == from_start) return 0;
  if (spec_.from == from_now) return head;
  position at = 0;
  std::from_chars(spec_.from.data(), spec_.from.data() + spec_.from.size(), at);
  if (at <= head) return at;
  return error{code::invalid_argument,
               "it is to begin behind position " + spec_.from + ", and the journal ends at " + std::to_string(head)};
}

}  // namespace banyan
