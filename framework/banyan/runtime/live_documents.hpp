// The documents that the operations page is told as events: in the form of the operations port's own pages where there
// is one, but short, and apart from each other, so that only what has changed is sent. Pure.
//
//   event       data
//   node        {"application":"shop","started":1764500000000,"interval_ms":500}: times in milliseconds
//   tick        {"at":1764500000500}: a sample was taken; what no event since the last tick told has not changed
//   health      {"alive":[lines],"ready":[lines]}, the lines of /healthz and /readyz
//   topology    as /topology, but actors of a kind that never crashed are one element with their `count`
//   metric      {"name":"banyan_commands_total","series":{"aggregate=\"order\",outcome=\"accepted\"":12}}: of /metrics,
//               without the buckets of histograms
//   inspection  {"name":"link.orders.payments","content":{...}}, as /inspect/<name>
#pragma once

#include <banyan/observability/health.hpp>
#include <banyan/runtime/topology.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banyan {

struct folded_actor {
  std::uint64_t id = 0, parent = 0;
  std::string name;  // of several: their stem, "shard.order."
  std::uint64_t count = 1;
  std::string phase;
  std::uint32_t restarts = 0;
  std::string last_cause = {}, message = {};
  double down_for = 0, restart_in = 0;  // seconds, to a tenth
};
BOOST_DESCRIBE_STRUCT(folded_actor, (),
                      (id, parent, name, count, phase, restarts, last_cause, message, down_for, restart_in))

struct folded_topology {
  std::vector<folded_actor> actors;
  std::uint64_t omitted = 0;  // elements beyond the first 2,000
  std::uint64_t total = 0;    // actors
  std::uint64_t crashes = 0, restarts = 0, stopped = 0, refused_while_down = 0, lost_while_down = 0;
};
BOOST_DESCRIBE_STRUCT(folded_topology, (),
                      (actors, omitted, total, crashes, restarts, stopped, refused_while_down, lost_while_down))

folded_topology folded(const topology_report& r);

// The families of a page in Prometheus' text format with the event's data of each.
std::vector<std::pair<std::string, std::string>> metric_documents(std::string_view page);

std::string health_document(const std::vector<health_line>& alive, const std::vector<health_line>& ready);

// `content` is the inspection's JSON; what is none, or larger than 64 KiB, is left out: {"name":...,"unfit":"why"}.
std::string inspection_document(std::string_view name, const std::string& content);

}  // namespace banyan
