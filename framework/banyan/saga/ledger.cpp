#include <banyan/saga/ledger.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

void saga_ledger::begin(const saga_head& head) {
  phase_ = saga_phase::running;
  carried_ = head.undo;
  for (const auto& u : carried_) undo_bytes_ += u.arguments.text.size();
  for (const auto& e : head.unread) receive(e.name, e.payload);
}

void saga_ledger::settle(saga_entry& e, saga_decoded answer) {
  if (e.asked.kind == saga_wish::step) --open_steps_;
  if (e.asked.kind == saga_wish::timer) --open_timers_;
  close(e, answer.value ? saga_entry::state::ok : saga_entry::state::failed);
  e.answer = std::move(answer);
}

void saga_ledger::close(saga_entry& e, saga_entry::state as) {
  e.is = as;
  e.order = ++order_;
  open_.erase(std::find(open_.begin(), open_.end(), e.asked.number));
}

void saga_ledger::receive(std::string name, nested_json event) {
  unread_bytes_ += event.text.size();
  inbox_[std::move(name)].push_back({std::move(event), ++order_});
}

void saga_ledger::stop(error why) {
  stopped_ = std::move(why);
  stop_order_ = ++order_;
  again_ = false;
  if (phase_ == saga_phase::settling) {  // it was about to go on in a new run
    failed_ = true;
    result_ = saga_error(*stopped_);
  }
  for (const int number : std::vector<int>{open_})
    if (auto* e = find(number); e->asked.kind == saga_wish::timer) settle(*e, {nullptr, *stopped_});
}

void saga_ledger::abort(error why) {
  aborted_ = true;
  stop(why);
  if (phase_ == saga_phase::running) conclude(saga_error(why), true, false);
}

void saga_ledger::answer_undo(saga_entry& e, std::optional<error> refused) {
  const bool taken_back = !refused || refused->outcome == banyan::outcome::applied;
  const auto* step = find(e.asked.of);
  const bool is_early = step && step->undo_asked == e.asked.number;
  if (!taken_back && !is_early) refused_.push_back(e.asked.number);
  close(e, taken_back ? saga_entry::state::ok : saga_entry::state::failed);
  if (refused) e.answer.failure = std::move(*refused);
}

// Under new numbers, so that a service does not repeat its stored refusal.
void saga_ledger::retry_undo() {
  for (auto number = refused_.rbegin(); number != refused_.rend(); ++number) {
    const auto& asked = find(*number)->asked;
    still_to_undo_.push_back({{asked.name, asked.version, asked.arguments}, asked.of});
  }
  refused_.clear();
}

void saga_ledger::settle_by_hand(saga_entry& e) {
  if (e.is == saga_entry::state::open) return close(e, saga_entry::state::ok);
  e.is = saga_entry::state::ok;
  std::erase(refused_, e.asked.number);
}

saga_entry& saga_ledger::add(saga_request asked) {
  asked.number = last_number() + 1;
  auto& e = *entries_.emplace_back(std::make_unique<saga_entry>());
  e.asked = std::move(asked);
  switch (e.asked.kind) {
    case saga_wish::step: ++open_steps_; break;
    case saga_wish::timer: ++open_timers_; break;
    case saga_wish::undo: break;
    case saga_wish::event: return e;
    default: e.is = saga_entry::state::ok; return e;
  }
  open_.push_back(e.asked.number);
  if (e.asked.refused) settle(e, {nullptr, *e.asked.refused});
  return e;
}

void saga_ledger::pivot() {
  beyond_ = true;
  carried_.clear();
  undo_actions_ = 0;
  undo_bytes_ = 0;
}

void saga_ledger::count_undo(const saga_entry& e) {
  if (beyond_) return;
  ++undo_actions_;
  undo_bytes_ += e.asked.undo->arguments.text.size();
}

void saga_ledger::drop_timer(saga_entry& e) {
  if (e.is == saga_entry::state::open)
    settle(e, {nullptr, error{code::refused, "the timer was dropped"}.because("timer_dropped")});
}

void saga_ledger::conclude(nested_json result, bool failed, bool again) {
  phase_ = saga_phase::settling;
  failed_ = failed;
  again_ = again;
  result_ = std::move(result);
  // A value does not outrun a cancellation that came before it: only a pivot does.
  if (!failed_ && stopped_ && !beyond_) {
    failed_ = true;
    again_ = false;
    result_ = saga_error(*stopped_);
  }
}

