// Replay: what the code asks for now is compared with what it asked for then.
#include <banyan/saga/machine.hpp>

#include <banyan/saga/saga_interrupted.hpp>

#include <utility>

namespace banyan {

result<void> saga_machine::replay(std::string_view payload) {
  auto recorded = read_turn(payload);
  if (!recorded)
    return error{code::corrupt, "turn " + std::to_string(turns_ + 1) + " does not decode: " + recorded.error().message};
  return replay(*recorded, payload.size());
}

result<void> saga_machine::replay(const saga_turned& recorded, std::size_t bytes) {
  if (blocked_) return error{code::unavailable, "the saga is blocked: " + blocked_->text}.because("saga_blocked");
  if (phase() == saga_phase::ended || recorded.turn != turns_ + 1 || recorded.head.has_value() != (turns_ == 0) ||
      (recorded.because.kind == saga_notice::started) != (turns_ == 0))
    return error{code::corrupt,
                 "turn " + std::to_string(recorded.turn) + " can not follow turn " + std::to_string(turns_)};
  now_ = recorded.now;
  recorded_ = &recorded;
  if (recorded.head) {
    head_ = *recorded.head;
    run_id_ = saga_run_id(head_);
    auto frame = code_ ? code_->begin(*this, recorded.because.payload) : result<std::unique_ptr<saga_frame>>{nullptr};
    if (frame)
      frame_ = std::move(*frame);
    else
      blocked_ = {saga_block::mismatch,
                  "turn 1, started: the recorded input does not decode: " + frame.error().message};
  }
  if (!blocked_) run(recorded.because);
  recorded_ = nullptr;
  if (blocked_) return blocked_error();
  ++turns_;
  bytes_ += bytes;
  return {};
}

const saga_request* saga_machine::next_recorded() {
  const auto& then = recorded_->then;
  while (compared_ < then.size() && then[compared_].kind == saga_wish::status) ++compared_;
  return compared_ < then.size() ? &then[compared_] : nullptr;
}

// The last request is complete: its undo action, if it has one, was said.
void saga_machine::close_request() {
  if (unchecked_ == 0) return;
  auto* e = ledger_.find(std::exchange(unchecked_, 0));
  const auto& then = recorded_->then[compared_ - 1];
  if (!then.refused && !is_same_undo(then.undo, e->asked.undo, e->undo_codec))
    differ(describe(then), describe(e->asked));
  e->asked.undo = then.undo;
}

void saga_machine::compare_rest() {
  close_request();
  if (const auto* then = next_recorded()) differ(describe(*then), "nothing");
  compare_ending();
}

void saga_machine::compare_ending() {
  const auto say = [](const std::optional<nested_json>& result) {
    return result ? "the result " + result->text : "no result yet";
  };
  std::optional<nested_json> present;
  if (returned_ && !ending_) present = ledger_.result();
  const auto* code = code_;
  const auto same_result = [&](const nested_json& then, const nested_json& now) {
    return is_same_result(then, now, code ? code->result_of_today : nullptr, code ? code->input_codec : nullptr);
  };
  // Without code the function's return is taken from the record.
  if (!code) present = recorded_->returned;
  if (recorded_->returned.has_value() != present.has_value() ||
      (present && !same_result(*recorded_->returned, *present)))
    differ(say(recorded_->returned), say(present));
  const auto& then = recorded_->end;
  if (then.has_value() != ending_.has_value() ||
      (then && (then->how != ending_->how || !same_result(then->result, ending_->result))))
    differ(then ? describe(*then) : "no end", ending_ ? describe(*ending_) : "no end");
}

void saga_machine::follow_record() {
  if (phase() != saga_phase::running) return;
  for (const auto& then : recorded_->then) {
    if (then.kind == saga_wish::undo) break;  // the ledger asks for it
    ++compared_;
    if (then.kind == saga_wish::status) {
      status_ = then.name;
      continue;
    }
    if (then.kind == saga_wish::pivot) ledger_.pivot();
    if (auto* timer = ledger_.find(then.of); timer && then.kind == saga_wish::drop_timer) ledger_.drop_timer(*timer);
    if (then.number != ledger_.last_number() + 1)
      differ(describe(then), "request " + std::to_string(ledger_.last_number() + 1));
    auto& e = ledger_.add(then);
    e.since = now_;
    if (then.undo) ledger_.count_undo(e);
  }
  const auto* result = recorded_->returned ? &*recorded_->returned : recorded_->end ? &recorded_->end->result : nullptr;
  if (!result) return;
  const bool again = result->text.starts_with(R"({"again":)");
  ledger_.conclude(*result, !again && error_in_known(*result).has_value(), again);
}

void saga_machine::differ(std::string recorded, std::string present) {
  if (!recorded_) defect(present);
  const saga_mismatch m{recorded_->turn, describe(recorded_->because), std::move(recorded), std::move(present)};
  if (!blocked_) blocked_ = {saga_block::mismatch, to_string(m)};
  throw saga_interrupted{};
}

void saga_machine::defect(std::string what) {
  if (!blocked_) blocked_ = {saga_block::defect, std::move(what)};
  throw saga_interrupted{};
}

}  // namespace banyan
