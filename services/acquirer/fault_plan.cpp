#include <services/acquirer/fault_plan.hpp>

#include <banyan/core/hash.hpp>

#include <string>

namespace acquirer {

namespace {

// `draw` in [-1, 1).
timespan spread(const latency_fault& l, double draw) {
  const auto jitter = static_cast<double>(l.jitter.count().count()) * (2 * draw - 1);
  const auto sum = l.mean.count().count() + static_cast<std::int64_t>(jitter);
  return banyan::nanoseconds{sum > 0 ? sum : 0};
}

request_fault fault_of(const fault_settings& f, const auto& hit) {
  if (f.outage == outage_mode::on) return request_fault::outage;
  if (f.outage == outage_mode::reset) return request_fault::outage_reset;
  if (hit("error", f.error_rate)) return request_fault::error;
  if (hit("reset", f.reset_rate))
    return hit("reset_after", 0.5) ? request_fault::reset_after : request_fault::reset_before;
  if (hit("lose_answer", f.lose_answer_rate)) return request_fault::lose_answer;
  if (hit("bad_json", f.bad_json_rate)) return request_fault::bad_json;
  if (hit("slow_body", f.slow_body.rate)) return request_fault::slow_body;
  return request_fault::none;
}

}  // namespace

double draw(std::uint64_t seed, std::string_view fault, std::string_view subject, std::uint64_t attempt) {
  std::string text = std::to_string(seed);
  for (const auto part : {fault, subject}) (text += '\0') += part;
  (text += '\0') += std::to_string(attempt);
  return static_cast<double>(banyan::stable_hash(text) >> 11) * 0x1p-53;
}

fault_decision decide(const fault_settings& f, std::uint64_t seed, std::string_view subject, std::uint64_t attempt) {
  const auto hit = [&](std::string_view fault, double rate) {
    return rate > 0 && draw(seed, fault, subject, attempt) < rate;
  };
  fault_decision d;
  d.fault = fault_of(f, hit);
  if (f.latency != latency_fault{}) d.delay = spread(f.latency, draw(seed, "latency", subject, attempt));
  if (d.fault == request_fault::slow_body) d.body_over = f.slow_body.by;
  d.wrong_currency = is_done(d.fault) && hit("wrong_currency", f.wrong_currency_rate);
  return d;
}

callback_decision decide_callback(const fault_settings& f, std::uint64_t seed, std::string_view event_id) {
  callback_decision d;
  d.duplicate =
      f.duplicate_callback_rate > 0 && draw(seed, "duplicate_callback", event_id, 0) < f.duplicate_callback_rate;
  if (f.late_callback.rate > 0 && draw(seed, "late_callback", event_id, 0) < f.late_callback.rate)
    d.late = f.late_callback.by;
  return d;
}

bool is_done(request_fault f) {
  switch (f) {
    case request_fault::outage:
    case request_fault::outage_reset:
    case request_fault::error:
    case request_fault::reset_before:
      return false;
    case request_fault::none:
    case request_fault::reset_after:
    case request_fault::lose_answer:
    case request_fault::bad_json:
    case request_fault::slow_body:
      return true;
  }
  return true;
}

}  // namespace acquirer
