// One run of a supervised program: its main process from start to end, the processes it starts, its output, and its
// notifications. Knows no other program and does not decide about restarts.
//
// The run is over when the main process has ended, its left-over processes have been killed, and all output has been
// read.
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

// How a main process ended, from waitid(2).
struct program_end {
  bool by_signal = false, core = false;
  int number = 0;  // signal number or exit code
};
std::string to_string(const program_end& e);  // "exited with code 3", "was killed by SIGSEGV (core dumped)"

class program_run {
 public:
  // Callbacks. `printed`: with `last`, it must be accepted. `noticed`: an event, as the rest of a sentence after the
  // program's name.
  struct listener {
    std::function<void(const log_piece&, bool last)> printed;
    std::function<void(const std::string&)> noticed;
  };

  // `tag` identifies this run among all of the machine; it has no ':'. `socket`: path of its NOTIFY_SOCKET, if any,
  // in a private folder; removed with this object. The program finds `last_end`, end() of the previous run, in
  // BANYAN_LAST_END. Errors: those of start_process, and of creating the socket.
  static result<std::unique_ptr<program_run>> start(const program_spec& spec, std::string tag, std::string socket, listener to,
                                                    monotonic now, std::string last_end = {});
  ~program_run();

  pid_t process() const { return child_.id; }

  // Orders, valid at any time.
  void stop(timespan patience, monotonic now);  // stop signal, and SIGKILL after `patience`
  void kill(monotonic now);

  void watch(poll_set& turn, bool may_print, monotonic now);  // without `may_print` its output stays in the pipe
  void has_ended(const program_end& end, monotonic now);  // the main process ended; call it before waitid(2) reaps it
  void has_paused(int signal);                                // the main process was stopped by `signal`; 0: continued

  enum class event : std::uint8_t { none, ready, over, stuck };  // stuck: survives SIGKILL
  event look(monotonic now);

  // After the end. A run may have failed whatever its exit code.
  bool failed() const;
  bool failed_for_good() const;  // with final_exit_code
  std::string end() const;    // "ordered"; "hung" (missed heartbeat or late); else "SIGSEGV", "exit 1"
  std::string summary() const;  // "missed its heartbeat for 5s and was killed by SIGABRT"

 private:
  enum class state : std::uint8_t { living, ending, dead };

  program_run(const program_spec& spec, std::string tag, std::string socket, listener to, monotonic now);
  std::vector<std::string> environment() const;
  void end_with(int signal, timespan patience, monotonic now);
  void give_up_on(std::string why, int signal, monotonic now);
  void read_what_is_left();
  bool kill_left_behind();
  bool read_output(std::size_t most);  // false: all is read
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
  std::string trouble_, status_;  // trouble_: why it is being ended
  std::optional<monotonic> kill_at_, stuck_at_;
  program_end end_;
  std::set<pid_t> left_behind_;
  monotonic sweep_until_{}, next_sweep_{};
};

}  // namespace banyan
