#include <banyan/pub_sub/subscription.hpp>

#include <banyan/actor/control.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/pub_sub/topics.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace banyan {

namespace {

constexpr auto port_limit = std::chrono::seconds{30};
constexpr auto as_long_as_it_takes = std::chrono::hours{24} * 36'525;
constexpr auto lane_look = std::chrono::milliseconds{5};
constexpr auto slowest_in_trial = 40;  // handlers: the longest wait of a trial is so many times what one may take
constexpr std::size_t read_at_once = 500;

// Taken up, so that there is always something to begin when a handler ends.
std::size_t in_window(const subscription_spec& spec) { return static_cast<std::size_t>(spec.max_in_flight) * 4; }

template <class T>
T value_or_throw(result<T> r) {
  if (!r) throw result_error{r.error()};
  return std::move(*r);
}

subscription_progress::dead_now dead_now(view_reader& v) {
  auto first = delivery_tables::list(v, 0, 1);
  return {delivery_tables::count(v), first.empty() ? std::optional<dead_letter>{} : std::move(first.front())};
}

std::string times(int n) { return std::to_string(n) + (n == 1 ? " time: " : " times: "); }

std::string what(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (...) {
    return detail::what_was_thrown();
  }
}

}  // namespace

behavior subscription::make_behavior() {
  return behavior{}
      .on<journal_moved>([this](const journal_moved&) {
        hinted_->store(false);
        if (following_)
          again_ = true;
        else
          self().run(follow());
      })
      .on<replay_dead_letter>([this](const replay_dead_letter& r) { return replay(r.at); })
      .on_letter<reset_subscription>([this](letter_ptr& l) { self().run(reset(std::move(l))); });
}

void subscription::started() {
  watch_ = journal_.on_commit([to = self().me(), hinted = hinted_](position) {
    if (!hinted->exchange(true)) deliver(to, make_letter<journal_moved>());
  });
  self().run(follow());
}

subscription::~subscription() {
  if (counts_) progress_->leave(ticket_, std::move(*counts_));
}

// Nobody is to be blamed for an ordered end.
void subscription::asked_to_end(ending) {
  leaving_ = true;
  if (!resetting_ && counts_ && counts_->is_any_under_way())
    self().run(leave());
  else
    self().end();
}

task<void> subscription::leave() {
  for (auto at : counts_->spare()) to_store_.emplace_back(at, completion<done>{});
  auto last = self().wait_for<done>(port_limit, [&](completion<done> done) { to_store_.back().second = std::move(done); });
  if (!saving_) self().run(save());
  co_await last;
  self().end();
}

// The counts are of the events that were to be handled; after a reset none of them matters.
task<void> subscription::reset(letter_ptr request) {
  auto info = co_await self().wait_for<journal_info>(port_limit, [&](completion<journal_info> done) { journal_.info(std::move(done)); });
  if (!info) {
    request->fail(std::move(info.error()));
    co_return;
  }
  const auto head = info->head;
  const auto from = request->as<reset_subscription>().from;
  const auto at = from.what == subscription_start::where::start ? 0 : from.what == subscription_start::where::now ? head : from.at;
  if (at < 0 || at > head) {
    request->fail(error{code::invalid_argument, "the journal's last position is " + std::to_string(head)}.at("to"));
    co_return;
  }
  leaving_ = resetting_ = true;
  while (saving_) co_await self().sleep(lane_look);
  auto begins = co_await self().wait_for<position>(port_limit, [&](completion<position> done) {
    store_.restart(
        {info->history, head}, at,
        [at](view_writer& v) {
          delivery_tables::create(v);
          delivery_tables::forget_all_counts(v);
          if (!delivery_tables::beginning(v)) delivery_tables::began(v, at);
        },
        std::move(done));
  });
  if (begins) {
    logger{spec_.group}.warning("the subscription was reset by an operator", {{"topic", spec_.topic}, {"position", *begins}, {"head", head}});
    counts_.reset();
    answer<position>(*request, *begins);
  } else {
    request->fail(std::move(begins.error()));
  }
  self().stop();
}

