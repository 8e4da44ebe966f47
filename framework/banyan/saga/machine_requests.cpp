// What a saga's code asks for during a turn.
#include <banyan/saga/machine.hpp>

#include <banyan/saga/saga_interrupted.hpp>

#include <utility>

namespace banyan {
namespace {

constexpr std::size_t longest_status = 200;      // bytes
constexpr std::size_t deepest_value = max_json_depth - 6;  // a turn nests its values up to five deep
constexpr int most_in_a_replay = 1'000'000;      // requests: what was allowed then is allowed now
constexpr int most_awaited = 10'000'000;         // waits of one turn for what is there already

error too_many(const char* what, int most) {
  return error{code::exhausted, "the saga has " + std::to_string(most) + " " + what}.because("too_many_requests");
}

}  // namespace

std::optional<error> does_not_fit(const nested_json& value, std::int64_t most, std::string_view what) {
  const auto refuse = [&](const std::string& must) {
    return error{code::invalid_argument, std::string{what} + " must be " + must}
        .at(std::string{what})
        .because("too_large");
  };
  if (std::ssize(value.text) > most) return refuse("at most " + std::to_string(most) + " bytes");
  const auto count = [&](char c) {
    std::size_t n = 0;
    for (auto at = value.text.find(c); at != std::string::npos && n <= deepest_value; at = value.text.find(c, at + 1))
      ++n;
    return n;
  };
  if (count('{') + count('[') <= deepest_value) return std::nullopt;  // also those in texts
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < value.text.size(); ++i) {
    const char c = value.text[i];
    if (in_text && c == '\\') ++i;
    if (c == '"') in_text = !in_text;
    if (in_text) continue;
    if ((c == '{' || c == '[') && ++depth > deepest_value)
      return refuse("nested at most " + std::to_string(deepest_value) + " deep");
    if (c == '}' || c == ']') --depth;
  }
  return std::nullopt;
}

std::shared_ptr<const void> saga_timer_value() {
  static const char fired = 0;
  return {std::shared_ptr<const void>{}, &fired};
}

result<saga_decoded> saga_untyped_answer(std::string_view json) {
  if (auto failed = error_in({std::string{json}})) {
    if (failed->code == code::corrupt) return std::move(*failed);
    return saga_decoded{nullptr, std::move(*failed)};
  }
  return saga_decoded{saga_timer_value(), {}};
}

void saga_machine::check_requests_in_turn() {
  if (blocked_) throw saga_interrupted{};
  const auto most = recorded_ ? most_in_a_replay : limits_.requests_per_turn;
  if (++asked_ > most)
    defect("the saga asks for more than " + std::to_string(most) + " things in one turn: a loop that never waits?");
  if (next_input_) defect("the saga asks for something after again(): co_return its result at once");
}

int saga_machine::begin(ask a) {
  if (!in_turn_) return 0;
  check_requests_in_turn();
  auto& r = a.request;
  if (ledger_.stopped() && (r.kind == saga_wish::step || r.kind == saga_wish::timer)) return 0;
  r.number = ledger_.last_number() + 1;
  if (recorded_) {
    close_request();
    const auto* then = next_recorded();
    if (!then) differ("nothing", describe(r));
    if (!is_same_request(*then, r, a.arguments_codec)) differ(describe(*then), describe(r));
    ++compared_;
    unchecked_ = r.number;
    r.arguments = then->arguments;  // as it was sent: a service compares it with what came under this command id before
    r.command = then->command;
    r.due = then->due;
    r.refused = then->refused;
  } else {
    if (auto unfit = does_not_fit(r.arguments, limits_.payload, "arguments")) {
      if (r.kind == saga_wish::value || r.kind == saga_wish::publish) defect(describe(r) + ": " + unfit->message);
      r.refused = std::move(unfit);
    } else if (r.kind == saga_wish::step && ledger_.open_steps() >= limits_.outstanding) {
      r.refused = too_many("steps without an answer", limits_.outstanding);
    } else if (r.kind == saga_wish::timer && ledger_.open_timers() >= limits_.timers) {
      r.refused = too_many("timers", limits_.timers);
    }
    if (r.refused) r.command = {};
    if (r.kind == saga_wish::step && !r.refused && r.command.is_nil())
      r.command = derive(run_id_, static_cast<std::uint64_t>(r.number), r.name);
  }
  if (r.refused) r.arguments = {};
  auto& e = ledger_.add(std::move(r));
  e.decode = a.decode;
  e.since = now_;
  e.arguments_codec = a.arguments_codec;
  made_.push_back({e.asked.number, {}});
  return e.asked.number;
}

