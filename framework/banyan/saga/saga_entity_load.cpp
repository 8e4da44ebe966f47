// What is stored of a saga: loading, building the machine again, ending the actor when it is idle.
#include <banyan/saga/saga_entity.hpp>

#include <banyan/core/hash.hpp>
#include <banyan/journal/stream_order.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/saga/rebuild.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace banyan {
namespace {

constexpr std::chrono::seconds port_limit{30};
constexpr backoff_policy between_reads{.first = std::chrono::milliseconds{50}, .max = std::chrono::seconds{10}};

// A timer that is due sooner is not left to saga_clock.
constexpr std::chrono::seconds clock_looks_again{20};

bool is_turn(const recorded_event& e) { return e.type == saga_turned::stored.type; }

// The text may also stand in a payload, so the turn is decoded then.
bool goes_on_again(const std::vector<std::string>& turns) {
  if (turns.empty() || turns.back().find(R"("how":"again")") == std::string::npos) return false;
  const auto last = read_turn(turns.back());
  return last && last->end && last->end->how == saga_outcome::again;
}

// Adds a page of a run's stream.
template <class Run>
std::optional<error> add_page(Run& to, std::vector<recorded_event>& events) {
  for (auto& e : events) {
    if (auto out_of_order = check_order(e, to.last_version)) return out_of_order;
    to.last_version = e.version;
    to.last_event = e.id;
    if (is_turn(e)) to.turns.push_back(std::move(e.payload));
  }
  return std::nullopt;
}

}  // namespace

void saga_entity::load(nanoseconds pause) {
  loading_ = true;
  machine_.reset();
  self().run(load_after(pause));
}

task<void> saga_entity::load_after(nanoseconds pause) {
  if (pause.count() > 0) co_await self().sleep(pause);
  backoff pauses{between_reads};
  for (;;) {
    auto read = co_await read_saga();
    if (read) {
      activate(std::move(*read));
      co_return;
    }
    if (read.error().code == code::corrupt) {
      logger{spec().name}.error("a saga can not be read", {{"stream", *stream_}, {"cause", read.error()}});
      broken_ = std::move(read.error());
      loading_ = tainted_ = false;
      go_on();
      co_return;
    }
    co_await self().sleep(pauses.next(self().steady(), self().random()));
  }
}

task<result<saga_entity::stored_saga>> saga_entity::read_saga() {
  stored_saga found;
  auto first = co_await read_run(1, &found);
  if (!first) co_return first.error();
  found.current = std::move(*first);
  if (!goes_on_again(found.current.turns)) co_return found;
  const auto last = co_await last_run();
  if (!last) co_return last.error();
  auto run = co_await read_run(*last, nullptr);
  if (!run) co_return run.error();
  found.current = std::move(*run);
  co_return found;
}

// `first`: of the first run; gets what is stored with it.
task<result<saga_entity::stored_run>> saga_entity::read_run(int run, stored_saga* first) {
  stored_run found;
  found.run = run;
  const auto stream = stream_of(run);
  const auto commands = first ? known_commands::most : std::size_t{0};
  auto ask_journal = [&](completion<loaded_stream> done) {
    around_->journal.load({stream, {}, commands, page}, std::move(done));
  };
  auto loaded = co_await self().wait_for<loaded_stream>(port_limit, ask_journal);
  if (!loaded) co_return loaded.error();
  if (first) {
    first->commands = std::move(loaded->commands);
    if (!loaded->events.empty()) {
      first->start = loaded->events.front().metadata;
      if (const auto turn = read_turn(loaded->events.front().payload))
        first->started_with = stable_hash(turn->because.payload.text);
    }
  }
  if (auto wrong = add_page(found, loaded->events)) co_return std::move(*wrong);
  while (found.last_version < loaded->version) {
    const auto from = found.last_version + 1;
    auto ask_for_page = [&](completion<std::vector<recorded_event>> done) {
      around_->journal.read_stream({stream, from, page}, std::move(done));
    };
    auto events = co_await self().wait_for<std::vector<recorded_event>>(port_limit, ask_for_page);
    if (!events) co_return events.error();
    if (events->empty()) co_return missing_event(stream, from, loaded->position);
    if (auto wrong = add_page(found, *events)) co_return std::move(*wrong);
  }
  co_return found;
}