task<void> subscription::follow() {
  if (refuses_) co_return;
  following_ = true;
  waits_for_room_ = true;
  if (!window_) co_await open();
  while (!refuses_ && window_->room() > 0 && counts_->room() > 0 && !leaving_) {
    again_ = false;
    auto limit = std::min({read_at_once, window_->room(), counts_->room()});
    auto batch = value_or_throw(co_await self().wait_for<std::vector<recorded_event>>(
        port_limit, [&](completion<std::vector<recorded_event>> done) { journal_.read_all({window_->last_read(), limit}, std::move(done)); }));
    if (batch.empty()) {
      if (again_) continue;
      waits_for_room_ = false;
      break;
    }
    auto last = batch.back().position;
    progress_->head = std::max(progress_->head.load(), last);
    for (auto& e : batch) {
      look_for_holes(e);
      if (!is_for(spec_, e)) continue;
      auto at = e.position;
      counts_->taken_up(at);
      auto ready = window_->add(at, e.stream);
      events_.emplace(at, std::move(e));
      if (ready) self().run(deliver_one(at));
    }
    window_->read_to(last);
    if (!saving_) self().run(save());
  }
  following_ = false;
}

task<void> subscription::open() {
  auto info = value_or_throw(co_await self().wait_for<journal_info>(
      port_limit, [&](completion<journal_info> done) { journal_.info(std::move(done)); }));
  auto opened = co_await self().wait_for<view_store::state>(port_limit, [&](completion<view_store::state> done) {
    store_.open({info.history, info.head, true}, delivery_tables::create, std::move(done));
  });
  refuses_ = !opened && opened.error().reason == "another_history";
  if (refuses_) {
    progress_->refuse(opened.error().message);
    logger{spec_.group}.error("the subscription handles nothing until an operator resets it",
                              {{"topic", spec_.topic}, {"cause", opened.error()}, {"head", info.head}});
    co_return;
  }
  auto state = value_or_throw(std::move(opened));
  progress_->refuse(std::nullopt);
  history_ = info.history;
  auto trial = trial_;
  trial.longest_wait = slowest_in_trial * spec_.handle_within.count();
  const delivery_counts::limits limits{spec_.max_attempts, spec_.max_crashes, in_window(spec_) * 4, trial};
  counts_ = progress_->take_over(ticket_);
  const bool is_new_process = !counts_;
  // What a death says is worked out and stored in one transaction: the next process must not count it again.
  struct known {
    std::optional<delivery_counts> counts;
    std::optional<position> began;
    subscription_progress::dead_now dead;
  };
  auto found = std::make_shared<known>();
  value_or_throw(co_await self().wait_for<position>(port_limit, [&](completion<position> done) {
    store_.write(
        [found, limits, is_new_process, how = lane_->last_end(), after = state.checkpoint, info](view_writer& v) {
          delivery_tables::create(v);  // the store may be of an older version
          delivery_tables::forget_foreign_counts(v, info.history, info.head);
          found->began = delivery_tables::beginning(v);
          found->dead = dead_now(v);
          if (!is_new_process) return;
          auto rows = delivery_tables::counts(v, after);
          found->counts.emplace(limits, after);
          found->counts->begin(rows, how);
          for (const auto& r : rows)
            if (auto now = found->counts->row_of(r.at); now != r) delivery_tables::store(v, now);
        },
        state.checkpoint, std::move(done));
  }));
  if (!found->began) co_await begin_new_group(info.head, state.checkpoint);
  if (is_new_process) {
    counts_ = std::move(found->counts);
    counts_->saved(state.checkpoint);
  } else {
    counts_->begin_again(state.checkpoint);
  }
  window_.emplace(state.checkpoint, in_window(spec_));
  versions_.emplace(state.checkpoint == 0);
  saved_ = state.checkpoint;
  progress_->tell_dead(std::move(found->dead));
  progress_->checkpoint = state.checkpoint;
  progress_->head = info.head;
  progress_->is_open = true;
}

