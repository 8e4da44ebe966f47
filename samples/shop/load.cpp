#include <shop/load.hpp>

#include <shop/acknowledged.hpp>
#include <shop/acquirer_faults.hpp>
#include <shop/load_kinds.hpp>
#include <shop/progress.hpp>
#include <shop/replay.hpp>
#include <shop/schedule.hpp>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <ostream>
#include <utility>

namespace shop {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t products_used = 2000;
constexpr banyan::timespan patience_when_interrupted{2s};  // with answers that are under way

constexpr banyan::backoff_policy repeat_after{.min = 50ms, .max = 1s, .jitter = 0.5};

// A request from its intended start to its end, over all attempts.
struct call {
  std::uint32_t kind;
  banyan::monotonic intended;
  load_request made;
  int attempts = 1;
  banyan::backoff backoff{repeat_after};
};

bool may_pass(const banyan::result<banyan::http_response>& answer) {
  if (!answer) return banyan::is_retryable(answer.error().code);
  if (answer->status < 400) return false;
  const auto problem = banyan::succeeded(*answer);
  return !problem && banyan::is_retryable(problem.error().code);
}

std::string outcome_of(const load_request& made, const banyan::result<banyan::http_response>& answer) {
  if (!answer) return "no answer: " + std::string{to_string(answer.error().code)};
  if (answer->status < 400) return made.is_reply(*answer) ? "" : std::to_string(answer->status) + " with what no shop says";
  auto problem = banyan::succeeded(*answer);
  return std::to_string(answer->status) + " " + std::string{problem ? "" : to_string(problem.error().code)};
}

// Shared with the client's threads, which may answer after the run has ended.
class answers {
 public:
  answers(const std::vector<mix_part>& mix, const banyan::clock& clock, banyan::timespan repeat_for)
      : clock_{clock}, repeat_for_{repeat_for} {
    for (const auto& part : mix) figures_.push_back({.kind = part.kind});
  }

  bool start(std::uint32_t kind, std::size_t bound) {
    std::lock_guard lock{mutex_};
    if (under_way_ >= bound) {
      ++figures_[kind].shed;
      ++settled_;
      return false;
    }
    ++under_way_;
    ++figures_[kind].unanswered;
    return true;
  }

  banyan::result<void> record_in(const std::string& file) { return record_.open(file); }
  bool recorded_all() {
    std::lock_guard lock{mutex_};
    return record_.good();
  }

  void finish(call done, const banyan::result<banyan::http_response>& answer) {
    const auto now = clock_.steady();
    auto error = outcome_of(done.made, answer);
    const bool repeatable = repeat_for_.count() > 0ns && may_pass(answer);
    std::lock_guard lock{mutex_};
    auto& f = figures_[done.kind];
    if (repeatable) {
      if (const auto due = now + done.backoff.next(now, banyan::system_random()); due <= banyan::add_saturating(done.intended, repeat_for_)) {
        ++f.repeats;
        ++done.attempts;
        waiting_.emplace(due, std::move(done));
        return;
      }
    }
    --f.unanswered;
    f.latency.record(now - done.intended);
    if (error.empty()) {
      ++f.good;
      if (!done.made.order.empty()) acknowledge(done, *answer);
    } else {
      ++f.errors[error];
    }
    ++settled_;
    if (--under_way_ == 0) idle_.notify_all();
  }

  // A call that is to be repeated now.
  std::optional<call> take_due() {
    std::lock_guard lock{mutex_};
    if (waiting_.empty() || waiting_.begin()->first > clock_.steady()) return std::nullopt;
    return std::move(waiting_.extract(waiting_.begin()).mapped());
  }

  bool wait_idle(banyan::nanoseconds at_most) {
    std::unique_lock lock{mutex_};
    return idle_.wait_for(lock, at_most, [this] { return under_way_ == 0; });
  }

  std::pair<std::size_t, std::size_t> state() {  // settled, under way
    std::lock_guard lock{mutex_};
    return {settled_, under_way_};
  }

  std::vector<acknowledged_order> take_acknowledged() {
    std::lock_guard lock{mutex_};
    return std::exchange(acknowledged_, {});
  }

  std::vector<load_figures> figures() {
    std::lock_guard lock{mutex_};
    return figures_;
  }

