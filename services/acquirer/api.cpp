#include <services/acquirer/api.hpp>

#include <services/acquirer/payment_rules.hpp>
#include <services/acquirer/requests.hpp>

#include <banyan/core/json.hpp>

#include <memory>

namespace acquirer {

namespace {

using banyan::code;
using banyan::error;
using banyan::http_delivery;
using banyan::http_request;
using banyan::http_response;
using banyan::result;

http_response problem_of(error e) {
  if (e.code == code::exhausted) e.code = code::unavailable;  // a full disk is no limit of the client's: 503, not 429
  return http_response::problem(e);
}

template <class Request>
result<Request> body_of(const http_request& r) {
  auto read = banyan::from_json<Request>(r.body);
  if (!read) return read.error();
  if (auto valid = check_request(*read); !valid) return valid.error();
  return read;
}

std::string another_currency(std::string_view than) { return than == "XTS" ? "XXX" : "XTS"; }  // ISO 4217: for tests

void falsify(charge& c) { c.amount.currency = c.refunded.currency = another_currency(c.amount.currency); }
void falsify(refund& r) { r.amount.currency = another_currency(r.amount.currency); }

template <class T>
http_response recorded_response(const recorded<T>& r, std::string location) {
  auto response = http_response::json_text(banyan::to_json(r.value), r.is_new ? 201 : 200);
  if (r.is_new) response.headers.add("Location", std::move(location));
  return response;
}

}  // namespace

// Where the answer to a request goes, and what happens to it on the way.
struct api::reply {
  answer_to done;
  fault_decision decision;
  banyan::cancellation_ptr client;
};

api::api(writer& w, delays& later, fault_injector& faults, const banyan::clock& clock, api_options options)
    : writer_{w}, later_{later}, faults_{faults}, clock_{clock}, options_{std::move(options)} {}

banyan::http_server_options api::server_options(std::uint16_t port) {
  banyan::http_server_options o;
  o.port = port;
  o.limits.body_bytes = 16 * 1024;
  o.max_in_flight = 8'192;
  o.handler_timeout = longest_fault * 2 + std::chrono::minutes{2};  // latency and its jitter, and a held answer
  o.write_timeout = longest_fault + std::chrono::seconds{30};
  return o;
}

void api::handle(http_request request, answer_to done) {
  const auto where = endpoint_of(request.path);
  if (where == endpoint::none) return done(http_response::problem({code::not_found, "there is no such path"}));
  const auto methods = methods_of(where);
  if (request.method == "OPTIONS") return done(http_response{204, {{"Allow", std::string{methods}}}, ""});
  if (!allows(methods, request.method)) {
    auto refused =
        http_response::problem({code::invalid_argument, "the method is not one of " + std::string{methods}}, 405);
    refused.headers.add("Allow", std::string{methods});
    return done(std::move(refused));
  }
  if (where == endpoint::faults) return done(change_faults(request));
  const bool is_payment =
      where == endpoint::charge || where == endpoint::refunds || (where == endpoint::charges && !is_read(request));
  if (is_payment) return handle_payment(std::move(request), std::move(done));
  read_book(request, {std::move(done), {}, request.cancelled});
}

void api::handle_payment(http_request request, answer_to done) {
  std::string subject = (is_read(request) ? "GET" : request.method) + " ";
  for (const auto& segment : request.path) (subject += '/') += segment;
  (subject += ' ') += request.headers.get("idempotency-key");
  reply to{std::move(done), faults_.next(subject), request.cancelled};
  if (!is_done(to.decision.fault)) return deliver(std::move(to), {});
  if (is_read(request)) return read_book(request, std::move(to));
  if (auto typed = check_json(request); !typed)
    return deliver(std::move(to), http_response::problem(typed.error(), 415));
  if (request.path.size() == 1) return post_charge(request, std::move(to));
  post_refund(request, std::move(to));
}

// Does the work on the writer's thread; it returns the response. An error of the store is the whole batch's.
template <class Work>
void api::submit(Work work, reply to) {
  auto response = std::make_shared<http_response>();
  auto shared = std::make_shared<reply>(std::move(to));
  writer_.submit(
      [response, work](book& b) -> result<void> {
        result<http_response> made = work(b);
        if (made)
          *response = std::move(*made);
        else if (is_of_the_store(made.error()))
          return made.error();
        else
          *response = http_response::problem(made.error());
        return {};
      },
      [this, response, shared](const result<void>& committed) {
        deliver(std::move(*shared), committed ? std::move(*response) : problem_of(committed.error()));
      });
}

void api::post_charge(const http_request& request, reply to) {
  auto key = idempotency_key(request);
  if (!key) return deliver(std::move(to), http_response::problem(key.error()));
  auto asked = body_of<charge_request>(request);
  if (!asked) return deliver(std::move(to), http_response::problem(asked.error()));
  if (asked->card == "tok_slow") to.decision.delay = add_saturating(to.decision.delay, slow_card);
  const auto wrong_currency = to.decision.wrong_currency;
  submit(
      [this, key = *key, asked = *asked, wrong_currency](book& b) -> result<http_response> {
        const auto now = clock_.now();
        const auto planned = faults_.for_callback(event_id_of_charge(key));
        auto made = b.add_charge(key, asked, now, options_.announces ? &planned : nullptr);
        if (!made) return made.error();
        if (made->is_new && options_.announces && made->value.status == charge_status::captured) {
          faults_.count(planned);
          options_.wake_callbacks();
        }
        if (wrong_currency) falsify(made->value), faults_.count_wrong_currency();
        return recorded_response(*made, "/charges/" + key);
      },
      std::move(to));
}

void api::post_refund(const http_request& request, reply to) {
  auto key = idempotency_key(request);
  if (!key) return deliver(std::move(to), http_response::problem(key.error()));
  if (auto valid = check_key(request.path[1], "key"); !valid)
    return deliver(std::move(to), http_response::problem(valid.error()));
  auto asked = body_of<refund_request>(request);
  if (!asked) return deliver(std::move(to), http_response::problem(asked.error()));
  const auto wrong_currency = to.decision.wrong_currency;
  submit(
      [this, of = request.path[1], key = *key, asked = *asked, wrong_currency](book& b) -> result<http_response> {
        const auto planned = faults_.for_callback(event_id_of_refund(key));
        auto made = b.add_refund(of, key, asked, clock_.now(), options_.announces ? &planned : nullptr);
        if (!made) return made.error();
        if (made->is_new && options_.announces) {
          faults_.count(planned);
          options_.wake_callbacks();
        }
        if (wrong_currency) falsify(made->value), faults_.count_wrong_currency();
        return recorded_response(*made, "/charges/" + of + "/refunds");
      },
      std::move(to));
}

void api::read_book(const http_request& request, reply to) {
  const auto where = endpoint_of(request.path);
  auto limit = limit_of(request);
  if (!limit) return deliver(std::move(to), http_response::problem(limit.error()));
  const auto* after = request.query_value("after");
  const auto wrong_currency = to.decision.wrong_currency;
  submit(
      [this, where, limit = *limit, after = after ? *after : std::string{},
       key = request.path.size() > 1 ? request.path[1] : "", wrong_currency](book& b) -> result<http_response> {
        const auto as_json = [](const auto& found) -> result<http_response> {
          if (!found) return found.error();
          return http_response::json_text(banyan::to_json(*found));
        };
        switch (where) {
          case endpoint::charge: {
            auto found = b.find_charge(key);
            if (found && wrong_currency) falsify(*found), faults_.count_wrong_currency();
            return as_json(found);
          }
          case endpoint::refunds: {
            auto found = b.refunds_of(key);
            if (found && wrong_currency && !found->refunds.empty()) {
              for (auto& r : found->refunds) falsify(r);
              faults_.count_wrong_currency();
            }
            return as_json(found);
          }
          case endpoint::charges:
            return as_json(b.charges_after(after, limit));
          case endpoint::book:
            return as_json(b.totals());
          default:
            return http_response::json_text(R"({"status":"ready"})");
        }
      },
      std::move(to));
}

http_response api::change_faults(const http_request& request) {
  if (request.method == "DELETE") faults_.clear();
  if (request.method == "PUT") {
    if (auto typed = check_json(request); !typed) return http_response::problem(typed.error(), 415);
    auto changes = banyan::parse_json(request.body);
    if (!changes) return http_response::problem(changes.error());
    if (auto changed = faults_.change(*changes); !changed) return http_response::problem(changed.error());
  }
  return http_response::json_text(banyan::to_json(faults_.report()));
}

void api::deliver(reply to, http_response response) {
  const auto delay = to.decision.delay;
  const bool is_outage = to.decision.fault == request_fault::outage || to.decision.fault == request_fault::outage_reset;
  if (is_outage || delay.count() <= banyan::nanoseconds::zero()) return send(std::move(to), std::move(response));
  later_.after(delay, [this, to = std::move(to), response = std::move(response)]() mutable {
    send(std::move(to), std::move(response));
  });
}

void api::send(reply to, http_response response) {
  switch (to.decision.fault) {
    case request_fault::none:
      break;
    case request_fault::outage:
    case request_fault::error:
      response = http_response::problem(error{code::unavailable, to.decision.fault == request_fault::outage
                                                                     ? "the acquirer is closed"
                                                                     : "the acquirer can not answer now"});
      break;
    case request_fault::outage_reset:
    case request_fault::reset_before:
    case request_fault::reset_after:
      response.delivery = http_delivery::reset;
      break;
    case request_fault::lose_answer:
      if (held_.fetch_add(1) < options_.max_held)
        return hold(std::move(to), add_saturating(clock_.steady(), options_.hold_for));
      --held_;
      response.delivery = http_delivery::close;
      break;
    case request_fault::bad_json:
      response.body.resize(response.body.size() / 2);
      break;
    case request_fault::slow_body:
      response.delivery = http_delivery::slowly;
      response.spread_over = to.decision.body_over;
      break;
  }
  to.done(std::move(response));
}

void api::hold(reply to, banyan::monotonic until) {
  if (is_cancelled(to.client) || releasing_ || clock_.steady() >= until) {
    --held_;
    http_response nothing;
    nothing.delivery = http_delivery::close;
    return to.done(std::move(nothing));
  }
  later_.after(std::chrono::milliseconds{100},
               [this, to = std::move(to), until]() mutable { hold(std::move(to), until); });
}

}  // namespace acquirer
