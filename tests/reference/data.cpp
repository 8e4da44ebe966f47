// reference_data FOLDER: prints as JSON what a node says of itself: each option of each pattern with its form and
// default, and each metric with its type and its sentence. FOLDER: for the node's files.
#include "plan.hpp"

#include <banyan/observability/log.hpp>
#include <banyan/runtime/serving.hpp>
#include <banyan/test_kit/http_client.hpp>

#include <boost/json.hpp>

#include <iostream>
#include <map>
#include <sstream>

namespace {

using banyan::test_kit::blocking_http_client;
namespace json = boost::json;

json::object options_of(const banyan::application& app) {
  json::object all;
  for (const auto& plan : app.services)
    for (const auto& item : plan.items()) {
      if (all.contains(item->kind())) continue;
      json::array options;
      for (const auto& o : item->options())
        options.push_back(json::object{
            {"name", o.name()}, {"expects", o.expects()}, {"default", o.value()}, {"dynamic", o.is_dynamic()}});
      all[item->kind()] = std::move(options);
    }
  return all;
}

// From the text that Prometheus reads: "# HELP name sentence" and "# TYPE name type".
json::array metrics_of(const std::string& text) {
  std::map<std::string, std::string> sentences;
  json::array all;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string hash, what, name, rest;
    words >> hash >> what >> name >> std::ws;
    std::getline(words, rest);
    if (hash != "#") continue;
    if (what == "HELP") sentences[name] = rest;
    if (what == "TYPE") all.push_back(json::object{{"name", name}, {"type", rest}, {"help", sentences[name]}});
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  banyan::configure_logging({.level = banyan::log_level::off});
  const auto app = reference::describe();
  banyan::node_settings settings;
  settings.data = argv[1];
  settings.listen = settings.admin = "127.0.0.1:0";
  const auto read = [] { return banyan::configured_application{reference::describe(), {}}; };  // a node that reloads
  auto node = banyan::serving::start(app, settings, read).value();
  // Some metrics are there once there was something to count.
  blocking_http_client{node->port()}.post("/bikes/b1/rent", R"({"rider":"ada"})");
  blocking_http_client{node->port()}.post("/groups/g1", R"({"rider":"ada","bikes":["b2"]})");
  const auto metrics = blocking_http_client{node->operations_port()}.get("/metrics").body;
  node->stop();
  std::cout << json::serialize(json::object{{"options", options_of(app)}, {"metrics", metrics_of(metrics)}}) << '\n';
}
