#include <banyan/saga/machine.hpp>

#include <banyan/saga/saga_interrupted.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace banyan {
namespace {

constexpr std::size_t largest_turn = max_json_bytes / 2;  // so that it can be read back

struct next_run_input {
  std::optional<nested_json> again;
};
BOOST_DESCRIBE_STRUCT(next_run_input, (), (again))

}  // namespace

saga_machine::saga_machine(const saga_code* code, saga_limits limits) : code_{code}, limits_{limits} {}

saga_machine::~saga_machine() { frame_.reset(); }

result<saga_append> saga_machine::start(saga_head head, nested_json input, instant now, const uuid& id,
                                        std::string by) {
  if (phase() != saga_phase::unborn) return error{code::conflict, "the saga has started"}.because("saga_started");
  if (!code_)
    return error{code::unimplemented, "the code of " + head.saga + " is not linked"}.because("unknown_version");
  if (auto unfit = does_not_fit(input, limits_.payload, "input")) return std::move(*unfit);
  auto frame = code_->begin(*this, input);
  if (!frame) return frame.error();
  frame_ = std::move(*frame);
  head_ = head;
  run_id_ = saga_run_id(head_);
  saga_notification n;
  n.kind = saga_notice::started;
  n.id = id;
  n.payload = std::move(input);
  n.by = std::move(by);
  return turn(std::move(n), std::move(head), now);
}

result<saga_append> saga_machine::feed(saga_notification n, instant now) {
  if (auto admitted = admit(n, now); !admitted) return admitted.error();
  return turn(std::move(n), std::nullopt, now);
}

result<saga_append> saga_machine::turn(saga_notification n, std::optional<saga_head> head, instant now) {
  now_ = std::max(now_, now);
  run(n);
  if (blocked_) return blocked_error();
  ++turns_;
  saga_append out{finished_turn(std::move(n)), {}, {}};
  out.turn.head = std::move(head);
  out.payload = to_json(out.turn);
  out.event_id = saga_event_id(run_id_, turns_, out.payload);
  bytes_ += out.payload.size();
  if (out.payload.size() <= largest_turn) return out;
  blocked_ = {saga_block::defect,
              "the saga asks for too much in one turn: " + std::to_string(out.payload.size()) + " bytes"};
  return blocked_error();
}

error saga_machine::blocked_error() const {
  const auto reason =
      blocked_->threw ? "saga_threw" : "saga_" + std::string{boost::describe::enum_to_string(blocked_->why, "")};
  return error{blocked_->why == saga_block::mismatch ? code::conflict : code::internal, blocked_->text}.because(reason);
}

saga_turned saga_machine::finished_turn(saga_notification because) {
  saga_turned t;
  t.turn = turns_;
  t.now = now_;
  t.because = std::move(because);
  t.then.reserve(made_.size());
  for (auto& m : made_) {
    if (m.number != 0) {
      t.then.push_back(ledger_.find(m.number)->asked);
      continue;
    }
    auto& status = t.then.emplace_back();
    status.kind = saga_wish::status;
    status.name = std::move(m.status);
  }
  if (returned_ && !ending_) t.returned = ledger_.result();
  t.end = ending_;
  return t;
}

void saga_machine::run(const saga_notification& n) {
  made_.clear();
  asked_ = awaited_ = unchecked_ = 0;
  compared_ = 0;
  returned_ = false;
  in_turn_ = true;
  try {
    deliver(n);
    if (frame_ && n.kind == saga_notice::started) frame_->start();
    if (frame_)
      run_code();
    else if (recorded_)
      follow_record();
    go_on_ending();
    if (recorded_) compare_rest();
  } catch (const saga_interrupted&) {
    // blocked_ says why.
  } catch (const std::exception& e) {
    if (!blocked_) blocked_ = {saga_block::defect, "the saga's code threw: " + std::string{e.what()}, true};
  } catch (...) {
    if (!blocked_) blocked_ = {saga_block::defect, "the saga's code threw something that is no std::exception", true};
  }
  in_turn_ = false;
  has_answer_ = false;
  answer_ = {};
  if (blocked_) {
    waiting_ = {};
    frame_.reset();
  }
}

