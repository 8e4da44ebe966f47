// A node made of a plan as a program makes it, whose actors are stepped by hand in virtual time.
#pragma once

#include <tests/framework/actor/stepped.hpp>

#include <banyan/assembly/node_assembly.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/observability/metrics.hpp>

#include <string>
#include <utility>
#include <vector>

namespace banyan::test {

struct assembled_node {
  explicit assembled_node(application a) : app{std::move(a)}, assembly{app, s.system, metrics, {}} {
    assembly.install().value();
  }
  ~assembled_node() {
    s.system.shutdown();
    s.run();
  }

  void start() {
    for (const auto* p : assembly.services()) start(p->service(), assembly.of(p->service()).serving);
    for (const auto* p : assembly.services()) assembly.connect(p->service());
    for (const auto* p : assembly.services()) start(p->service(), assembly.of(p->service()).background);
    s.run();
  }
  // Runs the actors as far as they get before their supervisor publishes the addresses of those in the background.
  void start_unheard() {
    for (const auto* p : assembly.services()) start(p->service(), assembly.of(p->service()).serving);
    for (const auto* p : assembly.services()) assembly.connect(p->service());
    for (const auto* p : assembly.services())
      for (const auto& c : assembly.of(p->service()).background)
        unheard_.push_back(s.system.spawn(c.make, {.name = p->service() + "." + c.name}));
    s.run();
  }
  address actor(const std::string& service, const std::string& name) {
    return assembly.of(service).where.at(name)->now();
  }
  template <class Request>
  stepped::answer_slot<typename Request::reply> ask(Request request) {
    auto as_message = make_message<Request>(request);
    const auto to = assembly.directory().find(type_of<Request>())->for_message(*as_message);
    return s.ask(to, std::move(request), std::chrono::seconds{60});
  }
  double metric(const std::string& series) const {  // -1: there is none
    const auto text = "\n" + metrics.text();
    const auto at = text.find("\n" + series + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size() + 2));
  }
  // What the operations port answers to a GET.
  std::string get(const std::string& path) {
    std::string answer = "no such path";
    for (const auto& c : assembly.commands())
      if (c.method == "GET" && c.path == path)
        c.run({}, [&](result<std::string> a) { answer = a ? *a : to_string(a.error()); });
    return answer;
  }

  stepped s;
  metrics_registry metrics;
  application app;
  node_assembly assembly;

 private:
  std::vector<address> unheard_;
  void start(const std::string& service, const std::vector<child_spec>& children) {
    for (const auto& c : children)
      assembly.of(service).where.at(c.name)->set(s.system.spawn(c.make, {.name = service + "." + c.name}));
  }
};

}  // namespace banyan::test