// The last step that another saga has taken and that is to end. A run that was stopped before its pivot will fail, but
// its function may wait for that step first.
saga_entry* saga_ledger::begun_to_undo() {
  if (beyond_ || !(failed_ || stopped_)) return nullptr;
  for (auto n = open_.rbegin(); n != open_.rend(); ++n)
    if (auto* e = find(*n); e->begun && e->asked.undo && e->undo_asked == 0) return e;
  return nullptr;
}

saga_entry* saga_ledger::go_on() {
  if (undoing_ && undoing_->is == saga_entry::state::open) return nullptr;
  undoing_ = nullptr;
  if (phase_ == saga_phase::running || (phase_ == saga_phase::settling && open_steps_ > 0)) {
    auto* step = begun_to_undo();
    if (!step) return nullptr;
    auto& undo = ask_undo({*step->asked.undo, step->asked.number});
    step->undo_asked = undo.asked.number;
    return &undo;
  }
  if (phase_ == saga_phase::settling) {
    phase_ = saga_phase::undoing;
    if (failed_) {
      for (auto& item : undo_items())
        if (is_to_be_undone(item)) still_to_undo_.push_back(std::move(item));
    }
  }
  if (phase_ == saga_phase::attention) phase_ = saga_phase::undoing;
  if (phase_ != saga_phase::undoing) return nullptr;
  if (still_to_undo_.empty()) {
    phase_ = refused_.empty() ? saga_phase::ended : saga_phase::attention;
    return nullptr;
  }
  auto item = std::move(still_to_undo_.back());
  still_to_undo_.pop_back();
  return &ask_undo(std::move(item));
}

saga_entry& saga_ledger::ask_undo(undo_item item) {
  saga_request undo;
  undo.kind = saga_wish::undo;
  undo.name = std::move(item.action.operation);
  undo.version = item.action.version;
  undo.arguments = std::move(item.action.arguments);
  undo.command = item.action.command;
  undo.of = item.of;
  auto& e = add(std::move(undo));
  undoing_ = &e;
  return e;
}

std::uint64_t saga_ledger::order_of(int number) const {
  const auto* e = find(number);
  if (!e) return stop_order_;  // 0: refused because the saga is stopped
  if (e->is != saga_entry::state::open) return e->order;
  if (e->asked.kind != saga_wish::event) return 0;
  const auto box = inbox_.find(e->asked.name);
  return box != inbox_.end() && !box->second.empty() ? box->second.front().order : stop_order_;
}

bool saga_ledger::is_there(std::span<const int> numbers, bool any) const {
  if (any) return std::any_of(numbers.begin(), numbers.end(), [&](int n) { return order_of(n) != 0; });
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (order_of(numbers[i]) == 0) return false;
    const auto* e = find(numbers[i]);
    if (!e || e->is != saga_entry::state::open || stopped_) continue;
    // Several waits for one name need an event each.
    std::size_t needed = 0;
    for (std::size_t j = 0; j <= i; ++j) {
      const auto* earlier = find(numbers[j]);
      const bool same_wait = std::find(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(j), numbers[j]) !=
                             numbers.begin() + static_cast<std::ptrdiff_t>(j);
      if (earlier && !same_wait && earlier->is == saga_entry::state::open && earlier->asked.name == e->asked.name)
        ++needed;
    }
    if (needed > unread(e->asked.name)) return false;
  }
  return true;
}

std::size_t saga_ledger::first_of(std::span<const int> numbers) const {
  std::size_t best = 0;
  std::uint64_t earliest = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto order = order_of(numbers[i]);
    if (order != 0 && (earliest == 0 || order < earliest)) {
      earliest = order;
      best = i;
    }
  }
  return best;
}

void saga_ledger::take(std::span<const int> numbers, bool any) {
  if (any) numbers = numbers.subspan(first_of(numbers), 1);
  for (const int n : numbers)
    if (auto* e = find(n); e && e->asked.kind == saga_wish::event && e->is == saga_entry::state::open) take_event(*e);
}

void saga_ledger::take_event(saga_entry& e) {
  auto box = inbox_.find(e.asked.name);
  if (box == inbox_.end() || box->second.empty()) {
    if (!stopped_) return;
    e.is = saga_entry::state::failed;
    e.answer.failure = *stopped_;
    e.order = stop_order_;
    return;
  }
  auto& first = box->second.front();
  auto decoded = e.decode ? e.decode(first.payload.text) : saga_decoded{};
  if (decoded)
    e.answer = std::move(*decoded);
  else
    e.answer.failure = decoded.error();
  e.is = e.answer.value ? saga_entry::state::ok : saga_entry::state::failed;
  e.order = first.order;
  unread_bytes_ -= first.payload.text.size();
  box->second.pop_front();
}

