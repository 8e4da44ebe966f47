// Health: is this process alive, is it ready for work, and if not, why. Whoever knows something says it under a name of its own;
// /healthz and /readyz (and the dashboard) show what was said last.
//
//   health h;
//   h.report("projection sales_by_month", health_state::waiting, "1,200 events behind");
//   h.report("breaker payments", health_state::degraded, "open for 4s more");
//   health_answer answer = readyz(h.lines());     // 503 {"status":"waiting","checks":[{"name":...,"state":"waiting","sentence":...},...]}
//
// Report what can not work yet as `waiting`; what works with less comfort, or is normal for some nodes (not being the leader), as
// `degraded`: a load balancer that empties every node at once turns a small trouble into an outage.
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
  degraded,   // works; shown, and nothing else
  waiting,    // not yet, or no longer (draining): /readyz answers 503
  dead,       // will not mend by itself: /healthz answers 503 too, so that whoever watches starts the process again
};
BOOST_DESCRIBE_ENUM(health_state, ready, degraded, waiting, dead)

struct health_line {
  std::string name;
  health_state state = health_state::ready;
  std::string sentence;   // for a person: "open", "1,200 events behind"
};
BOOST_DESCRIBE_STRUCT(health_line, (), (name, state, sentence))

// What was reported last, by name. Safe from any thread.
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

// {"status":"alive"} or 503 {"status":"dead"}, with the lines that say so.
health_answer healthz(const std::vector<health_line>& lines);

// The worst state of all lines decides: "ready" and "degraded" are 200, "waiting" and "dead" 503. No lines at all are "waiting": nobody has
// looked yet.
health_answer readyz(const std::vector<health_line>& lines);

}  // namespace banyan