// The runs are stored in their order, without gaps: doubles the number, then halves the distance.
task<result<int>> saga_entity::last_run() {
  int there = 2, not_there = 0;  // 0: not known
  for (int probe = 4; not_there - there != 1; probe = not_there == 0 ? there * 2 : there + (not_there - there) / 2) {
    const auto stream = stream_of(probe);
    auto ask_journal = [&](completion<loaded_stream> done) {
      around_->journal.load({stream, {}, 0, 1}, std::move(done));
    };
    auto loaded = co_await self().wait_for<loaded_stream>(port_limit, ask_journal);
    if (!loaded) co_return loaded.error();
    (loaded->version > 0 ? there : not_there) = probe;
  }
  co_return there;
}

void saga_entity::activate(stored_saga s) {
  loading_ = tainted_ = false;
  broken_.reset();
  blocked_.reset();
  record_.reset();
  run_ = s.current.run;
  version_ = s.current.last_version;
  last_event_ = s.current.last_event;
  started_with_ = s.started_with;
  start_ = std::move(s.start);
  left_to_people_.clear();
  if (around_->attention) around_->attention->read(*stream_);
  parent_.reset();
  known_.clear();
  for (auto i = s.commands.rbegin(); i != s.commands.rend(); ++i)
    known_.remember({i->id, i->fingerprint, std::move(i->reply)});
  std::vector<leaving> open;
  if (!s.current.turns.empty()) {
    const auto first = read_turn(s.current.turns.front());
    if (first && first->head) parent_ = first->head->reply_to;
    const auto* code = first && first->head && !without_code_ ? spec().code_of(first->head->version) : nullptr;
    auto rebuilt = rebuild_saga(code, s.current.turns, spec().limits);
    if (!rebuilt && rebuilt.error().reason == "saga_threw") {
      around_->meters.throws.add();
      if (takes_again(-1)) return load(pauses_.next(self().steady(), self().random()));
    }
    if (rebuilt) {
      machine_ = std::move(*rebuilt);
      begin_verification();
      if (verifies_) verified_ = std::move(s.current.turns);
      if (const auto stuck = machine_->blocked(); stuck && !without_code_)
        block(stuck->text, boost::describe::enum_to_string(stuck->why, ""));
      for (const auto& o : machine_->outstanding())
        if (o.request->kind != saga_wish::timer && !blocked_) open.push_back({*o.request, *o.policy, o.since, o.begun});
    } else if (rebuilt.error().code == code::corrupt) {
      broken_ = std::move(rebuilt.error());
    } else {
      auto record = rebuild_saga(nullptr, s.current.turns, spec().limits);
      // Once its function is over, the record is enough to go on.
      if (record && (*record)->phase() > saga_phase::running) {
        machine_ = std::move(*record);
        verifies_ = false;
        for (const auto& o : machine_->outstanding()) open.push_back({*o.request, *o.policy, o.since, o.begun});
      } else {
        const auto why = rebuilt.error();
        block(why.message, why.reason == "saga_mismatch" ? "mismatch" : "defect");
        if (record) record_ = std::move(*record);
      }
    }
  }
  if (!blocked_) unblock();
  const auto run = run_;
  go_on();
  // What was taken meanwhile may have answered one, or the machine is a new one.
  for (auto& l : open) begin_step(std::move(l), run, true);
  answer_end();
  give_answer();
  maybe_passivate();
}

// Everything in flight has a final answer, and the machine differs from what is stored.
void saga_entity::reload(nanoseconds pause) {
  auto next = waiting_.begin();
  for (auto& p : pending_) {
    const bool is_answer = p.cause.notification && p.cause.notification->kind == saga_notice::answered;
    if (p.cause.request || is_answer) next = std::next(waiting_.insert(next, std::move(p.cause)));
    for (auto& r : p.repeats) next = std::next(waiting_.insert(next, waiting{std::move(r), {}, 0}));
  }
  pending_.clear();
  // Another owner may have started the saga with another input.
  for (auto& m : std::exchange(for_end_, {})) next = std::next(waiting_.insert(next, waiting{std::move(m), {}, 0}));
  load(pause);
}

void saga_entity::maybe_passivate() {
  const bool works = loading_ || !pending_.empty() || !waiting_.empty() || !steps_.empty() || !for_end_.empty() ||
                     gives_answer_;
  if (works) return;
  if (shard() && !exists() && !broken_ && !passivation_asked_ && !std::exchange(offered_to_end_, true))
    return self().send(shard(), nothing_stored{id()});
  if (!passivation_asked_) return;
  if (machine_ && !blocked_) {
    const auto due = next_due();
    const auto wait = std::max<nanoseconds>(spec().routing.passivate_after, clock_looks_again);
    const auto soon = add_saturating(self().now(), wait);
    if (due && (!around_->has_clock || *due <= soon)) return;
  }
  self().send(shard(), passivated{id(), *std::exchange(passivation_asked_, std::nullopt)});
}

}  // namespace banyan
