// A program whose operations page the browser test looks at. BANYAN_PAGE_APPLICATION says which:
//
//   whole   links whose breakers change on command, a subscription and a view that fail until they are mended, an actor
//           that can be crashed, and a link whose names and sentences are markup
//   sagas   sagas whose undo action is refused until it is mended
//   many    200 services in layers, with three links each
//   empty   a service without patterns
//
// Commands of the tests: POST /test/links/{service}/{to}/{state}, /test/mend, /test/crash.
#include <banyan/actor/actor.hpp>
#include <banyan/actor/system.hpp>
#include <banyan/assembly/assembly.hpp>
#include <banyan/core/json.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/runtime/run.hpp>
#include <banyan/saga/saga.hpp>
#include <banyan/service/handles.hpp>

#include <services/catalog/events.hpp>
#include <services/catalog/service.hpp>

#include <boost/json.hpp>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <variant>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

std::atomic<bool> mended{false};

// --- a link that tells of itself as links do, and does what a test says
// ----------------------------------------------------

struct told_link_spec {
  std::string from, to;
  int calls_per_second = 0;
};

class told_link {
 public:
  explicit told_link(const told_link_spec& spec) : spec_{spec} {}
  void fall_into(const std::string& state) {
    const std::lock_guard guard{lock_};
    if (state == "open" && state_ != "open") ++trips_;
    state_ = state;
  }
  void force(const std::string& override_) {
    const std::lock_guard guard{lock_};
    override_is_ = override_ == "auto" ? std::string{} : override_;
  }
  std::string json() const {
    const std::lock_guard guard{lock_};
    const auto state = override_is_.empty() ? state_ : override_is_;
    const auto passed = std::chrono::duration<double>(system_clock().steady() - began_).count();
    const auto started = static_cast<std::int64_t>(passed * spec_.calls_per_second);
    const bool fails = state != "closed" && state != "forced_closed";
    return boost::json::serialize(boost::json::object{{"link", spec_.from + " -> " + spec_.to},
                                                      {"to", spec_.to},
                                                      {"chain",
                                                       {"deadline 3s", "at most 64 at a time, 128 waiting",
                                                        "breaker: 50 % of 100 calls", "retry: 3 attempts within 20 %"}},
                                                      {"breaker",
                                                       {{"state", state},
                                                        {"failure_rate", fails ? 0.62 : 0.004},
                                                        {"slow_rate", 0.01},
                                                        {"calls", 100},
                                                        {"retry_after_ms", state == "open" ? 1400 : 0},
                                                        {"refused", trips_ * 12},
                                                        {"trips", trips_}}},
                                                      {"endpoints", boost::json::array{{{"name", spec_.to + "-a"},
                                                                                        {"address", "127.0.0.1:9001"},
                                                                                        {"state", state},
                                                                                        {"ejected", false},
                                                                                        {"latency_ms", 12.4},
                                                                                        {"in_flight", 2}},
                                                                                       {{"name", spec_.to + "-b"},
                                                                                        {"address", "127.0.0.1:9002"},
                                                                                        {"state", "closed"},
                                                                                        {"ejected", fails},
                                                                                        {"latency_ms", 310.0},
                                                                                        {"in_flight", 0}}}},
                                                      {"calls",
                                                       {{"started", started},
                                                        {"succeeded", started},
                                                        {"failed", trips_ * 20},
                                                        {"refused", trips_ * 12},
                                                        {"retried", 3},
                                                        {"hedged", 1},
                                                        {"in_flight", 2},
                                                        {"waiting", 0}}}});
  }

 private:
  const told_link_spec& spec_;
  const monotonic began_ = system_clock().steady();
  mutable std::mutex lock_;
  std::string state_ = "closed", override_is_;
  int trips_ = 0;
};

result<void> install(const told_link_spec& spec, assembly& a) {
  auto link = std::make_shared<told_link>(spec);
  a.inspect("link." + spec.from + "." + spec.to, [link] { return link->json(); });
  const auto on = [&](const std::string& path, void (told_link::*act)(const std::string&)) {
    a.command({.method = "POST",
               .path = path + "/{state}",
               .run = [link, act, changes = a.changes()](const operator_request& r, completion<std::string> answer) {
                 ((*link).*act)(r.capture("state"));
                 changes->notify();
                 answer("{}");
               }});
  };
  // Names of a path's segments are plain: the link of markup has no commands.
  if (spec.to.find('<') != spec.to.npos) return {};
  on("/links/" + spec.from + "/" + spec.to + "/breaker", &told_link::force);
  on("/test/links/" + spec.from + "/" + spec.to, &told_link::fall_into);
  return {};
}

void tell_of_link(plan& p, const std::string& to, int calls_per_second) {
  auto spec = p.add<told_link_spec>("told_link", "to_" + std::to_string(p.items().size()), phase::outbound);
  *spec = {p.service(), to, calls_per_second};
  spec.option("calls_per_second", spec->calls_per_second, 0).installed_by(&install);
}

struct told_links {
  std::vector<std::pair<std::string, int>> to;
  void contribute(plan& p) const {
    for (const auto& [name, rate] : to) tell_of_link(p, name, rate);
  }
};

// --- what can be crashed and mended
// ------------------------------------------------------------------------------------

struct fragile_spec {};
struct crash_now {};

class fragile final : public actor {
 public:
  behavior make_behavior() override {
    return behavior{}.on<crash_now>([](const crash_now&) { throw std::runtime_error{"the card reader <b>burns</b>"}; });
  }
};

