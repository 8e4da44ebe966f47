// /healthz and /readyz of a running node, over a real socket: what they say when something is wrong.
#include <tests/framework/runtime/node_access.hpp>
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/runtime/running_node.hpp>
#include <tests/framework/runtime/the_catalog.hpp>

#include <banyan/actor/control.hpp>
#include <banyan/core/json.hpp>
#include <banyan/cqrs/view_store_decorator.hpp>
#include <banyan/engines/sqlite/journal.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/supervision/supervised.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <filesystem>
#include <future>
#include <map>
#include <stdexcept>
#include <thread>

using namespace banyan;
using banyan::test::the_catalog;
using banyan::test::lantern;
using namespace std::chrono_literals;

namespace {

bool says(const http_response& r, const std::string& part) { return r.body.find(part) != std::string::npos; }

// Looks until it is as expected, which takes as long as other threads take: a minute at most. The last look.
template <class Look, class Expected>
auto look_until(const Look& look, const Expected& is_expected) {
  const auto until = system_clock().steady() + 1min;
  for (;;) {
    auto seen = look();
    if (is_expected(seen) || system_clock().steady() > until) return seen;
    std::this_thread::yield();
  }
}
http_response eventually(test::running_node& n, const std::string& target, int status) {
  return look_until([&] { return n.operations(target); }, [&](const http_response& r) { return r.status == status; });
}

// A journal whose file has been damaged behind its back.
class damaged_journal final : public journal {
 public:
  explicit damaged_journal(std::optional<std::string> only_warns = {}) : only_warns_{std::move(only_warns)} {}
  void append(append_request, completion<append_result> done) override { done(damage()); }
  void load(load_request, completion<loaded_stream> done) override { done(damage()); }
  void read_stream(read_stream_request, completion<std::vector<recorded_event>> done) override { done(damage()); }
  void read_all(read_all_request, completion<read_page> done) override { done(damage()); }
  void save_snapshot(snapshot, completion<bool> done) override { done(false); }
  void list_streams(std::string p, std::string a, std::size_t n, completion<std::vector<stream_info>> done) override {
    inner_.list_streams(std::move(p), std::move(a), n, std::move(done));
  }
  void info(completion<journal_info> done) override { inner_.info(std::move(done)); }
  void seal(partition, fence, completion<sealed> done) override { done(damage()); }
  void read_token(partition, std::string, completion<std::int64_t> done) override { done(damage()); }
  void declare(std::string, std::string, completion<bool> done) override { done(damage()); }
  void forget_commands(forget_request, completion<forgotten> done) override { done(damage()); }
  std::unique_ptr<watch> on_commit(std::function<void(position)> notify) override { return inner_.on_commit(std::move(notify)); }
  journal_status status() const override {
    journal_status s;
    if (only_warns_) s.warning = *only_warns_;
    else s.trouble = damage();
    return s;
  }

 private:
  static error damage() { return {code::corrupt, "database disk image is malformed"}; }
  const std::optional<std::string> only_warns_;
  memory_journal inner_;
};

struct exploded {
  bool loudly = true;
};
BOOST_DESCRIBE_STRUCT(exploded, (), (loudly))
struct explode {
  using reply = exploded;
};
BOOST_DESCRIBE_STRUCT(explode, (), ())
struct fragile_api {
  static constexpr std::string_view name = "fragile";
  using operations = banyan::operations<op<explode>>;
};
result<exploded> explode_now(context<>, const explode&) { throw std::runtime_error{"no luck"}; }  // ends its request only

application fragile(supervised how) {
  return {"fragile",
          {service<fragile_api>(handles<explode_now>{}, http_routes{.routes = std::vector{command<explode>("POST /explode")}}, how)}};
}

// Crashes one of the actors that answer it.
void crash_a_part(test::running_node& n) {
  const auto l = make_message<explode>();
  post_work(n.node->directory().find(type_of<explode>())->for_message(*l), [](actor_host&) { throw std::runtime_error{"no luck"}; });
}

}  // namespace