// A checkpoint says that this group ran before it noted where it began.
task<void> subscription::begin_new_group(position head, position& checkpoint) {
  const bool is_new = checkpoint == 0;
  if (is_new && spec_.from == from_now) {
    checkpoint = head;
  } else if (is_new && spec_.from != from_start) {
    std::from_chars(spec_.from.data(), spec_.from.data() + spec_.from.size(), checkpoint);
    if (checkpoint > head)
      throw result_error{error{code::invalid_argument, "topic " + spec_.topic + ", group " + spec_.group + ": it is to begin behind position " +
                                                           spec_.from + ", and the journal ends at " + std::to_string(head)}
                             .at("from")};
  }
  value_or_throw(co_await self().wait_for<position>(port_limit, [&](completion<position> done) {
    store_.write([after = checkpoint](view_writer& v) { delivery_tables::began(v, after); }, checkpoint, std::move(done));
  }));
  if (is_new)
    logger{spec_.group}.info("a new group begins", {{"topic", spec_.topic},
                                                    {"group", spec_.group},
                                                    {"from", spec_.from},
                                                    {"after", checkpoint},
                                                    {"events_to_read", head - checkpoint}});
}

// --- one event -------------------------------------------------------------------------------------------------------

task<void> subscription::deliver_one(position at) {
  const auto& e = events_.at(at);
  backoff wait{spec_.retry};
  for (;;) {
    if (leaving_) co_return;
    const auto care = counts_->care_for(at);
    if (care == delivery_care::not_at_all) {
      give_up(e);
      break;
    }
    suspect_lane::place alone;
    monotonic since{};
    if (care == delivery_care::alone) alone = co_await quarantine(at, since);
    co_await take_slot();
    if (leaving_) co_return;
    counts_->begins(at, alone ? self().steady() - since + 2 * last_write_ : nanoseconds{});
    if (alone) self().run(mark_life(at, since, ++lane_turn_));
    if (care != delivery_care::none) value_or_throw(co_await stored(at));
    const bool is_handled = co_await attempt(e);
    if (alone) ++lane_turn_;
    leave_slot();
    if (is_handled) break;
    if (counts_->is_given_up(at)) continue;
    value_or_throw(co_await stored(at));
    alone = {};
    progress_->retried.fetch_add(1);
    co_await self().sleep(wait.next(self().steady(), self().random()));
  }
  progress_->delivered.fetch_add(1);
  acknowledge(at);
}

// A place in the lane for a suspect, at its drawn instant when it is on trial. `since`: that instant, or now.
task<suspect_lane::place> subscription::quarantine(position at, monotonic& since) {
  since = self().steady();
  if (auto wait = counts_->draws(at, self().random())) {
    value_or_throw(co_await stored(at));
    since = self().steady() + *wait;
    co_await self().sleep(*wait);
  }
  suspect_lane::place alone;
  while (!(alone = suspect_lane::try_enter(lane_))) co_await self().sleep(lane_look);
  co_return alone;
}

// While a suspect is under way: how long it has lived, so that the next process knows when this one died.
task<void> subscription::mark_life(position at, monotonic since, std::uint64_t turn) {
  for (;;) {
    const auto lived = self().steady() - since;
    const auto next = death_evidence::next_mark(lived);
    co_await self().sleep(next - lived);
    if (turn != lane_turn_ || leaving_ || !counts_->is_under_way(at)) co_return;
    counts_->lives(at, self().steady() - since);
    value_or_throw(co_await stored(at));
  }
}

context_ptr subscription::context_of(const recorded_event& e) const {
  auto context = std::make_shared<message_context>();
  context->trace = e.metadata.trace;
  context->correlation = e.metadata.correlation;
  context->causation = e.id;
  context->caller = e.metadata.actor;
  context->command = derive(e.id, 0, spec_.group);  // the same at every delivery of this event to this group
  return context;
}

task<bool> subscription::attempt(const recorded_event& e) {
  bounded_attempt under_way{self(), context_of(e), spec_.handle_within, spec_.handle(self(), scope_, e)};
  const auto ended = co_await under_way;
  if (ended.is_late) {
    counts_->refused(e.position, "not handled within " + to_string(spec_.handle_within));
  } else if (ended.thrown) {
    counts_->crashed(e.position, what(ended.thrown));
  } else if (!*ended.answer) {
    const auto& refusal = ended.answer->error();
    if (refusal.reason == undecodable)
      counts_->refused_for_good(e.position, to_string(error{refusal.code, refusal.message, refusal.outcome}));
    else
      counts_->refused(e.position, to_string(refusal));
  } else {
    co_return true;
  }
  co_return false;
}

