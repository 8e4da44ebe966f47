// The examples of the headers for programs and stores of one's own, in one program that compiles: tests/examples/check compares them.
#include <banyan/assembly/ports.hpp>
#include <banyan/core/text.hpp>
#include <banyan/cqrs/view_store_decorator.hpp>
#include <banyan/engines/sqlite/delivery_store.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/plan/suggestion.hpp>
#include <banyan/pub_sub/delivery_store_decorator.hpp>
#include <banyan/runtime/node_commands.hpp>
#include <banyan/runtime/operations_arguments.hpp>
#include <banyan/runtime/operations_client.hpp>

#include <CLI/CLI.hpp>

#include <iostream>

namespace examples {

using namespace banyan;

// --- cqrs/view_store_decorator.hpp

struct failing final : view_store_decorator {
  using view_store_decorator::view_store_decorator;
  void write(std::function<void(view_writer&)> body, position checkpoint, completion<position> done) override {
    if (failures > 0 && --failures >= 0) return done(error{code::exhausted, "the disk is full"});
    inner()->write(std::move(body), checkpoint, std::move(done));
  }
  int failures = 0;
};

// --- pub_sub/delivery_store_decorator.hpp

struct full_disk final : delivery_store_decorator {
  using delivery_store_decorator::delivery_store_decorator;
  void commit(delivery_change change, completion<committed> done) override {
    if (failures > 0 && --failures >= 0) return done(error{code::exhausted, "the disk is full"});
    inner()->commit(std::move(change), std::move(done));
  }
  int failures = 0;
};

// --- pub_sub/delivery_store.hpp

void give_up(const ports& node, const journal_info& info, const dead_letter& letter,
             completion<delivery_store::state> opened, completion<delivery_store::committed> committed) {
  auto store = node.open<delivery_store>({.topic = "orders.placed", .group = "fulfilment"});
  (*store)->open({info.history, info.head}, std::move(opened));
  (*store)->commit({.checkpoint = 12, .given_up = {letter}}, std::move(committed));
}

// --- engines/sqlite/delivery_store.hpp

bool is_there() {
  const delivery_options mail{.topic = "orders.placed", .group = "mail"};
  auto store = open_sqlite_delivery_store({.of = mail, .folder = "run/views"});
  return store.has_value();
}

// --- assembly/ports.hpp

result<std::shared_ptr<view_store>> open_in_memory(const view_options&) { return open_memory_view_store().value(); }

result<std::shared_ptr<view_store>> a_view_of_a_node() {
  ports node;
  node.provide<view_store>(open_in_memory);
  result<std::shared_ptr<view_store>> store = node.open<view_store>({.name = "sales_by_month"});
  return store;
}

// --- core/text.hpp

std::size_t print(const std::string& reason_of_a_client) {
  std::cout << printable(reason_of_a_client) << '\n';
  std::size_t count = 0;
  for (std::string_view host : list_items("shop.example, .internal")) count += host.size();
  return count;
}

// --- plan/suggestion.hpp

void parse(CLI::App& cli, int argc, char** argv) {
  std::vector<command_words> words;
  collect_words(cli, {}, words);                    // a CLI::App
  try { cli.parse(argc, argv); }
  catch (const CLI::ParseError& e) { cli.exit(e); std::cerr << suggestion(argc, argv, words) << '\n'; }
}

// --- runtime/operations_client.hpp

bool is_a_node(const std::string& token) {
  operations_client node{{.authority = "127.0.0.1:8081"}, token};  // or parse_operations_url(...)
  auto topology = node.page("/topology");                          // JSON text
  auto plan = node.text("/plan?form=text", "text/plain; charset=utf-8");
  return topology.has_value() && plan.has_value();
}

// --- runtime/operations_arguments.hpp

int report(const error& e) {
  std::cerr << to_string(e) << '\n';
  return 2;
}

int ask_the_node(CLI::App& cli, int argc, char** argv, const node_settings& settings, const std::string& token) {
  operations_arguments asked;
  add_operations_arguments(cli, asked);  // --admin, --authority, --certificate, --key
  cli.parse(argc, argv);
  const auto where = address_of(asked, settings);
  if (!where) return report(where.error());
  operations_client node{*where, token, options_of(asked, settings)};
  return node.page("/topology") ? 0 : 1;
}

// --- runtime/operations_url.hpp

bool is_read() {
  const auto url = parse_operations_url("https://shop.example:8081/").value();
  return url.authority == "shop.example:8081" && to_string(url) == "https://shop.example:8081";
}

// --- runtime/node_commands.hpp

int topology(const std::string& token, bool as_json) {
  operations_client node{{.authority = "127.0.0.1:8081"}, token};
  return show_topology(node, as_json, std::cout, std::cerr);
}

}  // namespace examples
