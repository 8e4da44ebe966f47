#include <banyan/runtime/serve.hpp>

#include <banyan/observability/log.hpp>
#include <banyan/observability/terminal.hpp>
#include <banyan/process_supervision/process_setup.hpp>
#include <banyan/runtime/supervisor_heartbeat.hpp>
#include <banyan/runtime/serving.hpp>

#include <csignal>
#include <ostream>
#include <thread>

#include <pthread.h>
#include <unistd.h>

namespace banyan {

namespace {

int refuse(const error& e, std::ostream& err) {
  err << to_string(e) << '\n';
  return 1;
}

// Signals are taken by sigwait on the main thread; every thread started later inherits the mask.
sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (!is_ignored(SIGHUP)) sigaddset(&set, SIGHUP);  // as nohup does
  return set;
}

}  // namespace

int serve(const application& app, const node_settings& settings, std::ostream& out, std::ostream& err) {
  ignore_broken_pipes();
  configure_logging({.level = parse_log_level(settings.log_level).value(),
                     .format = parse_log_format(settings.log_format).value(),
                     .color = takes_color(STDERR_FILENO)});
  auto signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto started = serving::start(app, settings);
  if (!started) return refuse(started.error(), err);
  auto& node = **started;
  out << app.name << " serves " << node.url() << "  (operations: " << node.operations_url() << ", data: " << settings.data << ")\n";
  out << "Ctrl-C stops it." << std::endl;
  const auto above = service_notifier::of_environment();
  send_heartbeats(node.system(), above, [&node] { return !node.is_dead(); });
  above.ready();
  process_is_up();

  int signal = 0;
  sigwait(&signals, &signal);
  out << "\nstopping: finishing requests under way" << std::endl;
  logger{app.name}.info("drain begins", {{"signal", signal}, {"lead", settings.drain_lead}, {"at_most", settings.drain_timeout}});
  above.stopping();
  // From here a second signal is not waited for: it ends the process. But not a SIGHUP: a terminal that closes sends more than one, or one
  // behind a Ctrl-C, and what was sent is still to be answered.
  sigdelset(&signals, SIGHUP);
  std::thread impatient{[signals]() mutable {
    int second = 0;
    sigwait(&signals, &second);
    _exit(128 + second);
  }};
  impatient.detach();

  node.stop();
  out << "stopped" << std::endl;
  return 0;
}

}  // namespace banyan