// At most max_in_flight handlers run at once; the others begin in the order in which they came.
task<void> subscription::take_slot() {
  if (running_ < spec_.max_in_flight)
    ++running_;
  else
    co_await self().wait_for<done>(as_long_as_it_takes, [&](completion<done> next) { slots_.push_back(std::move(next)); });
}

void subscription::leave_slot() {
  if (slots_.empty()) {
    --running_;
    return;
  }
  auto next = std::move(slots_.front());
  slots_.pop_front();
  next(done{});
}

answer_awaiter<done> subscription::stored(position at) {
  return self().wait_for<done>(port_limit, [&](completion<done> done) {
    to_store_.emplace_back(at, std::move(done));
    if (!saving_) self().run(save());
  });
}

void subscription::give_up(const recorded_event& e) {
  const auto counts = counts_->row_of(e.position);
  progress_->dead.fetch_add(1);
  auto reason = counts.cause;
  if (counts_->is_poison(e.position)) {
    progress_->poison.fetch_add(1);
    reason = counts.crashes >= spec_.max_crashes ? "poison: crashed its handler " + times(counts.crashes) + reason
                                                 : "poison: ended its process " + times(counts.deaths) + reason;
  }
  to_store_.emplace_back(e.position, completion<done>{});  // it stays given up, should the process end before the checkpoint is beyond it
  dead_letter letter{e.position, e.stream, e.type, e.payload, counts.refusals + counts.crashes + counts.deaths, std::move(reason)};
  dead_.push_back({std::move(letter), e.metadata.trace});
}

// Nobody knows whether a lost event was one to be delivered. It is told once; the others are delivered all the same.
void subscription::look_for_holes(const recorded_event& e) {
  const auto hole = versions_->see(e);
  if (!hole) return;
  logger{spec_.group}.error("the journal has lost an event, which is not delivered", {{"topic", spec_.topic}, {"cause", hole->message}});
  versions_->accept(e);
}

void subscription::acknowledge(position at) {
  if (counts_->is_known(at) && !counts_->is_given_up(at)) {
    counts_->forget(at);
    cleared_.push_back(at);
  }
  events_.erase(at);
  if (auto next = window_->acknowledge(at)) self().run(deliver_one(*next));
  if (!saving_) self().run(save());
  go_on();
}

void subscription::go_on() {
  const auto enough = std::min(read_at_once, in_window(spec_)) / 4;
  if (waits_for_room_ && !following_ && std::min(window_->room(), counts_->room()) >= enough) self().run(follow());
}

// --- dead letters ----------------------------------------------------------------------------------------------------

task<result<delivered_again>> subscription::replay(position at) {
  const auto name = "position " + std::to_string(at) + " of topic " + spec_.topic + ", group " + spec_.group;
  if (!window_) co_return error{code::unavailable, "the subscription has not read its checkpoint yet"};
  if (replaying_.count(at) > 0) co_return error{code::conflict, name + " is being delivered again already"}.because("under_way");
  replaying_.insert(at);
  auto letter = std::make_shared<std::optional<dead_letter>>();
  auto looked = co_await self().wait_for<position>(port_limit, [&](completion<position> done) {
    store_.read([letter, at](view_reader& v) { *letter = delivery_tables::find(v, at); }, std::move(done));
  });
  result<delivered_again> answer = error{code::not_found, "no dead letter at " + name};
  if (!looked)
    answer = looked.error();
  else if (*letter)
    answer = co_await replay_known(**letter);
  replaying_.erase(at);
  co_return answer;
}

