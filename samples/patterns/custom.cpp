// A pattern of one's own, outside the framework: `nightly` runs a job again and again. It has an option, two supervised
// actors, an operation that it answers, a metric, an inspection, a rule for `check` and a word of the command line, as
// the framework's own patterns have.
//
//   custom describe                        its options, and what it answers
//   custom check --set housekeeping.nightly.cleanup.every=0s
//   custom serve --port 8080               curl http://127.0.0.1:8080/runs/cleanup
//   custom nightly run cleanup --token ... runs it now, on the running node
//   custom simulate 20                     three virtual days of each of 20 seeds, with crashes, in a moment
#include <banyan/actor/actor.hpp>
#include <banyan/actor/system.hpp>
#include <banyan/assembly/assembly.hpp>
#include <banyan/assembly/operator_words.hpp>
#include <banyan/core/json.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/plan/required.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/run.hpp>
#include <banyan/simulation/simulate.hpp>

#include <boost/describe.hpp>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

// --- the pattern -----------------------------------------------------------------------------------------------------

struct nightly_runs {
  std::string job;
  std::int64_t done = 0;
};
BOOST_DESCRIBE_STRUCT(nightly_runs, (), (job, done))

struct get_nightly_runs {
  using reply = nightly_runs;
  std::string job;
};
BOOST_DESCRIBE_STRUCT(get_nightly_runs, (), (job))

using job_function = void (*)(instant now);

struct nightly_spec {
  std::string job;
  timespan every = 24h;
  job_function run = nullptr;
};

struct job_is_due {};

// Runs the job when it is told to, and says how often it has.
class nightly_worker final : public actor {
 public:
  nightly_worker(const nightly_spec& spec, std::shared_ptr<std::atomic<std::int64_t>> done, counter runs)
      : spec_{spec}, done_{std::move(done)}, runs_{runs} {}
  behavior make_behavior() override {
    return behavior{}
        .on<job_is_due>([this](const job_is_due&) {
          spec_.run(self().now());
          ++*done_;
          runs_.add();
        })
        .on<get_nightly_runs>([this](const get_nightly_runs& q) -> result<nightly_runs> {
          if (q.job != spec_.job) return error{code::not_found, "no job " + q.job}.at("job");
          return nightly_runs{spec_.job, *done_};
        });
  }

 private:
  const nightly_spec& spec_;
  std::shared_ptr<std::atomic<std::int64_t>> done_;  // outlives a crash of this actor
  counter runs_;
};

// Tells the worker when it is time. One that crashes begins a new period.
class nightly_clock final : public actor {
 public:
  nightly_clock(const nightly_spec& spec, part worker) : spec_{spec}, worker_{std::move(worker)} {}
  behavior make_behavior() override {
    return behavior{}.on<job_is_due>([this](const job_is_due&) {
      self().send(worker_->now(), job_is_due{});
      self().after(spec_.every, job_is_due{});
    });
  }
  void started() override { self().after(spec_.every, job_is_due{}); }

 private:
  const nightly_spec& spec_;
  part worker_;
};

result<void> install(const nightly_spec& spec, assembly& a) {
  auto done = std::make_shared<std::atomic<std::int64_t>>(0);
  auto runs = a.metrics().counter("nightly_runs_total", "Jobs that ran to their end.", {{"job", spec.job}});
  auto worker = a.add({.name = "nightly." + spec.job + ".worker", .make = [&spec, done, runs] {
                         return std::make_unique<nightly_worker>(spec, done, runs);
                       }});
  a.add({.name = "nightly." + spec.job + ".clock", .make = [&spec, worker] { return std::make_unique<nightly_clock>(spec, worker); }});
  a.answers(type_of<get_nightly_runs>(), {.choose = [worker](message&) { return worker->now(); }});
  auto run_now = [worker, &system = a.system()](const operator_request&, completion<std::string> answer) {
    system.send(worker->now(), job_is_due{});
    answer(R"({"started":true})");
  };
  a.command({.method = "POST", .path = "/nightly/" + spec.job + "/run", .run = run_now});
  a.inspect("nightly." + spec.job, [done] { return R"({"done":)" + std::to_string(done->load()) + "}"; });
  return {};
}

