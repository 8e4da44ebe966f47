#include <services/acquirer/serve.hpp>

#include <services/acquirer/api.hpp>
#include <services/acquirer/callback_sender.hpp>

#include <banyan/core/text.hpp>
#include <banyan/process_supervision/process_setup.hpp>
#include <banyan/process_supervision/service_notifier.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <iostream>
#include <optional>

#include <pthread.h>
#include <unistd.h>

namespace acquirer {

namespace {

constexpr std::chrono::seconds drain_within{10};

// The signals that end the program, blocked in all threads and taken one by one.
class end_signals {
 public:
  end_signals() {
    sigemptyset(&all_);
    for (const int s : {SIGTERM, SIGINT, SIGHUP})
      if (!banyan::is_ignored(s)) sigaddset(&all_, s);
    pthread_sigmask(SIG_BLOCK, &all_, nullptr);
  }
  // The next one; 0: none came within this time.
  int wait(banyan::timespan at_most) const {
    const auto ns = at_most.count().count();
    const timespec time{ns / 1'000'000'000, ns % 1'000'000'000};
    return std::max(0, sigtimedwait(&all_, nullptr, &time));
  }

 private:
  sigset_t all_{};
};

int failed(const banyan::error& e) {
  std::cerr << "acquirer: " << banyan::printable(e.message) << '\n';
  return 1;
}

void report(const std::string& text) { std::cerr << ("acquirer: " + banyan::printable(text) + "\n"); }

void print_start(const program_options& o, std::uint16_t port) {
  std::cout << "acquirer listens on http://127.0.0.1:" << port << std::endl;
  std::cout << "book: " << o.data << "/acquirer.db, seed " << o.seed << ", callbacks to "
            << (o.callback_url.empty() ? "nobody" : o.callback_url) << std::endl;
}

}  // namespace

int serve(const program_options& o) {
  const end_signals signals;
  banyan::ignore_broken_pipes();
  const auto above = banyan::service_notifier::of_environment();
  auto opened = book::open(o.data);
  if (!opened) return failed(opened.error());

  // Destroyed in reverse: the server first, then the writer, which does what is queued and may still call the sender of
  // callbacks.
  const auto& clock = banyan::system_clock();
  fault_injector faults{o.faults, o.seed};
  delays later;
  std::optional<callback_sender> calls;
  writer w{std::move(*opened)};
  if (!o.callback_url.empty())
    calls.emplace(w, later, callback_options{.url = o.callback_url, .secret = o.callback_secret, .report = report},
                  clock);
  api paths{w, later, faults, clock, {.announces = calls.has_value(), .wake_callbacks = [&] { calls->wake(); }}};
  auto server = banyan::http_server::start(api::server_options(o.port),
                                           [&](banyan::http_request r, banyan::completion<banyan::http_response> done) {
                                             paths.handle(std::move(r), std::move(done));
                                           });
  if (!server) return failed(server.error());
  print_start(o, (*server)->port());
  if (calls) calls->wake();
  above.ready();
  banyan::process_is_up();

  // A heartbeat says that the writer still commits.
  const auto heartbeat = above.heartbeat();
  const banyan::timespan pause = heartbeat ? heartbeat->count() / 2 : std::chrono::hours{1};
  while (signals.wait(pause) == 0)
    if (heartbeat)
      w.submit([](book&) { return banyan::result<void>{}; },
               [&above](const banyan::result<void>&) { above.send_heartbeat(); });

  above.stopping();
  paths.release_held();
  std::atomic<bool> drained{false};
  (*server)->drain(banyan::add_saturating(clock.steady(), drain_within), [&drained](const banyan::result<void>& r) {
    if (!r) report("some requests were not answered before the end");
    drained = true;
  });
  while (!drained)
    if (const int second = signals.wait(std::chrono::milliseconds{20}); second != 0) ::_exit(128 + second);
  server->reset();
  if (calls) calls->close();
  later.close();
  w.close();
  return 0;
}

}  // namespace acquirer