task<result<delivered_again>> subscription::replay_known(const dead_letter& letter) {
  const auto at = letter.position, attempts = letter.attempts + 1;
  auto read = co_await self().wait_for<std::vector<recorded_event>>(
      port_limit, [&](completion<std::vector<recorded_event>> done) { journal_.read_all({at - 1, 1}, std::move(done)); });
  if (!read) co_return read.error();
  if (read->empty() || read->front().position != at)
    co_return error{code::corrupt, "the journal has no event at position " + std::to_string(at) + " any more"};
  const auto& e = read->front();
  co_await take_slot();
  bounded_attempt under_way{self(), context_of(e), spec_.handle_within, spec_.handle(self(), scope_, e)};
  const auto ended = co_await under_way;
  leave_slot();
  std::optional<error> refusal;
  if (ended.is_late)
    refusal = error{code::deadline_exceeded, "not handled within " + to_string(spec_.handle_within), outcome::unknown};
  else if (ended.thrown)
    refusal = error{code::internal, "it crashed its handler: " + what(ended.thrown), outcome::unknown};
  else if (!*ended.answer)
    refusal = ended.answer->error();
  auto now = std::make_shared<subscription_progress::dead_now>();
  auto written = co_await self().wait_for<position>(port_limit, [&](completion<position> done) {
    store_.write(
        [now, at, attempts, reason = refusal ? std::optional{to_string(*refusal)} : std::nullopt](view_writer& v) {
          if (reason) {
            delivery_tables::change(v, at, attempts, *reason);
          } else {
            delivery_tables::remove(v, at);
            delivery_tables::forget_count(v, at);  // or it were given up again, should the checkpoint not be beyond it at the next start
          }
          *now = dead_now(v);
        },
        saved_, std::move(done));
  });
  if (!written) co_return written.error();
  progress_->tell_dead(*now);
  const auto log = logger{spec_.group}.of(e.metadata.trace);
  if (refusal) {
    log.warning("a dead letter was delivered again and stays",
                {{"topic", spec_.topic}, {"stream", e.stream}, {"position", at}, {"attempts", attempts}, {"cause", *refusal}});
    auto why = *refusal;
    why.reason = "dead_letter_stays";
    co_return why;
  }
  counts_->forget(at);
  log.info("a dead letter was delivered again and is handled",
           {{"topic", spec_.topic}, {"stream", e.stream}, {"position", at}, {"attempts", attempts}});
  co_return delivered_again{attempts};
}

// --- storing ---------------------------------------------------------------------------------------------------------

// One write at a time; whatever was acknowledged or counted meanwhile goes into the next.
task<void> subscription::save() {
  saving_ = true;
  while (!resetting_ && (window_->checkpoint() > saved_ || !dead_.empty() || !to_store_.empty() || !cleared_.empty())) {
    auto checkpoint = window_->checkpoint();
    auto dead = std::make_shared<std::vector<given_up>>(std::exchange(dead_, {}));
    auto counted = std::exchange(to_store_, {});
    auto rows = std::make_shared<std::vector<delivery_counts::row>>();
    for (auto& [at, waits] : counted)
      if (counts_->is_known(at)) rows->push_back(counts_->row_of(at));
    epoch_position furthest;
    for (auto& r : *rows)
      if (r.at > furthest.at) furthest = history_.mark(r.at);
    const bool sweeps = counts_->knows_any_to(checkpoint);
    auto cleared = std::make_shared<std::vector<position>>(std::exchange(cleared_, {}));
    auto now = std::make_shared<subscription_progress::dead_now>();
    const auto began = self().steady();
    saved_ = value_or_throw(co_await self().wait_for<position>(port_limit, [&](completion<position> done) {
      store_.write(
          [dead, rows, cleared, checkpoint, sweeps, furthest, now](view_writer& v) {
            for (auto& d : *dead) delivery_tables::add(v, d.letter);
            for (auto& r : *rows) delivery_tables::store(v, r);
            if (!rows->empty()) delivery_tables::note_furthest(v, furthest);
            for (auto at : *cleared) delivery_tables::forget_count(v, at);
            if (sweeps) delivery_tables::forget_counts_to(v, checkpoint);
            if (!dead->empty()) *now = dead_now(v);
          },
          checkpoint, std::move(done));
    }));
    last_write_ = self().steady() - began;
    counts_->saved(saved_);
    progress_->checkpoint = saved_;
    progress_->checkpoint.notify_all();
    if (!dead->empty()) progress_->tell_dead(std::move(*now));
    for (auto& d : *dead)
      logger{spec_.group}
          .of(d.trace)
          .error("dead letter: the event is given up", {{"topic", spec_.topic},
                                                        {"stream", d.letter.stream},
                                                        {"position", d.letter.position},
                                                        {"attempts", d.letter.attempts},
                                                        {"cause", d.letter.reason}});
    for (auto& [at, waits] : counted) waits(done{});
  }
  saving_ = false;
  go_on();
}

}  // namespace banyan
