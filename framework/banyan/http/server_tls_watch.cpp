#include <banyan/http/server_tls_watch.hpp>

#include <banyan/http/deadline.hpp>

namespace banyan {

namespace {

constexpr auto between_looks = std::chrono::seconds{1};
constexpr auto between_reminders = std::chrono::hours{12};
constexpr auto soon = std::chrono::hours{14 * 24};

}  // namespace

void server_tls_watch::on_tick(monotonic now) {
  if (now >= look_at_) {
    look_at_ = deadline_after(now, between_looks);
    const auto changed = of_.tls->reload_if_changed();
    if (!changed) {
      count(of_.tls_reloads_failed);
      report("the TLS files have changed and can not be used, so the earlier ones stay: " + changed.error().message);
    } else if (*changed) {
      count(of_.tls_reloads);
      remind_at_ = now;
    }
  }
  if (now >= remind_at_) {
    remind_at_ = deadline_after(now, between_reminders);
    report_expiry();
  }
}

void server_tls_watch::report(const std::string& what) const {
  if (of_.options.report) of_.options.report(what, 1);
}

void server_tls_watch::report_expiry() const {
  const auto ends = of_.tls->current()->expires();
  const auto now = of_.clock->now();
  if (ends <= now) return report("the TLS certificate has expired: clients refuse this server");
  if (ends - now < soon) report("the TLS certificate expires at " + to_rfc3339(ends));
}

}  // namespace banyan
