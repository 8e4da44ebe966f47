// The page of the operations port, and what it is told while it is open:
//
//   GET /               the page (operations_page.hpp)
//   GET /page/<file>    its style, scripts and icon
//   GET /live           server-sent events of what changes (live_documents.hpp), at most 16 streams at a time
//
// The page may load nothing from elsewhere, run no script that is not a file of its own, and be shown in no frame
// (Content-Security-Policy). Other sites can not open /live: their Origin or Sec-Fetch-Site is refused, though it only
// reads, because a stream takes one of few places.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/http/message.hpp>
#include <banyan/http/request_rules.hpp>
#include <banyan/http/static_files.hpp>
#include <banyan/runtime/live_feed.hpp>
#include <banyan/runtime/node.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace banyan {

class page_endpoints {
 public:
  struct sources {
    std::function<std::vector<health_line>()> readiness;
    std::function<std::string()> metrics;             // text, for Prometheus
    std::function<void(completion<done>)> heartbeat;  // of the actors
  };
  // All must outlive this.
  page_endpoints(const application& app, node& running, const request_rules& rules, sources from);
  ~page_endpoints();

  bool has(const std::vector<std::string>& path) const;
  // A GET of one of these.
  http_response handle(const http_request& request);

 private:
  struct heartbeat_answer;  // the answer of the last heartbeat
  void sample(event_channel& to, look what);
  void look_at_inspections(event_channel& to) const;
  std::optional<error> ask_for_heartbeat();

  const application& app_;
  node& node_;
  const request_rules& rules_;
  const sources from_;
  const instant started_;
  std::unordered_map<std::string, const static_file*> files_;  // by path
  std::shared_ptr<heartbeat_answer> last_heartbeat_;
  live_feed feed_;  // last member: its thread uses the others
};

}  // namespace banyan
