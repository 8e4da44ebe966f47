#include "core.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace banyan::edit_loop {

std::string seconds_text(nanoseconds t) {
  const auto seconds = std::chrono::duration<double>{t}.count();
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), seconds < 0.1 ? "%.2f s" : "%.1f s", seconds);
  return text.data();
}

std::string to_sentence(const timing& t) {
  if (!t.since_edit) return "built in " + seconds_text(t.build) + ", serving after " + seconds_text(t.serving);
  return "rebuilt in " + seconds_text(t.build) + ", serving again after " + seconds_text(t.serving) + " (" +
         seconds_text(*t.since_edit) + " since the edit)";
}

void core::changed(file_kind kind, monotonic now) {
  if (kind == file_kind::other) return;
  if (kind == file_kind::setting) setting_changed_ = true;
  if (!first_change_) first_change_ = now;
  last_change_ = now;
}

void core::built(build_result r, monotonic now) {
  building_ = false;
  build_ended_ = now;
  good_ = r != build_result::failed;
  if (!good_) return;
  if (r == build_result::fresh || setting_changed_ || program_ == program::none) restart_due_ = true;
  if (!has_changes()) setting_changed_ = false;
}

timing core::ready(monotonic now) {
  if (program_ == program::starting) program_ = program::running;
  unready_at_.reset();
  timing t{build_ended_ - build_began_, now - build_ended_, {}};
  if (std::exchange(was_ready_, true)) t.since_edit = now - edit_began_.value_or(build_began_);
  edit_began_.reset();
  return t;
}

void core::ended() {
  program_ = program::none;
  unready_at_.reset();
}

step core::next(monotonic now) {
  if (program_ == program::stopping) return step::wait;
  if (start_due_) {
    start_due_ = false;
    program_ = program::starting;
    unready_at_ = add_saturating(now, settings_.patience);
    return step::start;
  }
  if (unready_at_ && now >= *unready_at_) {
    unready_at_.reset();
    return step::report_unready;
  }
  if (building_) return step::wait;
  if (build_due_ || (has_changes() && now >= changes_complete())) {
    begin_build(now);
    return step::build;
  }
  if (!restart_due_ || !good_ || has_changes()) return step::wait;
  restart_due_ = false;
  start_due_ = true;
  if (program_ == program::none) return next(now);
  program_ = program::stopping;
  return step::stop;
}

void core::begin_build(monotonic now) {
  const bool is_continued = restart_due_ && good_ && edit_began_;  // the change before this one has not been served
  if (first_change_ && !is_continued) edit_began_ = first_change_;
  first_change_.reset();
  last_change_.reset();
  build_due_ = false;
  building_ = true;
  build_began_ = now;
}

monotonic core::changes_complete() const {
  return std::min(add_saturating(*last_change_, settings_.quiet), add_saturating(*first_change_, settings_.longest));
}

std::optional<monotonic> core::deadline() const {
  if (program_ == program::stopping) return {};
  auto earliest = unready_at_;
  if (has_changes() && !building_ && (!earliest || changes_complete() < *earliest)) earliest = changes_complete();
  return earliest;
}

}  // namespace banyan::edit_loop
