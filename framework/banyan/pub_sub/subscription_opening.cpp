// How a subscription begins: its checkpoint, its counts, and what the end of the last process says about them.
#include <banyan/pub_sub/subscription.hpp>

#include <banyan/observability/log.hpp>

#include <charconv>
#include <utility>

namespace banyan {

namespace {

constexpr auto slowest_in_trial = 40;  // handlers: the longest wait of a trial is so many times what one may take

}  // namespace

task<void> subscription::open() {
  auto ask_info = [this](completion<journal_info> done) { journal_.info(std::move(done)); };
  const auto info = co_await retry_until_available<journal_info>(port::journal, ask_info);
  auto ask_open = [this, &info](completion<view_store::state> done) {
    store_.open({info.history, info.head, true}, delivery_tables::create, std::move(done));
  };
  view_store::state state;
  try {
    state = co_await retry_until_available<view_store::state>(port::store, ask_open);
  } catch (const result_error& e) {
    if (e.get().reason != "another_history") throw;
    refuse(e.get(), info.head);
    co_return;
  }
  progress_->refuse(std::nullopt);
  history_ = info.history;
  auto trial = trial_;
  trial.longest_wait = slowest_in_trial * spec_.handle_within.count();
  const delivery_counts::limits limits{spec_.max_attempts, spec_.max_crashes, max_taken_up() * 4, trial};
  counts_ = progress_->take_over(ticket_);
  const bool is_new_process = !counts_;
  // What a death says is worked out and stored in one transaction: the next process must not count it again.
  struct known {
    std::optional<delivery_counts> counts;
    std::optional<position> began;
    subscription_progress::dead_letter_status dead;
  };
  auto found = std::make_shared<known>();
  store_change take_stock = [found, limits, is_new_process, how = lane_->last_end(), after = state.checkpoint, info](view_writer& v) {
    delivery_tables::create(v);  // the store may be of an older version
    delivery_tables::forget_foreign_counts(v, info.history, info.head);
    found->began = delivery_tables::beginning(v);
    found->dead = dead_letters_in(v);
    if (!is_new_process) return;
    auto rows = delivery_tables::counts(v, after);
    found->counts.emplace(limits, after);
    found->counts->begin(rows, how);
    for (const auto& r : rows)
      if (auto now = found->counts->row_of(r.at); now != r) delivery_tables::store(v, now);
  };
  co_await write_until_available(take_stock, state.checkpoint);
  if (!found->began) co_await begin_new_group(info.head, state.checkpoint);
  if (refuses_) co_return;
  if (is_new_process) {
    counts_ = std::move(found->counts);
    counts_->saved(state.checkpoint);
  } else {
    counts_->begin_again(state.checkpoint);
  }
  window_.emplace(state.checkpoint, max_taken_up());
  versions_.emplace(state.checkpoint == 0);
  saved_ = state.checkpoint;
  progress_->update_dead_letters(std::move(found->dead));
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

// A checkpoint says that this group ran before it noted where it began.
task<void> subscription::begin_new_group(position head, position& checkpoint) {
  const bool is_new = checkpoint == 0;
  if (is_new && spec_.from == from_now) {
    checkpoint = head;
  } else if (is_new && spec_.from != from_start) {
    std::from_chars(spec_.from.data(), spec_.from.data() + spec_.from.size(), checkpoint);
    if (checkpoint > head) {
      const auto ends = ", and the journal ends at " + std::to_string(head);
      refuse({code::invalid_argument, "it is to begin behind position " + spec_.from + ends}, head);
      co_return;
    }
  }
  store_change note = [after = checkpoint](view_writer& v) { delivery_tables::began(v, after); };
  co_await write_until_available(note, checkpoint);
  if (is_new)
    logger{spec_.group}.info("a new group begins", {{"topic", spec_.topic},
                                                    {"group", spec_.group},
                                                    {"from", spec_.from},
                                                    {"after", checkpoint},
                                                    {"events_to_read", head - checkpoint}});
}

}  // namespace banyan
