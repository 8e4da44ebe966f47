#include "node_command.hpp"

#include <banyan/runtime/events_command.hpp>
#include <banyan/runtime/node_commands.hpp>
#include <banyan/runtime/operations_arguments.hpp>
#include <banyan/runtime/plan_page.hpp>

#include <iostream>
#include <memory>
#include <string>

namespace banyan {
namespace {

struct node_arguments {
  std::string url, token, form = "text";
  operations_options options;
  bool as_json = false;
  events_query events;
};

CLI::App* add_command(CLI::App& cli, const char* name, const char* help, node_arguments& a) {
  auto* command = cli.add_subcommand(name, help);
  command->add_option("url", a.url, "The node's operations port, such as http://127.0.0.1:8081, or https")
      ->required()
      ->type_name("URL")
      ->check([](const std::string& url) {
        const auto parsed = parse_operations_url(url);
        return parsed ? std::string{} : parsed.error().message;
      });
  add_tls_arguments(*command, a.options.tls);
  return command;
}

int run_events(operations_client& node, const CLI::App& show, const events_query& q) {
  node_events events{node};
  return show.parsed() ? show_events(events, q, std::cout, std::cerr) : list_events(events, q, std::cout, std::cerr);
}

}  // namespace

std::function<int()> add_node_commands(CLI::App& cli) {
  auto a = std::make_shared<node_arguments>();
  auto* describe = add_command(cli, "describe", "The plan of a running node, with every option and its origin", *a);
  describe->add_option("--form", a->form, "text, json or dot (graphviz)")
      ->check(CLI::IsMember({"text", "json", "dot"}));
  describe->add_flag_callback("--json", [a] { a->form = "json"; }, "The same as --form json");
  auto* check = add_command(cli, "check", "What is wrong with a running node: plan, configuration, health", *a);
  check->add_flag("--json", a->as_json, "As JSON");
  auto* topology = add_command(cli, "topology", "The actors of a running node, as a tree", *a);
  topology->add_flag("--json", a->as_json, "As JSON");

  auto* events = add_command(cli, "events", "The journal of a running node; without another word its streams", *a);
  events->add_option("--token", a->token, "The operator's token")->envname("BANYAN_OPERATOR_TOKEN")->type_name("TOKEN");
  events->add_flag("--plaintext", a->options.plaintext, "Send the token also over plain HTTP to other machines");
  auto* list = events->add_subcommand("list", "Streams, with their versions");
  auto* show = events->add_subcommand("show", "The events of a stream");
  events->require_subcommand(0, 1);
  add_list_options(*list, a->events);
  add_show_options(*show, a->events);
  events->add_flag("--json", a->events.json, "One JSON object a line");
  for (auto* word : {list, show}) word->fallthrough();  // --token may stand behind them
  for (auto* command : {describe, check, topology, events})
    command->footer("Exit codes: 0 done, 1 the node does not answer, refuses or has a problem, 2 wrong usage.\n");

  return [=] {
    if (!describe->parsed() && !check->parsed() && !topology->parsed() && !events->parsed()) return 0;
    operations_client node{parse_operations_url(a->url).value(), a->token, a->options};
    if (describe->parsed()) return show_plan(node, *parse_describe_form(a->form), std::cout, std::cerr);
    if (check->parsed()) return show_check(node, a->as_json, std::cout, std::cerr);
    if (topology->parsed()) return show_topology(node, a->as_json, std::cout, std::cerr);
    return run_events(node, *show, a->events);
  };
}

}  // namespace banyan
