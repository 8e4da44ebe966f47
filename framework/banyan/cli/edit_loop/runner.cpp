#include "runner.hpp"

#include "core.hpp"
#include "project_build.hpp"
#include "source_watch.hpp"

#include "../project_folder.hpp"

#include <banyan/process_supervision/log_sink.hpp>
#include <banyan/process_supervision/process_table.hpp>
#include <banyan/process_supervision/program_run.hpp>
#include <banyan/process_supervision/signal_name.hpp>
#include <banyan/process_supervision/supervision_signals.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace banyan::edit_loop {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t own_lines = 0, build_lines = 1, program_lines = 2;

class runner {
 public:
  explicit runner(const runner_options& o) : options_{o} {}

  int run() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (options_.watches) {
      auto made = source_watch::make(options_.root, options_.from.folder);
      if (!made) {
        std::cerr << made.error().message << '\n';
        return 1;
      }
      watch_ = std::move(*made);
    }
    while (!is_over()) {
      for (auto s = step::wait; !exit_code_ && (s = core_.next(steady())) != step::wait;) carry_out(s);
      if (is_over()) break;
      wait();
    }
    end_all_children(5s);
    sink_.flush(2s);
    return *exit_code_;
  }

 private:
  // A process with its specification, which it refers to.
  struct child {
    program_spec spec;
    std::unique_ptr<program_run> run = nullptr;
    program_end end = {};
    explicit operator bool() const { return run != nullptr; }
  };

  static monotonic steady() { return system_clock().steady(); }
  bool is_over() const { return exit_code_ && !command_ && !program_; }
  void report(const std::string& sentence) { print(own_lines, {"banyan: " + sentence}, true); }
  void print(std::size_t source, const log_piece& piece, bool last) {
    log_.add(source, piece, system_clock().now(), last);
  }
  const char* what_follows() const {
    if (!options_.watches || exit_code_) return "";
    return core_.is_building() ? "; the build goes on" : "; waiting for the next change";
  }

  void wait() {
    poll_set turn;
    const auto now = steady();
    turn.on(signals_.get(), POLLIN, [this] { take_signals(); });
    sink_.watch(turn, now);  // before the processes, because it decides whether they must wait
    if (command_) command_.run->watch(turn, log_.has_room(build_lines), now);
    if (program_) program_.run->watch(turn, log_.has_room(program_lines), now);
    if (watch_ && !watch_->is_gone()) turn.on(watch_->fd(), POLLIN, [this] { take_changes(); });
    if (!exit_code_) turn.at_latest(core_.deadline());
    turn.wait(system_clock());
    if (command_) look_at_command();
    if (program_) look_at_program();
  }

  // --- what is decided ------------------------------------------------------------------------------------------------

  void carry_out(step s) {
    switch (s) {
      case step::wait:
        break;
      case step::build:
        begin_build();
        break;
      case step::stop:
        program_.run->stop(program_.spec.shutdown, steady());
        break;
      case step::start:
        start_program();
        break;
      case step::report_unready:
        report(program_.spec.name + " runs, but has not told that it is ready (READY=1 over NOTIFY_SOCKET)");
        break;
    }
  }

  result<void> start(child& c, std::size_t source) {
    const auto number = std::to_string(source) + "." + std::to_string(++runs_);
    auto run = program_run::start(
        c.spec, tag_ + number, options_.sockets + "/" + number,
        {.printed = [this, source](const log_piece& piece, bool last) { print(source, piece, last); },
         .noticed = [this, name = c.spec.name](const std::string& what) { report(name + " " + what); }},
        steady(), source == program_lines ? last_end_ : std::string{});
    if (!run) return run.error();
    c.run = std::move(*run);
    return {};
  }

  void begin_build() {
    auto from = read_preset(options_.root, options_.from.name, read_file);
    if (!from) {
      report(from.error().message);
      return built(build_result::failed);
    }
    options_.from = std::move(*from);
    is_configuring_ = needs_configuring(options_);
    start_command();
  }

  void start_command() {
    command_.spec = is_configuring_ ? configure_command(options_) : build_command(options_);
    if (auto started = start(command_, build_lines); !started) {
      report(started.error().message + "; `banyan doctor` tells what a build needs");
      built(build_result::failed);
    }
  }

  void start_program() {
    program_.spec = {.name = built_.file.filename().string(),
                     .command = {built_.file.string(), "serve"},
                     .directory = options_.root.string()};
    auto& command = program_.spec.command;
    command.insert(command.end(), options_.arguments.begin(), options_.arguments.end());
    program_.spec.ready = {.when = readiness::kind::notified, .within = timespan::max()};
    if (auto started = start(program_, program_lines); !started) {
      core_.ended();
      report(started.error().message + what_follows());
      if (!options_.watches) exit_code_ = 1;
      return;
    }
    running_ = built_;
  }

  // --- what happens ---------------------------------------------------------------------------------------------------

  void look_at_command() {
    const auto seen = command_.run->look(steady());
    if (seen == program_run::event::none || seen == program_run::event::ready) return;
    const auto run = std::exchange(command_.run, nullptr);
    if (exit_code_) return;
    const bool good = seen == program_run::event::over && !run->failed();
    if (good && std::exchange(is_configuring_, false)) return start_command();
    if (!good) return built(build_result::failed);
    const auto made = find_program(options_);
    if (!made) {
      report("the build has made no program " + target_name(options_) + " in " + options_.from.folder.string() +
             " or its folder bin; --target names another");
      return built(build_result::failed);
    }
    built_ = *made;
    built(core_.has_program() && built_ == running_ ? build_result::same : build_result::fresh);
  }

  void built(build_result r) {
    core_.built(r, steady());
    const auto time = seconds_text(core_.build_time());
    if (r == build_result::failed)
      report("the build failed after " + time +
             (core_.has_program() ? "; " + program_.spec.name + " runs on, as it was before"
                                  : std::string{what_follows()}));
    else if (core_.is_restart_due())
      return;  // told when it is ready
    else if (r == build_result::same)
      report("built in " + time + ", and nothing is new: " + program_.spec.name + " runs on");
    if (r == build_result::failed && !options_.watches) exit_code_ = 1;
  }

  void look_at_program() {
    switch (program_.run->look(steady())) {
      case program_run::event::none:
        break;
      case program_run::event::ready:
        if (!core_.is_stopping()) report(to_sentence(core_.ready(steady())));
        break;
      case program_run::event::over:
        over();
        break;
      case program_run::event::stuck:
        report(program_.spec.name + " can not be killed, and is left behind");
        program_.run.reset();
        core_.ended();
        if (!options_.watches && !exit_code_) exit_code_ = 1;
        break;
    }
  }

  void over() {
    const auto run = std::exchange(program_.run, nullptr);
    last_end_ = run->end();
    const bool is_expected = exit_code_ || core_.is_stopping();
    core_.ended();
    log_.has_ended(program_lines, system_clock().now());
    if (is_expected) return;
    report(program_.spec.name + " " + run->summary() + what_follows());
    if (!options_.watches) exit_code_ = program_.end.by_signal ? 128 + program_.end.number : program_.end.number;
  }

  // --- what comes from outside ----------------------------------------------------------------------------------------

  void take_changes() {
    auto changes = watch_->read();
    if (!changes) {
      report(changes.error().message);
      if (watch_->is_gone()) return stop_all(1);
      changes = watch_->read();  // what else has changed; the error is given once
      if (!changes) return;
    }
    for (const auto kind : *changes) core_.changed(kind, steady());
  }

  void take_signals() {
    while (const auto number = read_signal(signals_)) {
      const auto asked = request_of(*number, is_signalled_);
      if (asked == signal_request::reap) reap();
      if (asked == signal_request::stop) stop_all(128 + *number);
      if (asked == signal_request::kill) kill_all(128 + *number);
      is_signalled_ = is_signalled_ || asked != signal_request::reap;
    }
  }

  // Ends what runs, in the time of its specification. The first exit code stays.
  void stop_all(int exit_code) {
    if (!exit_code_) exit_code_ = exit_code;
    for (auto* c : {&command_, &program_})
      if (c->run) c->run->stop(c->spec.shutdown, steady());
  }

  void kill_all(int exit_code) {
    if (!exit_code_) exit_code_ = exit_code;
    for (auto* c : {&command_, &program_})
      if (c->run) c->run->kill(steady());
  }

  // A main process is looked at before it is reaped: until then its id is not used again.
  void reap() {
    siginfo_t s{};
    while (::waitid(P_ALL, 0, &s, WEXITED | WNOHANG | WNOWAIT) == 0 && s.si_pid != 0) {
      for (auto* c : {&command_, &program_}) {
        if (!c->run || c->run->process() != s.si_pid) continue;
        c->end = {.by_signal = s.si_code != CLD_EXITED, .core = s.si_code == CLD_DUMPED, .number = s.si_status};
        c->run->has_ended(c->end, steady());
      }
      ::waitpid(s.si_pid, nullptr, 0);
      s.si_pid = 0;
    }
  }

  runner_options options_;
  core core_;
  std::unique_ptr<source_watch> watch_;
  log_stream log_{{"banyan", "build", "program"}, {.names = false}};
  log_sink sink_{STDOUT_FILENO, log_};
  descriptor signals_ = open_supervision_signals();
  const std::string tag_ = "banyan/" + std::to_string(system_random().next()) + "/";
  std::size_t runs_ = 0;
  child command_, program_;
  built_program built_, running_;  // of the last good build; what runs
  std::string last_end_;
  bool is_configuring_ = false, is_signalled_ = false;
  std::optional<int> exit_code_;  // once it is to end
};

}  // namespace

int run_edit_loop(const runner_options& options) { return runner{options}.run(); }

}  // namespace banyan::edit_loop
