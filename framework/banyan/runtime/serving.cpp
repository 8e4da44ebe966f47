#include <banyan/runtime/serving.hpp>

#include <banyan/http/authority.hpp>
#include <banyan/http/host_rules.hpp>
#include <banyan/plan/nearest.hpp>
#include <banyan/runtime/actor_log.hpp>
#include <banyan/runtime/otlp_settings.hpp>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <optional>
#include <thread>

namespace banyan {

namespace {

constexpr std::chrono::seconds longest_export{2};  // of what waits when the node stops

using handler = std::function<void(http_request, completion<http_response>)>;

// `where` was validated when it was set.
listen_address address_in(const std::string& where) {
  auto at = parse_listen_address(where);
  return at ? *at : listen_address{};
}

http_server_options listening_on(const std::string& where, const node_settings& settings) {
  const auto at = address_in(where);
  http_server_options o;
  o.address = at.host;
  o.port = at.port;
  o.allow_plaintext_elsewhere = settings.plaintext;
  if (auto hosts = parse_hosts(settings.allowed_hosts)) o.allowed_hosts = std::move(*hosts);  // validated likewise
  return o;
}

// The settings of TLS of one of the two ports; their names begin with `prefix`.
struct port_tls {
  std::string prefix;
  const std::string &certificate, &key, &client_authority, &clients;

