#include <banyan/simulation/simulate.hpp>

#include <banyan/simulation/minimise.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <charconv>
#include <cstdlib>
#include <numeric>

namespace banyan {

namespace {

struct outcome_of_run {
  std::optional<std::string> law;  // the broken law
  std::string message;
  std::uint64_t trace = 0;
  simulation_counts counts;
  std::vector<std::string> trace_log;
};

std::uint64_t number_of_seeds(std::string_view text) {
  std::uint64_t n = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (bad != std::errc{} || end != text.data() + text.size() || n == 0)
    throw result_error{error{code::invalid_argument,
                             "BANYAN_SEEDS is a number of seeds such as 1000, not '" + std::string{text} + "'"}};
  return n;
}

class search {
 public:
  search(const application* app, simulate_options o, const scenario& what) : app_{app}, options_{std::move(o)}, scenario_{what} {
    if (options_.faults.nodes.empty() && app_) options_.faults.nodes = {app_->name};
  }

  simulation_report go() {
    const auto begun = system_clock().steady();
    auto given = options_.replay;
    if (const auto* environment = std::getenv("BANYAN_REPLAY"); given.empty() && environment) given = environment;
    if (given.empty()) {
      if (const auto* environment = std::getenv("BANYAN_SEEDS")) options_.seeds = number_of_seeds(environment);
      look();
    } else {
      replay(given);
    }
    report_.real = system_clock().steady() - begun;
    return std::move(report_);
  }

 private:
  static constexpr std::size_t whole_story = 1'000'000;

  fault_plan plan_of(std::uint64_t seed) const {
    seeded_random random{seed, "faults"};
    return random_faults(options_.faults, random);
  }
  simulated_run whole(std::uint64_t seed) const {
    simulated_run r{seed, workload(options_.operations), std::vector<std::size_t>(plan_of(seed).size())};
    std::iota(r.operations.begin(), r.operations.end(), std::size_t{0});
    std::iota(r.faults.begin(), r.faults.end(), std::size_t{0});
    return r;
  }
  fault_plan faults_of(const simulated_run& r) const {
    const auto plan = plan_of(r.seed);
    fault_plan some;
    for (auto i : r.faults)
      if (i < plan.size()) some.push_back(plan[i]);
    return some;
  }

  outcome_of_run run(const simulated_run& r, std::size_t trace_log = 0) const {
    auto o = options_.world;
    o.seed = r.seed;
    o.faults = faults_of(r);
    o.trace_log = trace_log;
    outcome_of_run out;
    std::optional<simulation> world;
    const auto fails = [&](std::string law, std::string message) {
      out.law = std::move(law);
      if (world) world->record(message);
      out.message = std::move(message);
    };
    try {
      world.emplace(std::move(o));
      if (app_) world->add(app_->name, *app_);
      const checked_laws laws{*world, options_.laws};
      scenario_(*world, r.operations);
      laws.check();
    } catch (const broken_law& e) {
      fails(e.law(), e.what());
    } catch (const std::exception& e) {
      fails(e.what(), e.what());
    }
    if (world) {
      out.trace = world->trace();
      out.counts = world->counts();
      out.trace_log = world->trace_log();
    }
    return out;
  }

  void look() {
    for (std::uint64_t n = 0; n < options_.seeds; ++n) {
      const auto r = whole(options_.first_seed + n);
      auto out = run(r);
      ++report_.seeds;
      report_.counts += out.counts;
      if (!out.law) continue;
      make_small(r, out);
      return;
    }
  }

  void replay(const std::string& text) {
    auto asked = parse_simulated_run(text, {});
    if (!asked) throw result_error{asked.error()};
    const auto r = *parse_simulated_run(text, whole(asked->seed));
    auto out = run(r, whole_story);
    report_.seeds = 1;
    report_.counts = out.counts;
    report_.trace_log = std::move(out.trace_log);
    if (out.law)
      report_.failure = simulation_failure{.law = *out.law,
                                           .message = out.message,
                                           .trace = out.trace,
                                           .replays_exactly = true,
                                           .found = r,
                                           .smallest = r,
                                           .smallest_message = out.message,
                                           .faults = faults_of(r)};
  }

  void make_small(const simulated_run& found, const outcome_of_run& first) {
    simulation_failure f{.law = *first.law, .message = first.message, .trace = first.trace, .found = found, .smallest = found};
    const auto again = run(found);
    f.replays_exactly = again.law == first.law && again.message == first.message && again.trace == first.trace;
    auto budget = options_.attempts;
    const auto breaks_it = [&](const simulated_run& r) { return run(r).law == first.law; };
    // Faults first: they make a run hard to follow. With fewer operations, fewer faults may suffice.
    for (bool smaller = f.replays_exactly; smaller && budget > 0;) {
      const auto before = f.smallest;
      for (auto part : {&simulated_run::faults, &simulated_run::operations}) {
        const auto now = f.smallest;
        const auto with = [&](const std::vector<std::size_t>& places) {
          auto fewer = now;
          (fewer.*part).clear();
          for (auto i : places) (fewer.*part).push_back((now.*part)[i]);
          return fewer;
        };
        f.smallest = with(fewest_parts((now.*part).size(), [&](const auto& places) { return breaks_it(with(places)); }, budget));
      }
      smaller = f.smallest != before;
    }
    const auto told = run(f.smallest, options_.trace_log);
    f.smallest_message = told.message;
    f.trace_log = told.trace_log;
    f.faults = faults_of(f.smallest);
    f.attempts = options_.attempts - budget;
    report_.failure = std::move(f);
  }

  const application* app_;
  simulate_options options_;
  const scenario& scenario_;
  simulation_report report_;
};

}  // namespace

simulation_report simulate(const application& app, simulate_options options, const scenario& what) {
  return search{&app, std::move(options), what}.go();
}

simulation_report simulate(simulate_options options, const scenario& what) { return search{nullptr, std::move(options), what}.go(); }

}  // namespace banyan
