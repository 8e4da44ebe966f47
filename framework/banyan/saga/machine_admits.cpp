// Which notifications become turns.
#include <banyan/saga/machine.hpp>

#include <banyan/core/utf8.hpp>
#include <banyan/saga/own_json.hpp>
#include <banyan/saga/saga_interrupted.hpp>

#include <utility>

namespace banyan {
namespace {

error has_ended() { return error{code::conflict, "the saga has ended"}.because("saga_ended"); }
error has_no(std::string what) {
  return error{code::not_found, "nobody waits for " + std::move(what)}.because("not_outstanding");
}

// What stands in the record for an answer that is too large for it.
error too_large(const std::optional<error>& answer, std::int64_t most) {
  constexpr std::size_t shortened = 200;
  auto why = answer.value_or(
      error{code::exhausted, "the reply is larger than " + std::to_string(most) + " bytes", outcome::applied});
  why.message.resize(std::min(why.message.size(), shortened));
  why.field.clear();
  why.reason = "answer_too_large";
  return why;
}

}  // namespace

result<void> saga_machine::admit(saga_notification& n, instant now) {
  if (phase() == saga_phase::unborn)
    return error{code::conflict, "the saga has not started"}.because("saga_not_started");
  if (phase() == saga_phase::ended) return has_ended();
  const auto stuck = blocked();
  const bool can_be_aborted =
      stuck && (stuck->why == saga_block::too_long || stuck->why == saga_block::unknown_version);
  if (stuck && !(can_be_aborted && n.kind == saga_notice::aborted))
    return error{code::unavailable, "the saga is blocked: " + stuck->text}.because("saga_blocked");
  switch (n.kind) {
    case saga_notice::started: return error{code::conflict, "the saga has started"}.because("saga_started");
    case saga_notice::answered: return admit_answer(n);
    case saga_notice::received: return admit_event(n);
    case saga_notice::begun: {
      const auto* e = ledger_.find(n.number);
      const bool fits = e && e->asked.kind == saga_wish::step && e->is == saga_entry::state::open && !e->begun;
      if (!fits) return has_no("the beginning of request " + std::to_string(n.number));
      return {};
    }
    case saga_notice::fired: {
      const auto* e = ledger_.find(n.number);
      if (!e || e->asked.kind != saga_wish::timer || e->is != saga_entry::state::open || phase() != saga_phase::running)
        return has_no("timer " + std::to_string(n.number));
      if (now < *e->asked.due)
        return error{code::refused, "the timer is due at " + to_rfc3339(*e->asked.due)}.because("not_due");
      return {};
    }
    case saga_notice::cancelled:
    case saga_notice::out_of_time:
    case saga_notice::aborted: {
      const auto why = error_in(n.payload);
      if (!why || why->code == code::corrupt)
        return error{code::invalid_argument, "a saga is stopped with an error"}.at("payload");
      return admit_stop(n.kind);
    }
    case saga_notice::retried:
      if (phase() == saga_phase::attention) return {};
      return error{code::conflict, "no undo action was refused"}.because("nothing_to_retry");
    case saga_notice::undone: return admit_undone(n);
  }
  return {};
}

result<void> saga_machine::admit_answer(saga_notification& n) {
  const auto* e = ledger_.find(n.number);
  const bool waits =
      e && e->is == saga_entry::state::open && (e->asked.kind == saga_wish::step || e->asked.kind == saga_wish::undo);
  if (!waits || (!n.id.is_nil() && n.id != e->asked.command))
    return has_no("an answer to request " + std::to_string(n.number));
  n.id = {};
  const auto keep = [&](saga_decoded answer) {
    answer_ = std::move(answer);
    has_answer_ = true;
  };
  if (does_not_fit(n.payload, limits_.payload, "payload")) {
    auto why = too_large(error_in(n.payload), limits_.payload);
    n.payload = saga_error(why);
    keep({nullptr, std::move(why)});
  } else {
    auto decoded = e->decode ? e->decode(n.payload.text) : saga_untyped_answer(n.payload.text);
    if (!decoded) {
      auto why =
          error{code::corrupt, "the reply does not decode: " + decoded.error().message, outcome::applied}.because(
              "unreadable_reply");
      n.payload = saga_error(why);
      decoded = saga_decoded{nullptr, std::move(why)};
    }
    keep(std::move(*decoded));
  }
  if (!answer_.value && answer_.failure.outcome == outcome::unknown) {
    has_answer_ = false;
    return error{code::invalid_argument, "an unknown outcome is no answer: ask again until it is known"}.because(
        "unknown_outcome");
  }
  return {};
}

result<void> saga_machine::admit_event(saga_notification& n) const {
  if (n.name.empty() || !is_utf8(n.name))
    return error{code::invalid_argument, "an event has a name, in UTF-8"}.at("name");
  auto readable = read_nested(n.payload.text);
  if (!readable) return readable.error();
  n.payload = std::move(*readable);  // as a replay reads it
  if (auto unfit = does_not_fit(n.payload, limits_.payload, "payload")) return std::move(*unfit);
  if (std::cmp_greater_equal(ledger_.unread(n.name), limits_.unread) ||
      std::cmp_greater(ledger_.unread_bytes() + n.payload.text.size(), limits_.bytes / carried_part))
    return error{code::exhausted, "the saga has " + std::to_string(ledger_.unread(n.name)) + " unread events " + n.name}
        .because("too_many_unread");
  // Its sender is answered that it does not decode, as long as nothing is before it.
  if (const auto* e = ledger_.waits_for_event(n.name, waiting_.numbers); e && e->decode && ledger_.unread(n.name) == 0)
    if (auto decoded = e->decode(n.payload.text); !decoded) return decoded.error();
  return {};
}

result<void> saga_machine::admit_undone(saga_notification& n) {
  const auto* undo = ledger_.undo_of(n.number);
  if (!undo)
    return error{code::not_found, "no undo action was asked for step " + std::to_string(n.number)}.because(
        "no_such_undo");
  if (!ledger_.may_be_settled(*undo))
    return error{code::conflict, (undo->is == saga_entry::state::failed ? "it was refused, and is asked again: "
                                                                        : "it is undone already: ") +
                                     undo->asked.name}
        .because("already_undone");
  n.number = undo->asked.number;
  return {};
}

result<void> saga_machine::admit_stop(saga_notice kind) const {
  if (ledger_.is_beyond_pivot() && kind != saga_notice::aborted)
    return error{code::conflict, "the saga is past its pivot and only goes forward"}.because("too_late");
  if (phase() == saga_phase::running) {
    if (!ledger_.stopped() || kind == saga_notice::aborted) return {};
    return error{code::conflict, "the saga was stopped before"}.because("already_stopped");
  }
  if (ledger_.goes_on_again()) return {};
  if (ledger_.has_failed()) return error{code::conflict, "the saga has failed before"}.because("already_stopped");
  return error{code::conflict, "the saga has returned its result"}.because("too_late");
}

}  // namespace banyan
