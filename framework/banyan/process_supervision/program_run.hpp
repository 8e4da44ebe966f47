// One run of a supervised program: its main process from start to end, with all that it starts meanwhile, what it prints, and what it
// says to its NOTIFY_SOCKET. Knows nothing of other programs and decides nothing about restarts.
//
// It is over when the main process has ended, what it left behind has been killed, and all that was printed has been read: last lines are
// never lost.
#pragma once

#include <banyan/process_supervision/child_process.hpp>
#include <banyan/process_supervision/http_probe.hpp>
#include <banyan/process_supervision/line_splitter.hpp>
#include <banyan/process_supervision/poll_set.hpp>
#include <banyan/process_supervision/heartbeat_monitor.hpp>

#include <functional>
#include <memory>
#include <set>
#include <string>

namespace banyan {

// How a main process ended, as waitid(2) tells it.
struct program_end {
  bool by_signal = false, core = false;
  int number = 0;  // of the signal, or the exit code
};
std::string to_string(const program_end& e);  // "exited with code 3", "was killed by SIGSEGV (core dumped)"

class program_run {
 public:
  // Who is notified. `printed`: with `last`, nobody may refuse it. `noticed`: an event, as the rest of a sentence after the program's name.
  struct listener {
    std::function<void(const log_piece&, bool last)> printed;
    std::function<void(const std::string&)> noticed;
  };

  // `tag` tells this run from all others of this machine; it has no ':'. `socket`: the path of its NOTIFY_SOCKET, if it is to have one, in
  // a folder that is private; it is removed with this. The program finds `last_end` in BANYAN_LAST_END: what end() said of the run before.
  // Errors: those of start_process; a socket that can not be made.
  static result<std::unique_ptr<program_run>> start(const program_spec& spec, std::string tag, std::string socket, listener to,
                                                    monotonic now, std::string last_end = {});
  ~program_run();

  pid_t process() const { return child_.id; }

  // Orders. All may be given at any time.
  void stop(timespan patience, monotonic now);  // the stop signal; SIGKILL when it has not ended then
  void kill(monotonic now);

  void watch(poll_set& turn, bool may_print, monotonic now);  // not `may_print`: its output waits in the pipe
  void has_ended(const program_end& end, monotonic now);      // the main process; call it before it is waited for
  void has_paused(int signal);                                // the main process was stopped by this; 0: it goes on

  enum class event : std::uint8_t { none, ready, over, stuck };  // stuck: not even SIGKILL ends it
  event look(monotonic now);

  // Once over. A run that failed has done so whatever its exit code.
  bool failed() const;
  bool failed_for_good() const;  // with its final exit code
  std::string end() const;    // "ordered"; "hung", when it missed its heartbeat or was late; else "SIGSEGV", "exit 1"
  std::string summary() const;  // "missed its heartbeat for 5s and was killed by SIGABRT"

 private:
  enum class state : std::uint8_t { living, ending, dead };

  program_run(const program_spec& spec, std::string tag, std::string socket, listener to, monotonic now);
  std::vector<std::string> environment() const;
  void end_with(int signal, timespan patience, monotonic now);
  void give_up_on(std::string why, int signal, monotonic now);
  void read_what_is_left();
  bool kill_left_behind();
  bool read_output(std::size_t most);  // false: there is no more
  void read_notifications(monotonic now);
  bool is_ours(pid_t sender) const;
  event look_living(monotonic now);
  event look_dead(monotonic now);

  const program_spec& spec_;
  const std::string tag_, socket_;
  std::string last_end_;
  listener to_;
  child_process child_;
  descriptor notifications_;
  std::optional<http_probe> probe_;
  line_splitter lines_;
  heartbeat_monitor monitor_;
  state state_ = state::living;
  bool reported_ready_ = false, reported_stranger_ = false, ordered_ = false, killed_ = false;
  std::string trouble_, status_;  // what it is ended for
  std::optional<monotonic> kill_at_, stuck_at_;
  program_end end_;
  std::set<pid_t> left_behind_;
  monotonic sweep_until_{}, next_sweep_{};
};

}  // namespace banyan
