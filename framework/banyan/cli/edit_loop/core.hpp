// The decision core of an edit loop: changes, builds and the program's events in, the next step out. Pure: times are
// passed in.
//
// Ask `next` for steps until it has none, after each event and at `deadline`, carry each out, and report its result:
// `changed`, `built`, `ready`, `ended`. A step is given once.
//
// - Changes are gathered until none has come for `quiet`, at most for `longest`; then it builds.
// - What changes during a build is built afterwards, before the program is started again.
// - A failed build leaves the program as it is. A good one ends it and starts it again, unless the program's file is
//   the same and no setting has changed.
// - A program that ends by itself is started again after the next change.
#pragma once

#include "file_kind.hpp"

#include <banyan/core/time.hpp>

#include <optional>
#include <string>

namespace banyan::edit_loop {

struct core_settings {
  timespan quiet = std::chrono::milliseconds{100};
  timespan longest = std::chrono::seconds{1};
  timespan patience = std::chrono::seconds{10};  // for the program's readiness; then it is mentioned, once
};

enum class step : std::uint8_t {
  wait,
  build,
  stop,          // end the program, to start it again
  start,         // the program
  report_unready,  // the program runs, but has not told its readiness within `patience`
};

enum class build_result : std::uint8_t {
  failed,
  same,   // the program's file is that which runs
  fresh,  // it is another one, or none runs
};

std::string seconds_text(nanoseconds t);  // "3.1 s"

// How long it took until the program was ready.
struct timing {
  nanoseconds build{};                      // the last build
  nanoseconds serving{};                    // from its end to readiness
  std::optional<nanoseconds> since_edit{};  // from the first change to readiness; empty at the first start
};
std::string to_sentence(const timing& t);  // "rebuilt in 3.1 s, serving again after 0.4 s (3.6 s since the edit)"

class core {
 public:
  explicit core(core_settings s = {}) : settings_{s} {}

  void changed(file_kind kind, monotonic now);
  void built(build_result r, monotonic now);
  timing ready(monotonic now);
  void ended();  // the program: as ordered, by itself, or it could not be started

  step next(monotonic now);
  std::optional<monotonic> deadline() const;  // when `next` may have a step without an event

  bool is_building() const { return building_; }
  bool has_program() const { return program_ != program::none; }
  bool is_restart_due() const { return restart_due_ && good_; }
  bool is_stopping() const { return program_ == program::stopping; }
  nanoseconds build_time() const { return build_ended_ - build_began_; }  // of the last build

 private:
  enum class program : std::uint8_t { none, starting, running, stopping };
  bool has_changes() const { return first_change_.has_value(); }
  monotonic changes_complete() const;  // only with changes
  void begin_build(monotonic now);

  core_settings settings_;
  program program_ = program::none;
  bool building_ = false, good_ = false;
  bool build_due_ = true;                                // the first build
  bool restart_due_ = false, start_due_ = false;  // a good build waits for its start; the old program has ended for it
  bool setting_changed_ = false;                         // since the last good build
  bool was_ready_ = false;                               // once, by any program
  std::optional<monotonic> first_change_, last_change_;  // not built yet
  std::optional<monotonic> edit_began_;                  // the first change of what is built
  std::optional<monotonic> unready_at_;
  monotonic build_began_{}, build_ended_{};
};

}  // namespace banyan::edit_loop