void saga_machine::deliver(const saga_notification& n) {
  switch (n.kind) {
    case saga_notice::started: ledger_.begin(head_); return;
    case saga_notice::received: ledger_.receive(n.name, n.payload); return;
    case saga_notice::cancelled:
    case saga_notice::out_of_time: ledger_.stop(error_in(n.payload).value_or(error{})); return;
    case saga_notice::aborted:
      in_turn_ = false;  // what the destructors of the code's variables ask for is not heard
      waiting_ = {};
      frame_.reset();
      in_turn_ = true;
      ledger_.abort(error_in(n.payload).value_or(error{}));
      return;
    case saga_notice::retried: return ledger_.retry_undo();
    case saga_notice::undone: {
      auto* undo = ledger_.undo_of(n.number);
      if (!undo || !ledger_.may_be_settled(*undo)) differ(describe(n), "no such undo action");
      return ledger_.settle_by_hand(*undo);
    }
    case saga_notice::answered:
    case saga_notice::begun:
    case saga_notice::fired: break;
  }
  auto* e = ledger_.find(n.number);
  const bool fits =
      e && e->is == saga_entry::state::open &&
      (n.kind == saga_notice::fired   ? e->asked.kind == saga_wish::timer
       : n.kind == saga_notice::begun ? e->asked.kind == saga_wish::step
                                      : e->asked.kind == saga_wish::step || e->asked.kind == saga_wish::undo);
  if (!fits) differ(describe(n), "no such request without an answer");
  if (n.kind == saga_notice::begun) return ledger_.mark_begun(*e);
  if (e->asked.kind == saga_wish::undo) return ledger_.answer_undo(*e, error_in_known(n.payload));
  if (e->asked.kind == saga_wish::timer) return ledger_.settle(*e, {saga_timer_value(), {}});
  if (has_answer_) return ledger_.settle(*e, std::move(answer_));
  auto decoded = e->decode ? e->decode(n.payload.text) : saga_untyped_answer(n.payload.text);
  if (!decoded)
    differ("the answer " + n.payload.text, "a reply type that does not read it: " + decoded.error().message);
  ledger_.settle(*e, std::move(*decoded));
}

void saga_machine::run_code() {
  while (!frame_->is_done()) {
    if (!waiting_.handle) defect("the saga's code waits for nothing that the saga knows");
    if (!ledger_.is_there(waiting_.numbers, waiting_.any)) return;
    ledger_.take(waiting_.numbers, waiting_.any);
    std::exchange(waiting_, {}).handle.resume();
  }
  auto returned = frame_->take();
  frame_.reset();
  if (blocked_) throw saga_interrupted{};
  if (ledger_.phase() != saga_phase::running) return;
  if (auto unfit = does_not_fit(returned.result, limits_.bytes / carried_part, "result"); unfit && !recorded_)
    defect(unfit->message);
  returned_ = true;
  if (next_input_)
    ledger_.conclude({R"({"again":)" + next_input_->text + "}"}, false, true);
  else
    ledger_.conclude(std::move(returned.result), returned.failed, false);
}

void saga_machine::go_on_ending() {
  while (auto* undo = ledger_.go_on()) add_undo_request(*undo);
  if (ledger_.phase() == saga_phase::ended && !ending_) ending_ = saga_ending{ledger_.outcome(), ledger_.result()};
}

std::optional<saga_blocked> saga_machine::blocked() const {
  if (blocked_) return blocked_;
  if (phase() != saga_phase::running) return std::nullopt;
  if (!code_)
    return saga_blocked{saga_block::unknown_version,
                        "version " + std::to_string(head_.version) + " of " + head_.saga + " is not linked"};
  if (turns_ >= limits_.turns || std::cmp_greater_equal(bytes_, limits_.bytes))
    return saga_blocked{saga_block::too_long,
                        "the run has " + std::to_string(turns_) + " turns and " + std::to_string(bytes_) +
                            " bytes, of " + std::to_string(limits_.turns) + " (max_turns) and " +
                            std::to_string(limits_.bytes) + " (max_bytes)"};
  return std::nullopt;
}