TEST_CASE("a node that works is alive, and ready once its views are") {
  test::running_node n{the_catalog()};
  auto alive = n.operations("/healthz");
  CHECK(alive.status == 200);
  CHECK(alive.body == R"({"status":"alive","checks":[]})");
  auto ready = eventually(n, "/readyz", 200);
  CHECK(ready.status == 200);
  CHECK(says(ready, R"({"name":"journal","state":"ready","sentence":"writable"})"));
  n.operations().edge_draining();
  auto draining = n.operations("/readyz");
  CHECK(draining.status == 503);
  CHECK(says(draining, R"({"name":"edge","state":"waiting","sentence":"draining"})"));
  CHECK(n.operations("/healthz").status == 200);
}

TEST_CASE("when the actors make no progress the node is dead, until they do") {
  test::running_node n{the_catalog(), {.threads = 1, .heartbeat_within = 500ms}};
  std::promise<void> blocked, go;
  auto gate = go.get_future().share();
  struct block {};
  struct blocking : actor {
    blocking(std::promise<void>* b, std::shared_future<void> g) : blocked{b}, gate{std::move(g)} {}
    behavior make_behavior() override {
      return behavior{}.on<block>([this](const block&) {
        blocked->set_value();
        gate.wait();
      });
    }
    std::promise<void>* blocked;
    std::shared_future<void> gate;
  };
  n.system.send(n.system.spawn([&] { return std::make_unique<blocking>(&blocked, gate); }), block{});
  blocked.get_future().wait();
  auto dead = n.operations("/healthz");
  go.set_value();
  CHECK(dead.status == 503);
  CHECK(says(dead, R"("status":"dead")"));
  CHECK(says(dead, R"("name":"actors","state":"dead","sentence":"no actor answered within 500ms)"));
  CHECK(eventually(n, "/healthz", 200).status == 200);
}

TEST_CASE("a full disk degrades the node and says so, until an append could be stored") {
  test::running_node n{the_catalog()};
  n.journal.fail_syncs(1);
  n.send("PUT", "/products/A1", lantern);
  auto full = eventually(n, "/readyz", 200);
  CHECK(full.status == 200);  // it still answers queries, and only an append can find out that there is room again
  CHECK(says(full, R"("status":"degraded")"));
  CHECK(says(full, R"({"name":"journal","state":"degraded","sentence":"commands are refused, as nothing can be stored now; what is stored can )"
                   R"(be read, and it is tried again: the journal's disk is full"})"));
  CHECK(n.operations("/healthz").status == 200);
  CHECK(n.send("PUT", "/products/A1", lantern).status == 200);
  CHECK(says(eventually(n, "/readyz", 200), R"({"name":"journal","state":"ready")"));
}

TEST_CASE("an event that can not be read degrades the node; who asks for its entity is told where to look, and the log has the cause") {
  test::captured_log log{log_level::warning};
  test::running_node n{the_catalog()};
  append_request r;
  r.writes.push_back({"catalog-T1", expected::any(), {{uuid_from_name("test", "damaged"), "catalog.product_put", 1, "{}", {}}}});
  n.journal.append(std::move(r), [](result<append_result> ok) { REQUIRE(ok); });
  CHECK_FALSE(says(n.operations("/readyz"), R"("name":"entities")"));  // nobody has asked for it
  for (int i = 0; i < 2; ++i) {
    const auto refused = n.send("PUT", "/products/T1", lantern);
    CHECK(refused.status == 500);
    CHECK(says(refused, R"("code":"corrupt")"));
    CHECK(says(refused, "see the log under trace " + std::string{refused.headers.get("traceparent")}.substr(3, 32)));
    for (auto* internal : {"decode", "catalog-T1", "position", "version"}) CHECK_FALSE(says(refused, internal));
  }
  CHECK(log.has("stream=catalog-T1 cause=\"corrupt: event catalog.product_put does not decode"));
  const auto ready = eventually(n, "/readyz", 200);
  CHECK(ready.status == 200);
  CHECK(says(ready, R"({"name":"entities","state":"degraded","sentence":"1 stream can not be read, commands for it are )"
                    R"(refused: catalog-T1 (corrupt: event catalog.product_put does not decode: )"));
  CHECK(n.send("PUT", "/products/A1", lantern).status == 200);
}

TEST_CASE("what an operator should mend is told, although the journal can be written") {
  damaged_journal journal{"it has another name"};
  test::running_node n{the_catalog(), {.journal = &journal}};
  CHECK(says(n.operations("/readyz"), R"({"name":"journal","state":"degraded","sentence":"writable, but it has another name"})"));
  CHECK(n.operations("/healthz").status == 200);
}

