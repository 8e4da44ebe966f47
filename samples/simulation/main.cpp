// A service in simulation: the shop's catalog alone, on a node whose power fails, whose disk fails to sync, whose clock jumps, behind a
// network that loses, delays, doubles and cuts; twenty seeds of two virtual minutes. Ends with 1, and a trace, when a law is broken.
#include <banyan/observability/log.hpp>
#include <banyan/simulation/simulate.hpp>
#include <services/catalog/service.hpp>

#include <iostream>
#include <set>

using namespace banyan;
using namespace std::chrono_literals;

int main() {
  configure_logging({.level = log_level::off});  // of what goes wrong on purpose
  const application app{"catalog", {shop::catalog::describe()}};
  const auto report = simulate(app, {.seeds = 20, .operations = 60}, [](simulation& world, const workload& products) {
    std::set<std::string> promised;
    for (auto i : products)
      world.after(std::chrono::seconds{i}, [&, sku = "SKU" + std::to_string(i)] {
        world.request("PUT", "/products/" + sku, R"({"name":"kite","price":{"minor":255,"currency":"GBP"}})",
                      [&, sku](result<http_response> r) {
                        if (r && r->status == 200) promised.insert("catalog-" + sku);
                      });
      });
    world.run_for(2min);  // twelve faults strike meanwhile
    for (const auto& event : world.stored()) promised.erase(event.stream);
    world.require(promised.empty(), "a product that was acknowledged is stored", promised.empty() ? "" : *promised.begin());
  });
  std::cout << to_string(report);
  return report.failure ? 1 : 0;
}
