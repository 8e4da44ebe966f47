// A whole node, with the index and the clock of each saga, and its files in a folder.
#pragma once

#include <banyan/observability/health.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/runtime/open_engines.hpp>

#include <tests/bench/saga/flow.hpp>
#include <tests/bench/saga/requests.hpp>

#include <algorithm>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saga_bench {

application bench_application(bool with_subscriptions);  // node_parts.cpp

class bench_node {
 public:
  explicit bench_node(const std::filesystem::path& folder, bool with_subscriptions = false)
      : app_{bench_application(with_subscriptions)} {
    engines_ = open("sqlite:journal.db", (folder / "data").string()).value();
    system_ = std::make_unique<actor_system>(actor_system_options{.threads = 2});
    auto started =
        node::start(app_, *system_, {.ports = engines_.ports, .history = engines_.info.history, .max_lag = 0});
    if (!started) throw std::runtime_error{"the node does not start: " + to_string(started.error())};
    node_ = std::move(*started);
  }
  ~bench_node() {
    system_->shutdown(std::chrono::seconds{30});
    system_.reset();
  }

  actor_system& system() { return *system_; }
  banyan::journal& journal() { return *engines_.journal; }
  address to(message& m) const {
    const auto* e = node_->directory().find(m.type);
    if (!e) throw std::runtime_error{"nobody answers " + std::string{m.type->name}};
    return e->for_message(m);
  }
  sent_request request(message_ptr m) const {
    auto to_whom = to(*m);
    return {std::move(to_whom), std::move(m)};
  }
  // All views have all that is stored, and everything runs.
  bool is_ready() const {
    const auto lines = node_->readiness();
    return std::all_of(lines.begin(), lines.end(), [](const auto& l) { return l.state == health_state::ready; });
  }
  std::string trouble() const {
    std::string text;
    for (const auto& l : node_->readiness())
      if (l.state != health_state::ready) text += l.name + ": " + l.sentence + "; ";
    return text;
  }
  // The sum over the series with this value of a label.
  double metric(std::string_view name, std::string_view label_value) const {
    double sum = 0;
    for (const auto& f : node_->metrics().read())
      if (f.name == name)
        for (const auto& p : f.points)
          if (std::any_of(p.labels.begin(), p.labels.end(), [&](const auto& l) { return l.second == label_value; }))
            sum += p.value + static_cast<double>(p.count);
    return sum;
  }

 private:
  application app_;
  open_engines engines_;
  std::unique_ptr<node> node_;
  std::unique_ptr<actor_system> system_;
};

inline std::vector<recorded_event> events_of(banyan::journal& j, const std::string& category) {
  std::vector<recorded_event> all;
  read_all_request next{.limit = 1000};
  next.categories = {category};
  for (bool at_end = false; !at_end;) {
    std::promise<result<read_page>> promise;
    auto page = promise.get_future();
    j.read_all(next, [&](result<read_page> r) { promise.set_value(std::move(r)); });
    auto read = page.get().value();
    for (auto& e : read.events) all.push_back(std::move(e));
    next.after = read.looked_to;
    at_end = read.at_end;
  }
  return all;
}

}  // namespace saga_bench