void saga_machine::add_undo(int number, saga_undo undo, const message_codec* codec) {
  auto* e = ledger_.find(number);
  if (!e || !in_turn_ || e->asked.refused) return;
  if (blocked_) throw saga_interrupted{};
  if (made_.empty() || made_.back().number != number || e->is != saga_entry::state::open)
    defect("undone_by() belongs to the step's ask(), before anything else is asked or awaited");
  if (!recorded_) {
    auto refused = does_not_fit(undo.arguments, limits_.payload, "undo");
    if (ledger_.undo_actions() >= limits_.undo ||
        std::cmp_greater(ledger_.undo_bytes() + undo.arguments.text.size(), limits_.bytes / carried_part))
      refused = too_many("undo actions", ledger_.undo_actions());
    if (refused) {
      e->asked.refused = refused;
      e->asked.arguments = {};
      e->asked.command = {};
      ledger_.settle(*e, {nullptr, std::move(*refused)});
      return;
    }
  }
  e->asked.undo = std::move(undo);
  e->undo_codec = codec;
  ledger_.count_undo(*e);
}

void saga_machine::add_undo_request(saga_entry& e) {
  e.since = now_;
  if (recorded_) {
    close_request();
    const auto* then = next_recorded();
    if (!then) differ("nothing", describe(e.asked));
    if (!is_same_request(*then, e.asked, nullptr)) differ(describe(*then), describe(e.asked));
    ++compared_;
    e.asked.command = then->command;
  } else if (e.asked.command.is_nil()) {
    e.asked.command = derive(run_id_, static_cast<std::uint64_t>(e.asked.number), e.asked.name);
  }
  made_.push_back({e.asked.number, {}});
}

saga_step_policy* saga_machine::policy_of(int number) {
  auto* e = ledger_.find(number);
  return e ? &e->policy : nullptr;
}

const nested_json* saga_machine::recorded_value(std::string_view name) {
  if (blocked_) throw saga_interrupted{};
  if (!recorded_) return nullptr;
  close_request();
  const auto* then = next_recorded();
  const auto present = "value " + std::to_string(ledger_.last_number() + 1) + " " + std::string{name};
  if (!then) differ("nothing", present);
  if (then->kind != saga_wish::value || then->name != name) differ(describe(*then), present);
  return &then->arguments;
}

void saga_machine::unreadable_value(std::string_view name, const nested_json& recorded, const error& why) {
  differ("value " + std::string{name} + " " + recorded.text, "a type that does not read it: " + why.message);
}

void saga_machine::say_status(std::string_view text) {
  if (!in_turn_) return;
  check_requests_in_turn();
  status_ = std::string{text.substr(0, longest_status)};
  if (!recorded_) made_.push_back({0, status_});
}

result<void> saga_machine::pivot() {
  if (ledger_.stopped()) return *ledger_.stopped();
  if (ledger_.is_beyond_pivot()) return {};
  ask a;
  a.request.kind = saga_wish::pivot;
  if (begin(std::move(a)) != 0) ledger_.pivot();
  return {};
}

void saga_machine::drop_timer(int number) {
  auto* e = ledger_.find(number);
  if (!e || e->is != saga_entry::state::open) return;
  ask a;
  a.request.kind = saga_wish::drop_timer;
  a.request.of = number;
  if (begin(std::move(a)) != 0) ledger_.drop_timer(*e);
}

error saga_machine::go_on_again(nested_json input, const message_type* type) {
  if (blocked_) throw saga_interrupted{};
  if (code_ && type != code_->input) defect("again() takes the input of the saga itself");
  if (auto unfit = does_not_fit(input, limits_.payload, "input"); unfit && !recorded_)
    defect("the input of again(): " + unfit->message);
  next_input_ = std::move(input);
  return error{code::internal, "the saga goes on in a new run"}.because("saga_again");
}

bool saga_machine::is_there(std::span<const int> numbers, bool any) {
  if (blocked_) throw saga_interrupted{};
  if (++awaited_ > most_awaited)
    defect("the saga waits again and again for what is there already: a loop that never ends?");
  if (any && numbers.empty()) defect("first() of nothing is never there");
  if (!ledger_.is_there(numbers, any)) return false;
  ledger_.take(numbers, any);
  return true;
}

void saga_machine::suspend(std::coroutine_handle<> h, std::span<const int> numbers, bool any) {
  waiting_ = {h, numbers, any};
}

const saga_decoded& saga_machine::answer_of(int number) {
  if (auto* e = ledger_.find(number)) {
    if (e->is == saga_entry::state::open && ledger_.order_of(number) != 0) ledger_.take({&number, 1}, false);
    if (e->is != saga_entry::state::open) return e->answer;
    defect("get() of " + describe(e->asked) + ", which is not there yet: co_await it, or ask is_ready()");
  }
  not_begun_.failure = ledger_.stopped().value_or(error{code::internal, "a request outside of a turn"});
  return not_begun_;
}

}  // namespace banyan