 private:
  void acknowledge(const call& done, const banyan::http_response& answer) {
    acknowledged_.push_back({done.made.order, std::string{answer.headers.get("X-Banyan-Position")}});
    auto asked = banyan::from_json<asked_order>(done.made.request.body);
    auto told = banyan::from_json<placed_order>(answer.body);
    if (asked && told) record_.add({clock_.now(), done.attempts, std::move(*asked), std::move(*told)});
  }

  const banyan::clock& clock_;
  banyan::timespan repeat_for_;
  std::multimap<banyan::monotonic, call> waiting_;
  acknowledgements record_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::vector<load_figures> figures_;
  std::vector<acknowledged_order> acknowledged_;  // taken over by the sender before each request
  std::size_t under_way_ = 0;
  std::size_t settled_ = 0;
};

// Waits without a busy loop until `when`, looking at `stop` now and then. False when stopped.
bool wait_until(banyan::monotonic when, const banyan::clock& clock, const stop_flag& stop, const std::function<void()>& meanwhile) {
  std::mutex mutex;
  std::condition_variable never;
  for (;;) {
    if (stop) return false;
    auto left = when - clock.steady();
    if (left <= 0ns) return true;
    meanwhile();
    std::unique_lock lock{mutex};
    never.wait_for(lock, std::min<banyan::nanoseconds>(left, 50ms));
  }
}

// `first`: asks for the first page, and waits for it in its own way.
banyan::result<std::vector<listed_product>> list_products(
    const shop_api& api, exchange& shop, const stop_flag& stop,
    const std::function<banyan::result<banyan::http_response>(const banyan::http_request&)>& first) {
  std::vector<listed_product> all;
  std::string after;
  while (all.size() < products_used) {
    const auto request = api.get_products("", 200, after);
    auto page = api.reply<product_list>(after.empty() ? first(request) : shop.once(request, {.give_up_after = 10s}, stop));
    if (!page) return page.error();
    all.insert(all.end(), page->products.begin(), page->products.end());
    if (!page->next || page->products.empty()) break;
    after = *page->next;
  }
  if (all.empty())
    return banyan::error{banyan::code::not_found, "the shop lists no products; replay a file or start it with its own catalogue"};
  return all;
}

}  // namespace

