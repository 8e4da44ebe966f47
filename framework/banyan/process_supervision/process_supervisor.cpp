#include <banyan/process_supervision/process_supervisor.hpp>

#include <banyan/observability/background_writer.hpp>
#include <banyan/process_supervision/last_failure.hpp>
#include <banyan/process_supervision/log_sink.hpp>
#include <banyan/process_supervision/process_table.hpp>
#include <banyan/process_supervision/program_run.hpp>
#include <banyan/process_supervision/signal_name.hpp>
#include <banyan/process_supervision/supervision_signals.hpp>
#include <banyan/process_supervision/waits.hpp>
#include <banyan/supervision/strategy.hpp>

#include <algorithm>
#include <deque>
#include <utility>

#include <sys/prctl.h>
#include <sys/wait.h>

namespace banyan {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t last_lines = 10;  // lines shown when the supervisor gives up

class process_supervisor {
 public:
  process_supervisor(const program_group& group, const supervise_options& options)
      : group_{group},
        options_{options},
        strategy_{group.policy, policies_of(group)},
        children_(group.programs.size()),
        log_{names_of(group, "supervise"), options.log},
        sink_{options.out, log_},
        signals_{open_supervision_signals()} {}

  int run() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    carry_out(strategy_.begin({}, at()));
    while (!finished_) {
      poll_set turn;
      const auto now = steady();
      turn.on(signals_.get(), POLLIN, [this] { take_signals(); });
      sink_.watch(turn, now);  // before the programs, because it decides whether they must wait
      for (std::size_t i = 0; i < children_.size(); ++i)
        if (auto& run = children_[i].run) run->watch(turn, log_.has_room(i), now);
      turn.at_latest(waits_.next());
      if (std::any_of(children_.begin(), children_.end(), [](const child& c) { return !c.not_started.empty(); })) turn.at_latest(now);
      send_heartbeat(turn, now);
      turn.wait(system_clock());
      for (std::size_t i = 0; i < children_.size(); ++i) look_at(i);
      while (const auto token = waits_.take(steady())) carry_out(strategy_.wait_over(*token, at()));
    }
    end_all_children(5s);
    sink_.flush(2s);
    return exit_code();
  }

 private:
  struct child {
    std::unique_ptr<program_run> run = nullptr;
    std::size_t runs = 0;
    monotonic since{};
    bool done = false;  // will not be restarted
    bool for_good = false;  // can not be started, a retry is useless
    // Cause; passed to the strategy in the next turn, so that signals are handled between attempts.
    std::string not_started = {};
    std::deque<std::string> tail = {};
    std::string last_end = {};  // program_run::end() of the previous run
  };
  static monotonic steady() { return system_clock().steady(); }
  static moment at() { return {steady(), system_random()}; }

  void report(const std::string& sentence) { log_.add(group_.programs.size(), {sentence}, system_clock().now()); }

  // --- what the strategy decides -------------------------------------------------------------------------------------

  // Carrying out an action may produce more; they are appended.
  void carry_out(child_actions actions) {
    pending_.insert(pending_.end(), actions.begin(), actions.end());
    if (std::exchange(carrying_out_, true)) return;
    while (!pending_.empty()) {
      const auto a = pending_.front();
      pending_.pop_front();
      carry_out(a);
    }
    carrying_out_ = false;
  }

  void carry_out(const child_action& a) {
    switch (a.kind) {
      case child_action::start:
        start(a.child);
        break;
      case child_action::suspend:
      case child_action::stop:
        if (auto& run = children_[a.child].run)
          killing_ ? run->kill(steady()) : run->stop(a.time, steady());
        else
          has_no_process(a.child);
        break;
      case child_action::abandon:
        break;  // only unkillable ones, which have been abandoned
      case child_action::drop:
        children_[a.child].done = true;
        if (std::all_of(children_.begin(), children_.end(), [](const child& c) { return c.done; })) {
          report("no program is left to run");
          finished_ = true;
        }
        break;
      case child_action::wait:
        waits_.add(add_saturating(steady(), a.time), a.child);
        break;
      case child_action::up:
        if (finished_) break;  // all have ended already
        report("all programs are up");
        options_.above.ready();
        break;
      case child_action::answer:
      case child_action::auto_shutdown:
        break;  // not used: no caller, and no significant program
      case child_action::escalate:
        gave_up_ = finished_ = true;
        report_giving_up();
        break;
      case child_action::down:
        report("all programs have ended");
        finished_ = true;
        break;
    }
  }