std::shared_ptr<operator_words> nightly_words() {
  const auto show = [](const operator_arguments& with, const std::string& answer) -> result<operator_text> {
    return operator_text{with.as_json() ? answer + "\n" : with.text("job") + " is started\n"};
  };
  const operator_word run_now{
      .name = "run",
      .help = "Run one now, whatever the time",
      .arguments = {operators_token(), {.name = "job", .help = "Such as cleanup", .is_required = true}},
      .method = "POST",
      .path = "/nightly/{job}/run",
      .show = show};
  return std::make_shared<operator_words>(operator_words{"nightly", "Jobs of the running node", {run_now}});
}

struct nightly {
  required<"job", std::string> job;
  required<"run", job_function> run;
  timespan every = 24h;
  std::string name = {};

  void contribute(plan& p) const {
    auto spec = p.add<nightly_spec>("nightly", name.empty() ? *job : name, phase::background);
    spec->job = *job;
    spec->run = *run;
    spec->every = every;
    spec.option("every", &nightly_spec::every).installed_by(&install);
    spec.offers(nightly_words());
    p.implements(describe_operation<get_nightly_runs>(p.service()), "nightly." + *job);
    p.rule([s = &*spec, where = p.service() + ".nightly." + *job](const plan&, std::vector<problem>& found) {
      if (s->every.count() < 1s) found.push_back({where + ".every", "a job that runs more than once a second is none for the night"});
    });
  }
};

// --- a service that uses it ------------------------------------------------------------------------------------------

struct housekeeping_api {
  static constexpr std::string_view name = "housekeeping";
  using operations = banyan::operations<op<get_nightly_runs, idempotent::always>>;
};

void clean_up(instant) {}

plan describe_housekeeping() {
  return service<housekeeping_api>(nightly{.job = "cleanup", .run = &clean_up},
                                   http_routes{.routes = std::vector{query<get_nightly_runs>("GET /runs/{job}")}});
}

// The actors and metrics of the node in simulation, a line each: the same as `topology` and /metrics say of one that
// runs.
int print_parts(const application& app) {
  simulation world{app, {}};
  world.run_for(1s);
  const auto& node = world.running();
  for (const auto& actor : node.system().topology()) std::cout << "actor " << actor.name << '\n';
  std::cout << node.metrics().text();
  return 0;
}

// Power cuts, full disks and a bad network in the first minutes, and then three days: the job runs each night, and the node says how often.
int simulate_command(int argc, char** argv, const program& self) {
  configure_logging({.level = log_level::off});  // of what goes wrong on purpose
  if (argc > 1 && std::string_view{argv[1]} == "--parts") return print_parts(self.app);
  const int seeds = argc > 1 ? std::atoi(argv[1]) : 20;
  if (seeds < 1) {
    std::cerr << "simulate [SEEDS | --parts]: how many, 1 or more\n";
    return 2;
  }
  const auto report = simulate(self.app, {.seeds = static_cast<std::uint64_t>(seeds), .operations = 3}, [](simulation& world, const workload& nights) {
    world.run_for(10min);
    world.heal();
    for (std::size_t i = 0; i < nights.size(); ++i) world.run_for(24h);
    std::optional<nightly_runs> told;
    world.request("GET", "/runs/cleanup", {}, [&](result<http_response> r) {
      if (!r || r->status != 200) return;
      if (auto answer = from_json<nightly_runs>(r->body)) told = *answer;
    });
    world.run_for(1min);
    world.require(told.has_value(), "a node says how often its job has run");
    world.require(told->done >= static_cast<std::int64_t>(nights.size()) - 1, "a job runs each night", std::to_string(told->done));
  });
  std::cout << to_string(report);
  return report.failure ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run(argc, argv, {"custom", {describe_housekeeping()}},
             {{"simulate", "Three virtual days per seed: simulate [SEEDS]; or what a node has there: simulate --parts",
               simulate_command}});
}
