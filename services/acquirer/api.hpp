// The acquirer's REST API: routes requests to the book, and injects the faults on the way back.
//
//   api a{w, later, faults, system_clock(), {.announces = true, .wake_callbacks = [&] { c.wake(); }}};
//   auto server = http_server::start(a.server_options(8090), [&](auto r, auto done) { a.handle(std::move(r),
//   std::move(done)); });
//
// README.md has the table of paths. Faults concern POST and GET of charges and refunds by key, which a shop's payments
// use. They do not concern the pages for an audit (GET /charges, /book), /faults and /healthz.
#pragma once

#include <services/acquirer/delays.hpp>
#include <services/acquirer/fault_injector.hpp>
#include <services/acquirer/writer.hpp>

#include <banyan/http/server.hpp>

#include <atomic>
#include <functional>

namespace acquirer {

struct api_options {
  bool announces = false;  // settlements go to the outbox
  std::function<void()> wake_callbacks = {};
  timespan hold_for = std::chrono::seconds{60};  // a lost answer: until the client gives up, at most so long
  std::size_t max_held = 1'024;                  // beyond, a lost answer's connection is closed at once
};

// "tok_slow" is answered so much later.
inline constexpr std::chrono::seconds slow_card{2};

class api {
 public:
  api(writer& w, delays& later, fault_injector& faults, const banyan::clock& clock, api_options options);

  void handle(banyan::http_request request, banyan::completion<banyan::http_response> done);

  // Those that the faults need: time for the longest one, room for many delayed answers. The place for what is missing
  // there: a certificate and a key, when the acquirer is to speak TLS.
  static banyan::http_server_options server_options(std::uint16_t port);

  void release_held() { releasing_ = true; }  // closes the connections of lost answers, before a drain

 private:
  using answer_to = banyan::completion<banyan::http_response>;
  struct reply;

  void handle_payment(banyan::http_request request, answer_to done);
  void post_charge(const banyan::http_request& request, reply to);
  void post_refund(const banyan::http_request& request, reply to);
  void read_book(const banyan::http_request& request, reply to);
  banyan::http_response change_faults(const banyan::http_request& request);

  template <class Work>
  void submit(Work work, reply to);
  void deliver(reply to, banyan::http_response response);
  void send(reply to, banyan::http_response response);
  void hold(reply to, banyan::monotonic until);

  writer& writer_;
  delays& later_;
  fault_injector& faults_;
  const banyan::clock& clock_;
  api_options options_;
  std::atomic<std::size_t> held_{0};
  std::atomic<bool> releasing_{false};
};

}  // namespace acquirer
