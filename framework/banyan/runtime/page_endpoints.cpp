#include <banyan/runtime/page_endpoints.hpp>

#include <banyan/core/json.hpp>
#include <banyan/operations_page/operations_page.hpp>
#include <banyan/runtime/live_documents.hpp>

#include <boost/json.hpp>

#include <optional>

namespace banyan {

namespace {

constexpr const char* policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types "
    "'none'";

std::string path_of(const std::vector<std::string>& segments) {
  if (segments.empty()) return "/index.html";
  std::string path;
  for (const auto& s : segments) path += "/" + s;
  return path;
}

bool is_live(const std::vector<std::string>& path) { return path.size() == 1 && path.front() == "live"; }

http_response serve(const static_file& file) {
  http_response r{200, {}, file.content};
  r.headers.set("Content-Type", file.media_type);
  r.headers.set("Cache-Control", "no-cache");
  r.headers.set("Content-Security-Policy", policy);
  r.headers.set("X-Content-Type-Options", "nosniff");
  r.headers.set("Referrer-Policy", "no-referrer");
  r.headers.set("Cross-Origin-Opener-Policy", "same-origin");
  r.headers.set("Cross-Origin-Resource-Policy", "same-origin");
  return r;
}

std::int64_t in_ms(instant t) { return std::chrono::floor<std::chrono::milliseconds>(t.time_since_epoch()).count(); }

std::string document(std::initializer_list<std::pair<boost::json::string_view, boost::json::value_ref>> members) {
  return boost::json::serialize(boost::json::object(members));
}

}  // namespace

struct page_endpoints::heartbeat_answer {
  std::mutex lock;
  bool is_open = false;  // a heartbeat is on its way
  std::optional<error> failed;
};

page_endpoints::page_endpoints(const application& app, node& running, const request_rules& rules, sources from)
    : app_{app},
      node_{running},
      rules_{rules},
      from_{std::move(from)},
      started_{system_clock().now()},
      last_heartbeat_{std::make_shared<heartbeat_answer>()},
      feed_{[this](event_channel& to, look what) { sample(to, what); }} {
  for (const auto& file : operations_page()) files_.emplace(file.path, &file);
  node_.installed().changes().listen([this] { feed_.notify(); });
}

page_endpoints::~page_endpoints() { node_.installed().changes().listen({}); }

bool page_endpoints::has(const std::vector<std::string>& path) const {
  return is_live(path) || files_.contains(path_of(path));
}

http_response page_endpoints::handle(const http_request& request) {
  if (!is_live(request.path)) return serve(*files_.at(path_of(request.path)));
  http_request as_if_unsafe;
  as_if_unsafe.method = "POST";
  as_if_unsafe.authority = request.authority;
  as_if_unsafe.headers = request.headers;
  if (auto refusal = refuse(as_if_unsafe, rules_)) return std::move(*refusal);
  auto answer = http_response::events(feed_.reader());
  answer.headers.set("X-Content-Type-Options", "nosniff");
  return answer;
}

void page_endpoints::look_at_inspections(event_channel& to) const {
  for (const auto& [name, json] : node_.installed().inspections())
    to.publish("inspection " + name, "inspection", inspection_document(name, json()));
}

// Asks for the next heartbeat, unless one is on its way; returns why the last one failed.
std::optional<error> page_endpoints::ask_for_heartbeat() {
  bool ask = false;
  std::optional<error> failed;
  {
    const std::lock_guard guard{last_heartbeat_->lock};
    ask = !std::exchange(last_heartbeat_->is_open, true);
    failed = last_heartbeat_->failed;
  }
  if (ask)
    from_.heartbeat([last = last_heartbeat_](result<done> answered) {
      const std::lock_guard guard{last->lock};
      last->is_open = false;
      last->failed = answered ? std::nullopt : std::optional{answered.error()};
    });
  return failed;
}

void page_endpoints::sample(event_channel& to, look what) {
  look_at_inspections(to);
  if (what == look::inspections) return;
  to.publish("node", "node",
             document({{"application", app_.name},
                       {"started", in_ms(started_)},
                       {"interval_ms", live_feed::default_interval.count()}}));
  auto alive = node_.liveness();
  if (const auto failed = ask_for_heartbeat())
    alive.push_back({"actors", health_state::dead, "no actor answers: " + failed->message});
  to.publish("health", "health", health_document(alive, from_.readiness()));
  to.publish("topology", "topology", to_json(folded(topology_of(node_.system()))));
  for (const auto& [name, metric] : metric_documents(from_.metrics())) to.publish("metric " + name, "metric", metric);
  to.publish("tick", "tick", document({{"at", in_ms(system_clock().now())}}));
}

}  // namespace banyan