  void start(std::size_t i) {
    auto& c = children_[i];
    c.done = false;
    c.tail.clear();
    c.since = steady();
    const auto& name = group_.programs[i].name;
    const auto number = std::to_string(i) + "." + std::to_string(++c.runs);
    auto run = program_run::start(group_.programs[i], tag_ + number, options_.sockets + "/" + number,
                                  {.printed = [this, i](const log_piece& piece, bool last) { print(i, piece, last); },
                                   .noticed = [this, name](const std::string& what) { report(name + " " + what); }},
                                  c.since, c.last_end);
    if (!run) {
      c.not_started = run.error().message;
      c.for_good = run.error().code == code::forbidden;
      return;
    }
    c.run = std::move(*run);
    report(name + " starts as process " + std::to_string(c.run->process()));
  }

  void has_no_process(std::size_t i) {
    children_[i].not_started.clear();
    carry_out(strategy_.ended(i, at()));
  }

  void print(std::size_t i, const log_piece& piece, bool last) {
    auto& tail = children_[i].tail;
    if (tail.size() == last_lines) tail.pop_front();
    tail.push_back(piece.text);
    log_.add(i, piece, system_clock().now(), last);
  }

  // --- what happens to the programs ----------------------------------------------------------------------------------

  void look_at(std::size_t i) {
    auto& c = children_[i];
    if (const auto why = std::exchange(c.not_started, {}); !why.empty()) return c.for_good ? give_up_on(i, why) : failed(i, why);
    if (!c.run) return;
    switch (c.run->look(steady())) {
      case program_run::event::none:
        break;
      case program_run::event::ready:
        if (group_.programs[i].ready.when != readiness::kind::started) report(group_.programs[i].name + " is ready after " + since(c));
        carry_out(strategy_.started(i, at()));
        break;
      case program_run::event::over:
        over(i);
        break;
      case program_run::event::stuck:
        report(group_.programs[i].name + " can not be killed, and is left behind");
        if (strategy_.state_of(i) == strategy::state::suspending) {
          c.run.reset();
          carry_out(strategy_.overdue(i, at()));
        } else {
          failed(i, "could not be killed");
        }
        break;
    }
  }

  void over(std::size_t i) {
    auto& c = children_[i];
    const auto run = std::move(c.run);
    c.last_end = run->end();
    const auto& p = group_.programs[i];
    log_.has_ended(i, system_clock().now());
    if (strategy_.state_of(i) == strategy::state::suspending) {
      report(p.name + " " + run->summary());
      carry_out(strategy_.ended(i, at()));
    } else if (run->failed()) {
      run->failed_for_good() ? give_up_on(i, run->summary()) : failed(i, run->summary());
    } else {
      report(p.name + " " + run->summary() + " after " + since(c));
      if (p.ready.when == readiness::kind::exited) carry_out(strategy_.started(i, at()));
      carry_out(strategy_.exited(i, exit_reason::normal, at()));
    }
  }

  void failed(std::size_t i, const std::string& how) {
    auto& c = children_[i];
    c.run.reset();
    last_failure_ = i;
    last_summary_ = how + " after " + since(c);
    auto then = strategy_.exited(i, exit_reason::failed, at());
    const auto wait = std::find_if(then.begin(), then.end(), [](const child_action& a) { return a.kind == child_action::wait; });
    report(group_.programs[i].name + " " + last_summary_ + (wait == then.end() ? "" : "; it waits for " + to_string(rounded(wait->time))));
    carry_out(std::move(then));
  }

  // Another start would fail in the same way.
  void give_up_on(std::size_t i, const std::string& how) {
    last_failure_ = i;
    last_summary_ = how + " after " + since(children_[i]);
    gave_up_ = is_final_ = true;
    report(group_.programs[i].name + " " + last_summary_ + ", for good");
    report_giving_up();
    carry_out(strategy_.shut_down(true, at()));
  }

