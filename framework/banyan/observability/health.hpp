// Health: whether the process is alive, whether it is ready for work, and if not, why. Each component reports under
// its own name; /healthz and /readyz show the latest reports.
//
//   health h;
//   h.report("projection sales_by_month", health_state::waiting, "1,200 events behind");
//   h.report("breaker payments", health_state::degraded, "open for 4s more");
//   health_answer answer = readyz(h.lines());  // 503 {"status":"waiting","checks":[...]}
//
// Report `waiting` when work is impossible; `degraded` when it works less well, or when the state is normal for some
// nodes (not being the leader): a load balancer that removes all nodes at once turns a small problem into an outage.
#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

enum class health_state : std::uint8_t {
  ready,
  degraded,   // works; shown only
  waiting,    // not yet, or no longer (draining): /readyz answers 503
  dead,       // needs a restart: /healthz answers 503 too, so that the supervisor restarts the process
};
BOOST_DESCRIBE_ENUM(health_state, ready, degraded, waiting, dead)

struct health_line {
  std::string name;
  health_state state = health_state::ready;
  std::string sentence;   // for people: "open", "1,200 events behind"
};
BOOST_DESCRIBE_STRUCT(health_line, (), (name, state, sentence))

// The latest report of each name. Thread-safe.
class health {
 public:
  void report(std::string_view name, health_state state, std::string_view sentence);
  void forget(std::string_view name);
  std::vector<health_line> lines() const;   // by name

 private:
  mutable std::mutex lock_;
  std::map<std::string, health_line, std::less<>> lines_;
};

struct health_answer {
  int status = 200;
  std::string body;   // JSON
};

// {"status":"alive"}, or 503 {"status":"dead"} with the lines that are `dead`.
health_answer healthz(const std::vector<health_line>& lines);

// The worst state decides: "ready" and "degraded" are 200, "waiting" and "dead" 503. Without any line it is
// "waiting": nothing has been checked yet.
health_answer readyz(const std::vector<health_line>& lines);

}  // namespace banyan