  bool is_on() const { return !certificate.empty() || !key.empty(); }
  std::optional<tls_server_options> options() const {
    if (!is_on()) return {};
    return tls_server_options{.certificate = certificate,
                              .key = key,
                              .client_authority = client_authority,
                              .clients = clients == "required" ? client_certificates::required
                                         : clients == "wanted" ? client_certificates::wanted
                                                               : client_certificates::off};
  }
};
port_tls edge_tls(const node_settings& s) {
  return {"tls_", s.tls_certificate, s.tls_key, s.tls_client_authority, s.tls_client_certificates};
}
port_tls operations_tls(const node_settings& s) {
  return {"admin_tls_", s.admin_tls_certificate, s.admin_tls_key, s.admin_tls_client_authority,
          s.admin_tls_client_certificates};
}

http_server_options edge_listening(const node_settings& settings) {
  auto o = listening_on(settings.listen, settings);
  o.tls = edge_tls(settings).options();
  o.io_threads = settings.io_threads > 0 ? static_cast<unsigned>(settings.io_threads)
                                         : std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
  o.busy_poll = settings.io_busy_poll;
  if (settings.max_connections > 0) o.max_connections = static_cast<std::size_t>(settings.max_connections);
  o.max_buffered_bytes = static_cast<std::size_t>(settings.max_buffered_bytes);
  return o;
}

// The operations port allows few connections, but reserves descriptors for them, for when the edge has used up the
// rest.
http_server_options operations_listening(const node_settings& settings) {
  auto o = listening_on(settings.admin, settings);
  o.tls = operations_tls(settings).options();
  o.max_connections = 64;
  o.reserved_descriptors = 9;
  o.methods = admin::methods;
  o.limits.body_bytes = 64 * 1024;
  return o;
}

std::function<void(std::string_view, std::uint64_t)> into(logger log, std::string port) {
  return [log = std::move(log), port = std::move(port)](std::string_view what, std::uint64_t times) {
    log.warning(what, {{"port", port}, {"times", static_cast<std::int64_t>(times)}});
  };
}

// False: connections were cut.
bool drain(http_server& server, timespan limit) {
  auto drained = std::make_shared<std::promise<bool>>();
  auto wait = drained->get_future();
  server.drain(system_clock().steady() + limit.count(),
               completion<void>{[drained](result<void> r) { drained->set_value(r.has_value()); }});
  return wait.wait_for(limit.count() + std::chrono::seconds{1}) == std::future_status::ready && wait.get();
}

std::string url_of(const std::string& where, std::uint16_t port, bool https) {
  return (https ? "https://" : "http://") + to_authority(address_in(where).host, port);
}

edge_options edge_options_of(const application& app, const node_settings& settings) {
  return {.title = app.name,
          .deadline = settings.request_deadline,
          .rules = {parse_origins(settings.allowed_origins).value()},
          .max_per_service = settings.max_per_service,
          .max_waiting = settings.max_waiting};
}

}  // namespace

result<std::unique_ptr<serving>> serving::start(const application& app, const node_settings& settings,
                                                read_configuration read) {
  std::unique_ptr<serving> made{new serving{app, settings, std::move(read)}};
  if (auto opened = made->open(); !opened) return opened.error();
  return made;
}

result<done> serving::open() {
  auto engines = banyan::open(settings_.journal, settings_.data);
  if (!engines) return engines.error();
  engines_ = std::move(*engines);
  log_.info("journal opened", {{"journal", settings_.journal}, {"incarnation", engines_.info.incarnation}, {"head", engines_.info.head}});
  system_ = std::make_unique<actor_system>(
      actor_system_options{.threads = static_cast<std::size_t>(settings_.threads), .observer = log_actor_event});
  const char* last_end = std::getenv("BANYAN_LAST_END");
  auto started = node::start(app_, *system_,
                             {.ports = engines_.ports,
                              .history = engines_.info.history,
                              .only = services_in(settings_.only),
                              .last_end = last_end ? last_end : "",
                              .max_lag = settings_.max_lag});
  if (!started) return started.error();
  node_ = std::move(*started);
  start_export();
  edge_ = std::make_unique<edge>(app_, *node_, edge_options_of(app_, settings_));
  if (read_) reload_ = std::make_unique<configuration_reload>(app_, settings_, *node_, read_);
  operations_ = std::make_unique<admin>(app_, settings_, *node_, admin::heartbeat_limit, reload_.get());

  auto options = operations_listening(settings_);
  options.report = into(log_, "operations");
  options.by_head = [o = operations_.get()](const http_request& head) { return o->answer_by_head(head); };
  auto server = http_server::start(std::move(options), [o = operations_.get()](const http_request& r, completion<http_response> done) {
    o->handle(r, std::move(done));
  });
  if (!server) return server.error();
  operations_server_ = std::move(*server);

  options = edge_listening(settings_);
  options.without_slot = [e = edge_.get()](const http_request& r) { return e->answers_at_once(r); };
  options.by_head = [e = edge_.get()](const http_request& head) { return e->answer_by_head(head); };
  options.report = into(log_, "edge");
  server = http_server::start(std::move(options), [e = edge_.get()](http_request r, completion<http_response> done) {
    e->handle(std::move(r), std::move(done));
  });
  if (!server) return server.error();
  edge_server_ = std::move(*server);
  operations_->edge_open(*edge_server_);
  return done{};
}

// A node serves also when it can not export.
void serving::start_export() {
  if (!exports_otlp(settings_)) return;
  const auto instance = uuid_v7(system_clock().now(), system_random());
  auto started =
      otlp_exporter::start(system_->tracer(), node_->metrics(), otlp_options_of(settings_, app_.name, instance));
  if (!started) {
    log_.error("traces and metrics are not exported",
               {{"endpoint", settings_.otlp_endpoint}, {"cause", started.error()}});
    return;
  }
  exporter_ = std::move(*started);
  log_.info("traces and metrics are exported", {{"endpoint", settings_.otlp_endpoint}});
}

// Destroys callers before callees: the servers' threads, their handlers, the actors, what actors refer to.
serving::~serving() {
  exporter_.reset();
  if (operations_) operations_->edge_closed();
  edge_server_.reset();
  operations_server_.reset();
  operations_.reset();
  reload_.reset();
  system_.reset();
}

std::string serving::url() const { return url_of(settings_.listen, edge_server_->port(), edge_tls(settings_).is_on()); }
std::string serving::operations_url() const {
  return url_of(settings_.admin, operations_server_->port(), operations_tls(settings_).is_on());
}

bool serving::is_dead() const {
  const auto lines = node_->liveness();
  return std::any_of(lines.begin(), lines.end(), [](const health_line& l) { return l.state == health_state::dead; });
}

std::optional<reload_report> serving::reload() {
  return reload_ ? std::optional{reload_->run()} : std::nullopt;
}

bool serving::stop() {
  operations_->edge_draining();
  std::this_thread::sleep_for(settings_.drain_lead.count());
  const bool drained = drain(*edge_server_, settings_.drain_timeout);
  log_.log(drained ? log_level::info : log_level::warning, drained ? "drain ended" : "drain ended: requests under way were cut");
  operations_->edge_closed();
  edge_server_.reset();
  drain(*operations_server_, std::chrono::milliseconds{200});
  operations_server_.reset();
  operations_.reset();
  reload_.reset();
  const auto in_time = system_->shutdown(settings_.drain_timeout);
  if (!in_time) log_.warning("some actors did not stop in time; what they had acknowledged is stored");
  if (exporter_ && !exporter_->flush(longest_export))
    log_.warning("the last traces or metrics were not exported in time");
  exporter_.reset();
  return drained && in_time;
}

namespace {

// What is wrong with one port; `address` is its setting.
void check_port(const std::string& address, const http_server_options& options, const port_tls& tls,
                std::vector<problem>& found) {
  if (const auto checked = http_server::check(options); !checked) {
    const auto& why = checked.error();
    if (why.reason == "plaintext")
      found.push_back({address, "'" + options.address +
                                    "' can be reached from other machines and there is no TLS: set plaintext = true to "
                                    "listen on it, set " + tls.prefix + "certificate and " + tls.prefix +
                                    "key, or listen on 127.0.0.1"});
    else
      found.push_back({why.field.starts_with("tls.") ? tls.prefix + why.field.substr(4) : address, why.message});
  }
  if (!tls.is_on() && (!tls.client_authority.empty() || tls.clients != "off"))
    found.push_back({tls.prefix + "certificate",
                     "certificates of clients are asked for by TLS only: set it and " + tls.prefix + "key"});
}

// Whether one of them would occupy the other's address.
bool collide(const http_server_options& a, const http_server_options& b) {
  const auto number = [](const std::string& host) { return host == "localhost" ? std::string{"127.0.0.1"} : host; };
  const auto is_any = [](const std::string& host) { return host == "0.0.0.0" || host == "::"; };
  const auto x = number(a.address), y = number(b.address);
  return a.port != 0 && a.port == b.port && (x == y || is_any(x) || is_any(y));
}

}  // namespace

std::vector<problem> check_services(const application& app, const node_settings& settings) {
  std::vector<problem> found;
  std::vector<std::string> names;
  for (const auto& service : app.services) names.push_back(service.service());
  for (const auto& name : services_in(settings.only)) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const auto meant = nearest(name, names);
    std::string all;
    for (const auto& n : names) all += (all.empty() ? "" : ", ") + n;
    found.push_back({"only", "there is no service \"" + name + "\"; " +
                                 (meant.empty() ? "the services are " + all : "did you mean \"" + meant + "\"?")});
  }
  return found;
}

std::vector<problem> check_listening(const node_settings& settings) {
  std::vector<problem> found;
  const auto services = edge_listening(settings), operations = operations_listening(settings);
  check_port("listen", services, edge_tls(settings), found);
  check_port("admin", operations, operations_tls(settings), found);
  if (collide(services, operations)) {
    const auto origin = settings.origins.find("listen");
    found.push_back({"admin", "has the same port as listen = \"" + settings.listen + "\"" +
                                  (origin == settings.origins.end() ? std::string{} : " (" + origin->second + ")") +
                                  ": the operations API needs one of its own"});
  }
  return found;
}

}  // namespace banyan