TEST_CASE("a damaged journal does not mend by itself: the node is dead") {
  damaged_journal journal;
  test::running_node n{the_catalog(), {.journal = &journal}};
  for (auto* page : {"/healthz", "/readyz"}) {
    auto dead = n.operations(page);
    CHECK(dead.status == 503);
    CHECK(says(dead, R"({"name":"journal","state":"dead","sentence":"database disk image is malformed"})"));
  }
  // Commands are told, views stand still, and nobody crashes over it again and again.
  for (int i = 0; i < 20; ++i) {
    const auto refused = n.send("PUT", "/products/A1", lantern);
    CHECK(says(refused, R"("code":"corrupt")"));
    CHECK_FALSE(says(refused, "database disk image is malformed"));
  }
  (void)eventually(n, "/readyz", 503);
  const auto still = look_until([&] { return n.operations("/readyz"); },
                                [](const http_response& r) { return says(r, "stands still: corrupt"); });
  CHECK(says(still, R"("state":"waiting","sentence":"stands still: corrupt)"));
  CHECK(n.operations("/metrics").body.find("\nbanyan_actor_crashes_total 0\n") != std::string::npos);
}

namespace {

// What a view's store says of itself, as a test wants it.
class talking_store final : public view_store_decorator {
 public:
  talking_store(std::unique_ptr<view_store> inner, std::shared_ptr<view_store_status> says)
      : view_store_decorator{std::move(inner)}, says_{std::move(says)} {}
  view_store_status status() const override { return *says_; }

 private:
  std::shared_ptr<view_store_status> says_;
};

}  // namespace

TEST_CASE("a view that does not answer or is damaged is not ready, one that is overloaded is degraded") {
  const auto app = the_catalog();
  memory_journal journal;
  memory_view_disk disk;
  auto says_of_view = std::make_shared<view_store_status>();
  actor_system system{{.threads = 1}};
  auto n = node::start(app, system,
                       test::standing_on(journal, journal.history(),
                                         [&](const view_options& v) -> result<std::unique_ptr<view_store>> {
                                           return std::make_unique<talking_store>(
                                               open_memory_view_store(disk, v).value(), says_of_view);
                                         }))
               .value();
  const auto view_line = [&] {
    for (auto& l : n->readiness())
      if (l.name.starts_with("projection ")) return l;
    return health_line{};
  };
  const auto caught_up = look_until(view_line, [](const health_line& l) { return l.state == health_state::ready; });
  CHECK(caught_up.state == health_state::ready);
  *says_of_view = {.waiting = 5, .longest_wait = 1500ms};
  CHECK(view_line().state == health_state::degraded);
  CHECK(view_line().sentence == "the view is overloaded: reads wait for 1.5s");
  *says_of_view = {.waiting = 5, .longest_wait = 4s, .silent = 4s};
  CHECK(view_line().state == health_state::waiting);
  CHECK(view_line().sentence == "the view has answered nothing for 4s, and 5 reads wait");
  *says_of_view = {.trouble = error{code::corrupt, "the file v.db is damaged"}};
  CHECK(view_line().state == health_state::waiting);
  CHECK(view_line().sentence == "the file v.db is damaged");
  n->system().shutdown();
}

namespace {

// A store that nobody can write to for a while: its disk is full, or another process holds its lock.
class locked_store final : public view_store_decorator {
 public:
  locked_store(std::unique_ptr<view_store> inner, const std::atomic<bool>& is_locked)
      : view_store_decorator{std::move(inner)}, is_locked_{is_locked} {}
  void write(std::function<void(view_writer&)> body, position checkpoint, completion<position> done) override {
    if (is_locked_) return done(error{code::unavailable, "database is locked"});
    inner()->write(std::move(body), checkpoint, std::move(done));
  }

 private:
  const std::atomic<bool>& is_locked_;
};

void append_a_product(journal& to) {
  append_request r;
  r.writes.push_back({"products-a", expected::any(), {{uuid_v7(system_clock().now(), system_random()), "nobody.folds_this", 1, "{}", {}}}});
  to.append(std::move(r), [](result<append_result> stored) { (void)stored.value(); });
}

}  // namespace

TEST_CASE("a view that can not be written is not ready and says why, with its true lag, until it can") {
  const auto app = the_catalog();
  memory_journal journal;
  memory_view_disk disk;
  std::atomic<bool> is_locked = false;
  actor_system system{{.threads = 1}};
  auto n = node::start(app, system, test::standing_on(journal, journal.history(), [&](const view_options& v) -> result<std::unique_ptr<view_store>> {
                                       return std::make_unique<locked_store>(open_memory_view_store(disk, v).value(), is_locked);
                                     }))
               .value();
  const auto view_line = [&] {
    for (auto& l : n->readiness())
      if (l.name.starts_with("projection ")) return l;
    return health_line{};
  };
  const auto lag_becomes = [&](int events) {
    const auto line = "\nbanyan_projection_lag_events{view=\"" + std::string{"product_search"} + "\"} " + std::to_string(events) + "\n";
    return look_until([&] { return n->metrics().text().find(line) != std::string::npos; }, [](bool is_there) { return is_there; });
  };
  const auto is_ready = [](const health_line& l) { return l.state == health_state::ready && l.sentence == "up to date"; };
  CHECK(is_ready(look_until(view_line, is_ready)));
  is_locked = true;
  for (int i = 0; i < 3; ++i) append_a_product(journal);
  const auto waits = look_until(view_line, [](const health_line& l) { return l.state == health_state::waiting; });
  CHECK(waits.state == health_state::waiting);
  CHECK(waits.sentence == "stands still: unavailable: database is locked");
  CHECK(lag_becomes(3));
  is_locked = false;
  CHECK(is_ready(look_until(view_line, is_ready)));
  CHECK(lag_becomes(0));
  n->system().shutdown();
}

TEST_CASE("a clock that is behind what is recorded degrades the node") {
  class earlier final : public clock {
   public:
    instant now() const override { return system_clock().now() - std::chrono::hours{hours_back.load()}; }
    monotonic steady() const override { return system_clock().steady(); }
    std::atomic<int> hours_back{0};
  } time;
  const auto file = std::filesystem::temp_directory_path() / ("banyan-clock-" + to_string(uuid_v7(system_clock().now(), system_random())));
  {
    auto journal = open_sqlite_journal({.path = file.string(), .clock = &time}).value();
    test::running_node n{the_catalog(), {.journal = journal.get()}};
    CHECK(n.send("PUT", "/products/A1", lantern).status == 200);
    CHECK_FALSE(says(n.operations("/readyz"), R"("name":"clock")"));
    time.hours_back = 3;
    CHECK(says(n.operations("/readyz"), R"({"name":"clock","state":"degraded","sentence":"the last event was recorded at a time that is 3h ahead )"));
    CHECK(n.operations("/healthz").status == 200);
  }
  for (const auto* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(file.string() + suffix);
}

TEST_CASE("a service whose parts fail too often gives up, and the node is dead") {
  test::captured_log log{log_level::error};
  auto app = fragile({.backoff = no_backoff, .limit = intensity{.restarts = 0, .within = 10s}});
  test::running_node n{app};
  CHECK(n.send("POST", "/explode", "{}").status == 500);
  CHECK(n.send("POST", "/explode", "{}").status == 500);
  CHECK(n.operations("/healthz").status == 200);
  crash_a_part(n);
  auto dead = eventually(n, "/healthz", 503);
  CHECK(dead.status == 503);
  CHECK(says(dead, R"({"name":"service fragile","state":"dead","sentence":"its parts failed too often: internal: no luck)"));
  CHECK(log.has("fragile: service gave up: its parts failed too often cause=\"internal: no luck"));
}

TEST_CASE("a service that is restarted with back-off stays alive, and each crash is in the log with its cause") {
  test::captured_log log{log_level::error};
  auto app = fragile({});
  test::running_node n{app};
  crash_a_part(n);
  CHECK(log.comes("actors: actor crashed actor=handles.explode."));  // counted before it is told
  CHECK(says(n.operations("/metrics"), "\nbanyan_actor_crashes_total 1\n"));
  CHECK(n.operations("/healthz").status == 200);
  CHECK(log.has("cause=\"internal: no luck\""));
}

TEST_CASE("a part that does not end in its time is left behind, and the log says so") {
  test::captured_log log{log_level::warning};
  auto app = fragile({.strategy = restart::one_for_all, .shutdown = abandon_at_once});
  test::running_node n{app};
  crash_a_part(n);
  CHECK(log.comes("fragile: a part did not end in its time and is left behind part=handles.explode."));
}