saga_entry* saga_ledger::find(int number) {
  return number >= 1 && number <= last_number() ? entries_[static_cast<std::size_t>(number) - 1].get() : nullptr;
}
const saga_entry* saga_ledger::find(int number) const {
  return number >= 1 && number <= last_number() ? entries_[static_cast<std::size_t>(number) - 1].get() : nullptr;
}

saga_entry* saga_ledger::undo_of(int number) {
  auto* e = find(number);
  if (!e || e->asked.kind == saga_wish::undo) return e;
  const auto last = std::find_if(entries_.rbegin(), entries_.rend(), [&](const auto& u) {
    return u->asked.kind == saga_wish::undo && u->asked.of == number;
  });
  return last == entries_.rend() ? nullptr : last->get();
}

bool saga_ledger::may_be_settled(const saga_entry& undo) const {
  return undo.is == saga_entry::state::open ||
         std::find(refused_.begin(), refused_.end(), undo.asked.number) != refused_.end();
}

const saga_entry* saga_ledger::waits_for_event(std::string_view name, std::span<const int> numbers) const {
  for (const int n : numbers)
    if (const auto* e = find(n);
        e && e->asked.kind == saga_wish::event && e->is == saga_entry::state::open && e->asked.name == name)
      return e;
  return nullptr;
}

std::size_t saga_ledger::unread(std::string_view name) const {
  const auto box = inbox_.find(name);
  return box == inbox_.end() ? 0 : box->second.size();
}

std::size_t saga_ledger::most_unread() const {
  std::size_t most = 0;
  for (const auto& [name, box] : inbox_) most = std::max(most, box.size());
  return most;
}

saga_outcome saga_ledger::outcome() const {
  if (!failed_) return again_ ? saga_outcome::again : saga_outcome::done;
  if (beyond_) return aborted_ ? saga_outcome::abandoned : saga_outcome::attention;
  return saga_outcome::undone;
}

std::vector<saga_unread> saga_ledger::all_unread() const {
  std::vector<std::pair<std::uint64_t, saga_unread>> found;
  for (const auto& [name, box] : inbox_)
    for (const auto& e : box) found.push_back({e.order, {name, e.payload}});
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<saga_unread> all;
  for (auto& [order, e] : found) all.push_back(std::move(e));
  return all;
}

bool saga_ledger::is_applied(const saga_entry& e) {
  return e.is == saga_entry::state::ok ||
         (e.is == saga_entry::state::failed && e.answer.failure.outcome == banyan::outcome::applied);
}

// An undo action that was asked before the answer of its step is enough when it was not refused: the other saga was
// ended, or what it had done was taken back. One that was refused came too early, and is asked again.
bool saga_ledger::is_to_be_undone(const undo_item& item) const {
  if (item.of == 0) return true;
  const auto& step = *find(item.of);
  const bool may_be_applied = is_applied(step) || (step.begun && step.is == saga_entry::state::open);
  if (!may_be_applied || step.undo_asked == 0) return may_be_applied;
  return find(step.undo_asked)->is != saga_entry::state::ok;
}

std::vector<saga_ledger::undo_item> saga_ledger::undo_items() const {
  std::vector<undo_item> all;
  if (beyond_) return all;
  for (const auto& u : carried_) all.push_back({u, 0});
  for (const auto& e : entries_) {
    if (!e->asked.undo || e->asked.refused) continue;
    all.push_back({*e->asked.undo, e->asked.number});
    if (e->undo_asked != 0) all.back().action.command = {};  // a service would repeat its stored refusal
  }
  return all;
}

std::vector<saga_undo> saga_ledger::to_undo() const {
  std::vector<saga_undo> all;
  if (phase_ == saga_phase::undoing || phase_ == saga_phase::attention) {
    const auto add = [&](const saga_request& r) { all.push_back({r.name, r.version, r.arguments}); };
    for (const auto& item : still_to_undo_) all.push_back(item.action);
    if (undoing_ && undoing_->is == saga_entry::state::open) add(undoing_->asked);
    for (auto number = refused_.rbegin(); number != refused_.rend(); ++number) add(find(*number)->asked);
    return all;
  }
  if (phase_ == saga_phase::ended && !again_) return all;
  for (auto& item : undo_items())
    if (is_to_be_undone(item)) all.push_back(std::move(item.action));
  return all;
}

}  // namespace banyan