result<void> install(const fragile_spec&, assembly& a) {
  auto it = a.add({.name = "card_reader", .make = [] { return std::make_unique<fragile>(); }});
  a.command({.method = "POST",
             .path = "/test/crash",
             .run = [it, &system = a.system()](const operator_request&, completion<std::string> answer) {
               system.send(it->now(), crash_now{});
               answer("{}");
             }});
  a.command(
      {.method = "POST", .path = "/test/mend", .run = [](const operator_request&, completion<std::string> answer) {
         mended = true;
         answer("{}");
       }});
  return {};
}

struct fragile_part {
  void contribute(plan& p) const {
    p.add<fragile_spec>("fragile", "card_reader", phase::background).installed_by(&install);
  }
};

task<result<done>> send_mail(context<>, const shop::catalog::product_put& e) {
  if (mended || e.sku.starts_with("GOOD")) co_return done{};
  co_return error{code::unavailable, "the mail server of <script>alert(1)</script> is away"};
}

struct label {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(label, (), (name))
struct get_label {
  using reply = label;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(get_label, (), (sku))

struct shelf_labels {
  using queries = std::variant<get_label>;
  using events = std::variant<shop::catalog::product_put>;
  static void create(view_writer& v) { v.run("CREATE TABLE labels (sku TEXT PRIMARY KEY, name TEXT)"); }
  static void apply(view_writer& v, const events& e, const recorded_event&) {
    const auto& put = std::get<shop::catalog::product_put>(e);
    if (!mended && put.sku.starts_with("UNREADABLE")) throw std::runtime_error{"no label is wide enough"};
    v.run("INSERT OR REPLACE INTO labels VALUES (?, ?)", put.sku, put.name);
  }
  static result<label> answer(view_reader&, const get_label& q) {
    return error{code::not_found, "no label of " + q.sku};
  }
};

// --- the applications
// --------------------------------------------------------------------------------------------------

struct payments_api {
  static constexpr std::string_view name = "payments";
  using operations = banyan::operations<>;
};
struct orders_api {
  static constexpr std::string_view name = "orders";
  using operations = banyan::operations<>;
};
struct notifications_api {
  static constexpr std::string_view name = "notifications";
  using operations = banyan::operations<op<get_label, idempotent::always>>;
};
struct gateway_api {
  static constexpr std::string_view name = "gateway";
  using operations = banyan::operations<>;
};

application whole() {
  return {"workshop",
          {service<gateway_api>(told_links{{{"orders", 42}, {"catalog", 310}}}),
           service<orders_api>(told_links{{{"payments", 24}, {"catalog", 77}, {"notifications", 3}}}),
           service<payments_api>(told_links{{{"acquirer", 24}, {"<script>alert(1)</script>", 1}}}, fragile_part{}),
           shop::catalog::describe(),
           service<notifications_api>(
               subscribes<send_mail>{
                   .topic = "catalog.product_put", .group = "mail", .from = from_start, .max_attempts = 1},
               projection<shelf_labels>{.of = "catalog"}, query_side<shelf_labels>{.replicas = 1})}};
}

// --- sagas

struct on_shelf {
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(on_shelf, (), (sku))
struct put_on_shelf {
  using reply = on_shelf;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(put_on_shelf, (), (sku))
struct take_off_shelf {
  using reply = on_shelf;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(take_off_shelf, (), (sku))
struct shelves_api {
  static constexpr std::string_view name = "shelves";
  using operations =
      banyan::operations<op<put_on_shelf, idempotent::by_key>, op<take_off_shelf, idempotent::by_key>>;
};
task<result<on_shelf>> do_put(context<>, const put_on_shelf& r) {
  on_shelf done{r.sku};
  co_return done;
}
task<result<on_shelf>> do_take_off(context<>, const take_off_shelf& r) {
  if (!mended) co_return error{code::refused, "the shelf is <b>locked</b>"}.because("locked");
  on_shelf done{r.sku};
  co_return done;
}
durable<result<on_shelf>> show_in_shop(saga_context<shelves_api> ctx, const shop::catalog::product_put& e) {
  ctx.status("on the shelf");
  auto put = co_await ctx.ask<shelves_api, put_on_shelf>(e.sku).undone_by<shelves_api, take_off_shelf>(e.sku);
  if (!put) co_return put.error();
  auto sold = co_await ctx.event<on_shelf>("sold");
  if (!sold) co_return sold.error();
  co_return sold;
}
std::string product_of(const shop::catalog::product_put& e) { return e.sku; }

application sagas() {
  return {"warehouse",
          {shop::catalog::describe(),
           service<shelves_api>(handles<do_put>{.workers = 1}, handles<do_take_off>{.workers = 1}, fragile_part{},
                                saga<show_in_shop>{.name = "shelves.show",
                                                   .starts_on = "catalog.product_put",
                                                   .id = product_of,
                                                   .category = "shows",
                                                   .shards = 4,
                                                   .from = from_start})}};
}

application many() {
  application app{"town", {}};
  for (int i = 0; i < 200; ++i) {
    plan p{"service_" + std::to_string(i)};
    if (i >= 20)
      for (int k = 1; k <= 3; ++k) tell_of_link(p, "service_" + std::to_string((i * 7 + k * 13) % (i / 20 * 20)), i);
    app.services.push_back(std::move(p));
  }
  return app;
}

application empty() { return {"void", {service<gateway_api>()}}; }

}  // namespace

int main(int argc, char** argv) {
  const char* which = std::getenv("BANYAN_PAGE_APPLICATION");
  const std::string name = which ? which : "whole";
  return run(argc, argv, name == "many" ? many() : name == "sagas" ? sagas() : name == "empty" ? empty() : whole());
}
