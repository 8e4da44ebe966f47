#include <banyan/runtime/serve.hpp>

#include <banyan/observability/background_writer.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/observability/terminal.hpp>
#include <banyan/process_supervision/process_setup.hpp>
#include <banyan/runtime/supervisor_heartbeat.hpp>
#include <banyan/runtime/serving.hpp>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <thread>
#include <utility>

#include <pthread.h>
#include <unistd.h>

namespace banyan {

namespace {

int refuse(const error& e, std::ostream& err) {
  err << to_string(e) << '\n';
  return 1;
}

[[noreturn]] void end_process(int code) {
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) background_writer::of(fd).flush(std::chrono::milliseconds{500});
  _exit(code);
}

// Handles SIGINT, SIGTERM and SIGHUP on a thread. The first one stops the node. Before the node has started, and for
// the second one, the process ends at once: what was acknowledged is stored. SIGHUPs that ask for a reload count as one
// until it begins, also those that come before the node has started.
class process_signals {
 public:
  process_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (!is_ignored(SIGHUP)) sigaddset(&set, SIGHUP);  // ignored under nohup
    pthread_sigmask(SIG_BLOCK, &set, nullptr);         // every thread started later inherits it
    std::thread{[set, reloads = !has_controlling_terminal(), state = state_] {
      for (;;) {
        const int signal = next(set);
        if (signal == SIGHUP && reloads) {
          state->ask_for_reload();
          continue;
        }
        if (!state->is_up) end_process(128 + signal);
        if (state->stop(signal)) continue;
        // SIGHUP is no second signal: a closing terminal sends several, or one after Ctrl-C, and open requests must be
        // answered.
        if (signal != SIGHUP) _exit(128 + signal);
      }
    }}.detach();
  }

  void node_is_up() { state_->is_up = true; }
  // The signal that stops the node; empty: the configuration is to be reloaded.
  std::optional<int> wait() { return state_->wait(); }

 private:
  struct state {
    std::atomic<bool> is_up = false;

    void ask_for_reload() {
      const std::lock_guard lock{mutex};
      wants_reload = true;
      changed.notify_one();
    }
    // False: it was stopped before.
    bool stop(int signal) {
      const std::lock_guard lock{mutex};
      if (first) return false;
      first = signal;
      changed.notify_one();
      return true;
    }
    std::optional<int> wait() {
      std::unique_lock lock{mutex};
      changed.wait(lock, [this] { return first || wants_reload; });
      wants_reload = false;
      return first;
    }

   private:
    std::mutex mutex;
    std::condition_variable changed;
    bool wants_reload = false;
    std::optional<int> first;
  };
  static int next(const sigset_t& set) {
    int signal = 0;
    sigwait(&set, &signal);
    return signal;
  }
  std::shared_ptr<state> state_ = std::make_shared<state>();
};

// Ends the process when the actor system does not end in time, because a handler never returns and can not be stopped.
void end_process_within(std::chrono::seconds limit, std::future<void> ended) {
  std::thread{[limit, ended = std::move(ended)] {
    if (ended.wait_for(limit) == std::future_status::ready) return;
    log_warning("an actor does not end; the process does");
    end_process(0);
  }}.detach();
}

}  // namespace

int serve(const application& app, const node_settings& settings, read_configuration read, std::ostream& out,
          std::ostream& err) {
  ignore_broken_pipes();
  configure_logging({.level = parse_log_level(settings.log_level).value(),
                     .format = parse_log_format(settings.log_format).value(),
                     .color = takes_color(STDERR_FILENO)});
  process_signals signals;

  auto started = serving::start(app, settings, std::move(read));
  if (!started) return refuse(started.error(), err);
  auto& node = **started;
  out << app.name << " serves " << node.url() << "  (operations: " << node.operations_url() << ", data: " << settings.data << ")\n";
  out << "Ctrl-C stops it." << std::endl;
  const auto above = service_notifier::of_environment();
  send_heartbeats(node.system(), above, [&node] { return !node.is_dead(); });
  signals.node_is_up();
  above.ready();
  process_is_up();

  auto signal = signals.wait();
  for (; !signal; signal = signals.wait()) node.reload();
  out << "\nstopping: finishing requests under way" << std::endl;
  logger{app.name}.info(
      "drain begins", {{"signal", *signal}, {"lead", settings.drain_lead}, {"at_most", settings.drain_timeout}});
  above.stopping();
  node.stop();
  std::promise<void> ended;
  end_process_within(std::chrono::seconds{5}, ended.get_future());
  started->reset();
  ended.set_value();
  out << "stopped" << std::endl;
  return 0;
}

}  // namespace banyan
