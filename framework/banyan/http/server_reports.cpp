#include <banyan/http/server_reports.hpp>

#include <banyan/http/deadline.hpp>

#include <utility>

namespace banyan {

namespace {
constexpr auto quiet_between = std::chrono::seconds{5};
}

server_reports::server_reports(const server_state& of)
    : of_{of},
      kinds_{{{&of.connections_refused, "connections were refused: as many as may be are open"},
              {&of.connections_spared, "idle connections were closed for new ones: as many as may be are open"},
              {&of.connections_without_descriptor, "connections were refused: the process may open no more files"},
              {&of.requests_refused, "requests were refused: as many as may be are under way"},
              {&of.bodies_refused, "requests were refused: there was no room for their bodies"},
              {&of.answers_refused, "answers were replaced by 503: there was no room for them"},
              {&of.server_failures, "connections were closed: there was no memory for them"}}} {}

void server_reports::on_tick(monotonic now) {
  if (!of_.options.report) return;
  for (auto& k : kinds_) {
    const auto counted = k.counted->load(std::memory_order_relaxed);
    if (counted == k.told || now < k.not_before) continue;
    k.not_before = deadline_after(now, quiet_between);
    of_.options.report(k.sentence, counted - std::exchange(k.told, counted));
  }
}

}  // namespace banyan