int load(const load_options& options, const transport& send, std::ostream& out, std::ostream& err, const stop_flag& stop) {
  auto complain = [&](const banyan::error& e, int code) {
    err << to_string(e) << '\n';
    return code;
  };
  auto api = shop_api::at(options.url);
  if (!api) return complain(api.error(), exit_usage);
  auto mix = parse_mix(options.mix);
  if (!mix) return complain(mix.error(), exit_usage);
  for (const auto& part : *mix)
    if (!is_load_kind(part.kind))
      return complain(
          banyan::error{banyan::code::invalid_argument, "there is no kind \"" + part.kind + "\"; there are " + load_kind_names()}.at("mix"),
          exit_usage);
  if (!(options.seconds > 0 && options.seconds < 1e6))
    return complain(banyan::error{banyan::code::invalid_argument, "the run must last from 0 to 1000000 seconds"}.at("seconds"), exit_usage);
  auto span = banyan::nanoseconds{static_cast<std::int64_t>(options.seconds * 1e9)};
  auto schedule = make_schedule(options.rate, span, *mix, options.seed);
  if (!schedule) return complain(schedule.error(), exit_usage);

  auto acquirer = acquirer_api::at(options.acquirer.empty() ? "http://127.0.0.1:8090" : options.acquirer);
  if (!acquirer) return complain(acquirer.error(), exit_usage);
  auto wanted_faults = faults_body(options.acquirer_faults, options.seed);
  if (!wanted_faults) return complain(wanted_faults.error(), exit_usage);

  const auto& clock = banyan::system_clock();
  exchange shop{send, clock, banyan::system_random()};
  const auto patience = std::max(options.reach_within, options.repeat_for);
  auto products = list_products(*api, shop, stop, [&](const banyan::http_request& request) {
    return first_answer(*api, request, shop, clock, err, stop, {.give_up_after = patience, .end_after = patience});
  });
  if (stop) return exit_interrupted;
  if (!products && banyan::is_retryable(products.error().code)) err << "No shop answers at " << api->url() << ": ";
  if (!products) return complain(products.error(), exit_failed);

  std::optional<acquirer_faults> faults;
  if (!options.acquirer.empty()) {
    faults.emplace(*acquirer, shop);
    if (auto set = faults->begin(*wanted_faults, stop); !set) {
      err << "The acquirer at " << options.acquirer << " does not take the faults: " << to_string(set.error()) << '\n';
      return stop ? exit_interrupted : exit_unreachable;
    }
  }
  auto run = "load-" + to_string(banyan::uuid_v7(clock.now(), banyan::system_random())).substr(0, 18) + "-";
  load_requests requests{*api, std::move(*products), options.seed, run};
  auto shared = std::make_shared<answers>(*mix, clock, options.repeat_for);
  if (!options.acknowledged.empty())
    if (auto opened = shared->record_in(options.acknowledged); !opened) return complain(opened.error(), exit_failed);
  progress bar{err, options.terminal, clock};
  bar.begin("load", schedule->size());
  auto attempt = [&](call c) {
    auto request = c.made.request;
    send(std::move(request), [shared, c = std::move(c)](banyan::result<banyan::http_response> answer) { shared->finish(c, answer); });
  };
  auto meanwhile = [&] {
    while (auto again = stop ? std::nullopt : shared->take_due()) attempt(std::move(*again));
    auto [settled, under_way] = shared->state();
    bar.show(settled, std::to_string(under_way) + " under way");
  };

  load_result result;
  auto start = clock.steady();
  for (const auto& arrival : *schedule) {
    auto intended = start + arrival.at;
    if (!wait_until(intended, clock, stop, meanwhile)) {
      result.interrupted = true;
      break;
    }
    for (auto& order : shared->take_acknowledged()) requests.acknowledge(std::move(order));
    auto made = requests.make((*mix)[arrival.kind].kind);  // made even when shed, so that a seed always asks the same
    if (!shared->start(arrival.kind, options.unanswered)) continue;
    result.worst_start_lag = std::max(result.worst_start_lag, clock.steady() - intended);
    attempt({arrival.kind, intended, std::move(made)});
    meanwhile();
  }
  result.seconds = std::min(options.seconds, std::chrono::duration<double>(clock.steady() - start).count());
  const auto rest = result.interrupted ? patience_when_interrupted : banyan::add_saturating(options.drain, options.repeat_for);
  auto until = banyan::add_saturating(clock.steady(), rest);
  while (clock.steady() < until && !shared->wait_idle(50ms)) {
    meanwhile();
    if (!stop || std::exchange(result.interrupted, true)) continue;
    until = std::min(until, banyan::add_saturating(clock.steady(), patience_when_interrupted));
  }
  meanwhile();
  bar.end(result.interrupted ? "interrupted" : "");

  result.kinds = shared->figures();
  out << (options.json ? as_json(result) + "\n" : as_table(result)) << std::flush;
  bool all_at_rest = true;
  if (faults) {
    if (auto ended = faults->end(); !ended) {
      err << "The acquirer's faults could not be ended: " << to_string(ended.error()) << '\n';
      all_at_rest = false;
    }
    if (all_at_rest && !result.interrupted) {
      bar.begin("rest", 1);
      auto waiting = wait_for_rest(*api, *acquirer, shop, clock, options.rest_within, stop, [&](std::int64_t left) {
        bar.show(0, std::to_string(left) + " wait for the acquirer");
      });
      bar.show(waiting && *waiting == 0 ? 1 : 0);
      bar.end();
      all_at_rest = waiting && *waiting == 0;
      if (!waiting)
        err << "What waits can not be asked for: " << to_string(waiting.error()) << '\n';
      else if (*waiting > 0)
        err << *waiting << " orders, payments or callbacks still wait\n";
    }
  }
  if (result.interrupted || stop) return exit_interrupted;
  if (!options.acknowledged.empty() && !shared->recorded_all()) {
    err << options.acknowledged << ": the record is not complete\n";
    return exit_failed;
  }
  bool all_good = std::ranges::all_of(result.kinds, [](const auto& f) { return f.errors.empty() && f.shed == 0 && f.unanswered == 0; });
  return all_good && all_at_rest ? exit_ok : exit_failed;
}

}  // namespace shop
