#include <banyan/runtime/serve.hpp>

#include <banyan/http/server.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/runtime/actor_log.hpp>
#include <banyan/runtime/admin.hpp>
#include <banyan/runtime/beats.hpp>
#include <banyan/runtime/edge.hpp>
#include <banyan/runtime/open_engines.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <future>
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
  return set;
}

result<std::unique_ptr<http_server>> listen(const std::string& where, const node_settings& settings, http_server_options options,
                                            std::function<void(http_request, completion<http_response>)> handler) {
  auto at = parse_listen_address(where);
  if (!at) return at.error();
  options.address = at->host;
  options.port = at->port;
  options.allow_plaintext_elsewhere = settings.plaintext;
  return http_server::start(options, std::move(handler));
}

// False: requests under way were cut.
bool drain(http_server& server, timespan limit) {
  auto drained = std::make_shared<std::promise<bool>>();
  auto wait = drained->get_future();
  server.drain(system_clock().steady() + nanoseconds{limit},
               completion<void>{[drained](result<void> r) { drained->set_value(r.has_value()); }});
  return wait.wait_for(nanoseconds{limit} + std::chrono::seconds{1}) == std::future_status::ready && wait.get();
}

}  // namespace

int serve(const application& app, const node_settings& settings, std::ostream& out, std::ostream& err) {
  configure_logging({.level = parse_log_level(settings.log_level).value(), .format = parse_log_format(settings.log_format).value()});
  auto signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto engines = open(settings.journal, settings.data);
  if (!engines) return refuse(engines.error(), err);
  const logger log{app.name};
  log.info("journal opened", {{"journal", settings.journal}, {"incarnation", engines->incarnation}, {"head", engines->head}});
  // What actors refer to ends after them.
  std::unique_ptr<node> running;
  std::unique_ptr<edge> front;
  actor_system system{{.threads = static_cast<std::size_t>(settings.threads), .observer = log_actor_event}};
  auto ports = engines->ports();
  ports.last_end = process_end_of(std::getenv("BANYAN_LAST_END"));
  auto started = node::start(app, system, std::move(ports));
  if (!started) return refuse(started.error(), err);
  running = std::move(*started);
  front = std::make_unique<edge>(app, *running, edge_options{.title = app.name, .deadline = settings.request_deadline});
  std::atomic<bool> draining{false};
  http_server* edge_server = nullptr;
  admin operations{app, settings, *running, draining, edge_server};

  auto admin_server = listen(settings.admin, settings, {}, [&](http_request r, completion<http_response> done) { operations.handle(r, std::move(done)); });
  if (!admin_server) return refuse(admin_server.error(), err);
  auto server = listen(settings.listen, settings, {},
                       [&](http_request r, completion<http_response> done) { front->handle(std::move(r), std::move(done)); });
  if (!server) return refuse(server.error(), err);
  edge_server = server->get();

  out << app.name << " serves http://" << parse_listen_address(settings.listen)->host << ':' << (*server)->port() << "  (operations: http://"
      << parse_listen_address(settings.admin)->host << ':' << (*admin_server)->port() << ", data: " << settings.data << ")\n";
  out << "Ctrl-C stops it." << std::endl;
  const auto above = service_notifier::of_environment();
  send_beats(system, above, [&running] {
    const auto lines = running->liveness();
    return std::none_of(lines.begin(), lines.end(), [](const health_line& l) { return l.state == health_state::dead; });
  });
  above.ready();

  int signal = 0;
  sigwait(&signals, &signal);
  out << "\nstopping: finishing requests under way" << std::endl;
  log.info("drain begins", {{"signal", signal}, {"at_most", settings.drain_timeout}});
  draining = true;
  above.stopping();
  // From here a second signal is not waited for: it ends the process.
  std::thread impatient{[signals]() mutable {
    int second = 0;
    sigwait(&signals, &second);
    _exit(128 + second);
  }};
  impatient.detach();

  const bool drained = drain(**server, settings.drain_timeout);
  log.log(drained ? log_level::info : log_level::warning, drained ? "drain ended" : "drain ended: requests under way were cut");
  drain(**admin_server, std::chrono::milliseconds{200});
  auto in_time = system.shutdown(settings.drain_timeout);
  if (!in_time) log.warning("some actors did not stop in time; what they had acknowledged is stored");
  server->reset();
  admin_server->reset();
  out << "stopped" << std::endl;
  return 0;
}

}  // namespace banyan