  // To the log too: standard error may go elsewhere and not be kept.
  void report_giving_up() {
    const auto why = to_sentence(failure(), group_.policy);
    report(why);
    options_.above.status(why);
  }

  last_failure failure() const {
    const auto& c = children_[last_failure_];
    return {group_.programs[last_failure_].name, last_summary_, c.runs, is_final_, !c.for_good, c.tail};
  }

  static timespan rounded(nanoseconds t) { return std::chrono::round<std::chrono::milliseconds>(t); }
  static std::string since(const child& c) { return to_string(rounded(steady() - c.since)); }

  // --- what comes from outside ---------------------------------------------------------------------------------------

  void take_signals() {
    while (const auto number = read_signal(signals_)) {
      switch (request_of(*number, stopping_)) {
        case signal_request::reap: reap(); break;
        case signal_request::stop: stop_all(*number); break;
        case signal_request::kill: kill_all(*number); break;
        case signal_request::ignore: break;
      }
    }
  }

  program_run* run_of(pid_t process) const {
    const auto c = std::find_if(children_.begin(), children_.end(), [&](const child& x) { return x.run && x.run->process() == process; });
    return c == children_.end() ? nullptr : c->run.get();
  }

  // Orphans too. A main process is inspected before it is reaped: until then its id and its group's id are not
  // reused.
  void reap() {
    siginfo_t s{};
    while (::waitid(P_ALL, 0, &s, WEXITED | WNOHANG | WNOWAIT) == 0 && s.si_pid != 0) {
      if (auto* run = run_of(s.si_pid))
        run->has_ended({.by_signal = s.si_code != CLD_EXITED, .core = s.si_code == CLD_DUMPED, .number = s.si_status}, steady());
      ::waitpid(s.si_pid, nullptr, 0);
      s.si_pid = 0;
    }
    while (::waitid(P_ALL, 0, &s, WSTOPPED | WCONTINUED | WNOHANG) == 0 && s.si_pid != 0) {
      if (auto* run = run_of(s.si_pid)) run->has_paused(s.si_code == CLD_STOPPED ? s.si_status : 0);
      s.si_pid = 0;
    }
  }

  void stop_all(int signal) {
    stopping_ = true;
    report(signal_name(signal) + ": ending all programs; once more kills them");
    options_.above.stopping();
    carry_out(strategy_.shut_down(true, at()));
  }

  void kill_all(int signal) {
    if (!killing_) report(signal_name(signal) + ": killing all programs");
    stopping_ = true;
    killing_ = signal;
    for (auto& c : children_)
      if (c.run) c.run->kill(steady());
    carry_out(strategy_.shut_down(true, at()));
  }

  void send_heartbeat(poll_set& turn, monotonic now) {
    const auto within = options_.above.heartbeat();
    if (!within) return;
    if (now >= next_heartbeat_) {
      options_.above.send_heartbeat();
      next_heartbeat_ = now + within->count() / 2;
    }
    turn.at_latest(next_heartbeat_);
  }

  int exit_code() {
    if (killing_) return 128 + *killing_;
    if (!gave_up_) return 0;
    // Also to a reader that has stopped: bounded waiting.
    background_writer err{options_.err};
    err.write(to_text(failure(), group_.policy));
    err.flush(2s);
    return 1;
  }

  const program_group& group_;
  const supervise_options& options_;
  strategy strategy_;
  std::vector<child> children_;
  log_stream log_;
  log_sink sink_;
  descriptor signals_;
  const std::string tag_ = "banyan/" + std::to_string(system_random().next()) + "/";
  std::deque<child_action> pending_;
  waits waits_;
  bool carrying_out_ = false, stopping_ = false, finished_ = false, gave_up_ = false, is_final_ = false;
  std::optional<int> killing_;
  std::size_t last_failure_ = 0;
  std::string last_summary_;
  monotonic next_heartbeat_{};
};

}  // namespace

int supervise(const program_group& group, const supervise_options& options) { return process_supervisor{group, options}.run(); }

}  // namespace banyan
