#include <banyan/engines/sqlite/view_ownership.hpp>

#include <optional>
#include <utility>

namespace banyan::sqlite {

namespace {

error another_history(const epoch_position& stored, position head) {
  return error{
      code::conflict,
      "its checkpoint, position " + std::to_string(stored.at) + ", is of another history of the journal, " +
          (stored.at > head ? "whose last position is " + std::to_string(head) : "which has another event there")}
      .because("another_history");
}

// A write transaction, and the view's row in it.
struct writing {
  transaction under;
  view_row row;

  static result<writing> begin(view_session& s) {
    auto t = transaction::begin(s.connection(), transaction::kind::immediate);
    if (!t) return s.noted(t.error());
    auto row = read_view(s);
    if (!row) return s.noted(row.error());
    return writing{std::move(*t), std::move(*row)};
  }
  // The row is written first, so that a refusal costs no body.
  result<void> finish(view_session& s, const view_row& now, const writer_body& body) {
    if (auto kept = store_view(s, now); !kept) return s.noted(kept.error());
    if (auto written = s.run_writer(body); !written) return written.error();
    if (auto done = under.commit(); !done) return s.noted(done.error());
    return {};
  }
};

}  // namespace

result<view_store::state> open_view(view_session& s, view_ownership& own, const view_store::source& of,
                                    const writer_body& create_tables) {
  auto w = writing::begin(s);
  if (!w) return w.error();
  const epoch_position stored{w->row.checkpoint, w->row.epoch};
  const bool foreign = !of.history.contains(stored, of.head);
  const bool anew = w->row.is_new || foreign;
  const auto checkpoint = anew ? 0 : stored.at;
  const view_row taken{checkpoint, of.history.epoch_of(checkpoint), w->row.owner + 1};
  if (anew) {
    if (auto gone = drop_tables(s); !gone) return s.noted(gone.error());
  }
  const auto changed = w->finish(s, taken, [&](view_writer& v) {
    if (anew) create_tables(v);
  });
  if (!changed && (anew || changed.error().code != code::exhausted)) return changed.error();
  own.token = taken.owner;
  own.is_taken = changed.has_value();
  own.history = of.history;
  return view_store::state{taken.checkpoint, foreign ? std::optional{stored} : std::nullopt};
}

result<position> take_over_view(view_session& s, view_ownership& own, const journal_history& history, position head,
                                const std::function<void(view_writer&, position checkpoint)>& body) {
  auto w = writing::begin(s);
  if (!w) return w.error();
  const epoch_position stored{w->row.checkpoint, w->row.epoch};
  if (!history.contains(stored, head)) return another_history(stored, head);
  const view_row taken{stored.at, history.epoch_of(stored.at), w->row.owner + 1};
  if (auto done = w->finish(s, taken, [&](view_writer& v) { body(v, stored.at); }); !done) return done.error();
  own.token = taken.owner;
  own.is_taken = true;
  own.history = history;
  return stored.at;
}

result<position> restart_view(view_session& s, view_ownership& own, const journal_history& history, position head,
                              position at, const writer_body& body) {
  if (at < 0 || at > head)
    return error{code::invalid_argument,
                 "the journal has positions from 0 (before its first event) to " + std::to_string(head)};
  auto w = writing::begin(s);
  if (!w) return w.error();
  if (auto done = w->finish(s, {at, history.epoch_of(at), w->row.owner + 1}, body); !done) return done.error();
  own.token = 0;
  own.is_taken = true;
  return at;
}

result<position> write_view(view_session& s, view_ownership& own, const writer_body& body, position checkpoint) {
  auto w = writing::begin(s);
  if (!w) return w.error();
  if (own.token == 0)
    return error{code::conflict, "the " + own.of + " is written to before it is opened"}.because(own.of + "_not_open");
  if (w->row.owner != (own.is_taken ? own.token : own.token - 1))
    return error{code::conflict, "the " + own.of + " was opened by another owner since"}.because(own.of + "_taken");
  if (checkpoint < w->row.checkpoint)
    return error{code::invalid_argument, "the checkpoint would go back from " + std::to_string(w->row.checkpoint) +
                                             " to " + std::to_string(checkpoint)};
  if (auto done = w->finish(s, {checkpoint, own.history.epoch_of(checkpoint), own.token}, body); !done)
    return done.error();
  own.is_taken = true;
  return checkpoint;
}

result<position> read_from_view(view_session& s, const reader_body& body) {
  const auto* snapshot = s.shared_snapshot();
  if (!snapshot) {
    auto t = transaction::begin(s.connection(), transaction::kind::deferred);
    if (!t) return s.noted(t.error());
    auto row = read_view(s);  // the first read begins the snapshot
    if (!row) return s.noted(row.error());
    snapshot = s.share(std::move(*t), row->checkpoint);
  }
  const auto checkpoint = snapshot->checkpoint;
  if (auto read = s.run_reader(body); !read) {
    s.end_snapshot();
    return read.error();
  }
  return checkpoint;
}

}  // namespace banyan::sqlite