std::vector<saga_open> saga_machine::outstanding() const {
  std::vector<saga_open> open;
  if (phase() == saga_phase::unborn || phase() == saga_phase::ended) return open;
  for (const int number : ledger_.open()) {
    const auto* e = ledger_.find(number);
    if (e->asked.kind != saga_wish::timer || phase() == saga_phase::running)
      open.push_back({&e->asked, &e->policy, e->since, e->begun});
  }
  return open;
}

std::optional<instant> saga_machine::gives_up_at() const {
  if (phase() != saga_phase::running || ledger_.stopped() || ledger_.is_beyond_pivot()) return std::nullopt;
  return head_.give_up_at;
}

std::vector<saga_undo> saga_machine::to_undo() const {
  auto all = ledger_.to_undo();
  std::reverse(all.begin(), all.end());
  return all;
}

std::vector<saga_machine::refused_undo> saga_machine::refused() const {
  std::vector<refused_undo> all;
  for (const int number : ledger_.refused()) {
    const auto* e = ledger_.find(number);
    all.push_back({&e->asked, &e->answer.failure});
  }
  return all;
}

std::vector<std::string> saga_machine::waiting_for() const {
  std::vector<std::string> all;
  const auto add = [&](const saga_request& r) {
    if (r.kind == saga_wish::timer)
      all.push_back("timer " + std::to_string(r.number));
    else
      all.push_back((r.kind == saga_wish::event ? "event " : "") + r.name);
  };
  if (phase() == saga_phase::attention) return {"an operator"};
  if (phase() == saga_phase::running && waiting_.handle) {
    for (const int number : waiting_.numbers)
      if (const auto* e = ledger_.find(number); e && e->is == saga_entry::state::open) add(e->asked);
    return all;
  }
  for (const auto& o : outstanding()) add(*o.request);
  return all;
}

std::vector<saga_warning> saga_machine::warnings() const {
  std::vector<saga_warning> found;
  const auto look = [&](const char* limit, std::size_t used, std::size_t most, std::size_t part) {
    if (used * part >= most) found.push_back({limit, used, most});
  };
  const auto count = [](int n) { return static_cast<std::size_t>(n); };
  look("turns", count(turns_), count(limits_.turns), 10);
  look("bytes", bytes_, static_cast<std::size_t>(limits_.bytes), 10);
  look("outstanding", count(ledger_.open_steps()), count(limits_.outstanding), 2);
  look("timers", count(ledger_.open_timers()), count(limits_.timers), 2);
  look("undo", count(ledger_.undo_actions()), count(limits_.undo), 2);
  look("unread", ledger_.most_unread(), static_cast<std::size_t>(limits_.unread), 2);
  return found;
}

std::optional<saga_next_run> saga_machine::next_run() const {
  if (!ending_ || ending_->how != saga_outcome::again) return std::nullopt;
  auto next = from_json<next_run_input>(ending_->result.text);
  if (!next || !next->again) return std::nullopt;
  saga_next_run run{head_, std::move(*next->again)};
  ++run.head.run;
  run.head.unread = ledger_.all_unread();
  run.head.undo = ledger_.to_undo();
  return run;
}

std::string saga_machine::fingerprint() const {
  auto text = "turn " + std::to_string(turns_) + " phase " + std::to_string(static_cast<int>(phase())) + " requests " +
              std::to_string(ledger_.last_number()) + " at " + to_rfc3339(now_) +
              (ledger_.is_beyond_pivot() ? " beyond" : "");
  if (ledger_.stopped()) text += " stopped " + ledger_.stopped()->reason;
  for (const auto& o : outstanding())
    text += "\n" + describe(*o.request) + " " + to_string(o.request->command) + (o.begun ? " begun" : "");
  if (phase() == saga_phase::running || ledger_.goes_on_again())  // afterwards nobody can take them
    for (const auto& u : ledger_.all_unread()) text += "\nunread " + u.name + " " + u.payload.text;
  for (const auto& u : ledger_.to_undo()) text += "\nundo " + u.operation + " " + u.arguments.text;
  if (ending_) text += "\n" + describe(*ending_);
  return text;
}

}  // namespace banyan
