#include <banyan/runtime/run.hpp>

#include <banyan/configuration/assignment.hpp>
#include <banyan/journal/journal_check.hpp>
#include <banyan/observability/background_writer.hpp>
#include <banyan/plan/number_in.hpp>
#include <banyan/process_supervision/process_setup.hpp>
#include <banyan/runtime/check_report.hpp>
#include <banyan/runtime/completion.hpp>
#include <banyan/runtime/configuration.hpp>
#include <banyan/runtime/events_command.hpp>
#include <banyan/runtime/node_commands.hpp>
#include <banyan/runtime/open_engines.hpp>
#include <banyan/runtime/operations_arguments.hpp>
#include <banyan/runtime/operator_commands.hpp>
#include <banyan/runtime/plan_page.hpp>
#include <banyan/runtime/schema_command.hpp>
#include <banyan/runtime/serve.hpp>

#include <CLI/CLI.hpp>

#include <iostream>
#include <limits>

#include <unistd.h>

namespace banyan {

namespace {

struct arguments {
  std::vector<std::string> config, set;
  std::optional<std::string> data, listen, admin, only;
  operations_arguments asked;  // of commands that ask a running node
  std::string form = "text";
  events_query events;
  std::string as_of;
  std::optional<banyan::version> version;
  bool check_as_json = false, check_stored = false, topology_as_json = false;
  std::string shell_name;
};

// The configuration's sources; the default file is "shop.toml" in the working directory.
configuration_sources sources_of(const application& app, const arguments& a, std::vector<problem>& problems) {
  configuration_sources sources;
  sources.files = read_configuration_files(a.config, app.name + ".toml", problems);
  sources.environment = process_environment();
  sources.assignments = a.set;
  if (a.data) sources.assignments.push_back("data=" + *a.data);
  if (a.listen) sources.assignments.push_back("listen=" + *a.listen);
  if (a.admin) sources.assignments.push_back("admin=" + *a.admin);
  if (a.only) sources.assignments.push_back("only=" + *a.only);
  return sources;
}

// Applies the configuration, and returns what is wrong with its sources. All that a command needs that asks a node.
std::vector<problem> apply_sources(application& app, node_settings& settings, const arguments& a) {
  std::vector<problem> problems;
  auto sources = sources_of(app, a, problems);
  for (auto& p : apply_configuration(app, settings, sources, on_mistakes::apply_the_others))
    problems.push_back(std::move(p));
  return problems;
}

// The same, with all problems of plan, routes and engines.
std::vector<problem> configure(application& app, node_settings& settings, const arguments& a) {
  auto problems = apply_sources(app, settings, a);
  for (auto& p : check_all(app, settings)) problems.push_back(std::move(p));
  return problems;
}

// An extra command given after an option, where it is not recognised.
std::string misplaced(int argc, char** argv, const std::vector<extra_command>& extra) {
  for (int i = 2; i < argc; ++i)
    for (const auto& command : extra)
      if (command.name == argv[i]) return "Write " + command.name + " first, and its own options behind it.";
  return {};
}

int with_journal(const node_settings& settings, const std::function<int(journal&)>& what) {
  auto engines = open(settings.journal, settings.data, true);
  if (!engines) {
    std::cerr << to_string(engines.error()) << '\n';
    return 1;
  }
  if (!engines->info.incomplete.empty()) std::cerr << engines->info.incomplete << '\n';
  return what(*engines->journal);
}

// What the journal has stored and the program does not fit.
std::vector<problem> check_stored(const application& app, const node_settings& settings) {
  auto engines = open(settings.journal, settings.data, true);
  if (!engines) return {{"journal", engines.error().message}};
  std::vector<problem> found;
  for (const auto& service : app.services)
    for (const auto* check : service.offered<journal_check>()) {
      auto sentences = check->run(*engines->journal);
      if (!sentences)
        found.push_back({service.service(), "the journal can not be checked: " + sentences.error().message});
      if (sentences)
        for (auto& s : *sentences) found.push_back({service.service(), std::move(s)});
    }
  return found;
}

void add_configuration(CLI::App& to, arguments& a) {
  to.add_option("--config", a.config, "Configuration file (TOML); may be given several times")->type_name("FILE");
  to.add_option("--set", a.set, "Override one option, e.g. orders.sharded.order.max_entities=50000")
      ->type_name("PATH=VALUE");
  to.add_option("--data", a.data, "Folder of everything the node stores")->type_name("DIR");
}

// Exit code 2, with the problems on standard error.
int refuse_to_run(const std::vector<problem>& problems) {
  std::cerr << report(problems);
  return 2;
}

}  // namespace

result<node_settings> program::settings(const std::vector<std::string>& files) const {
  auto copy = app;
  auto settings = default_settings(app.name);
  arguments a;
  a.config = files;
  if (auto problems = configure(copy, settings, a); !problems.empty()) return error{code::invalid_argument, report(problems)};
  return settings;
}

static int run_command(int argc, char** argv, application app, std::vector<extra_command> extra) {
  // An extra command parses its own arguments.
  if (argc > 1)
    for (auto& command : extra)
      if (command.name == argv[1]) return command.run(argc - 1, argv + 1, program{app});

  CLI::App cli{app.name + ": a system of " + std::to_string(app.services.size()) + " services"};
  cli.name(app.name);
  cli.require_subcommand(0, 1);
  arguments a;
  add_configuration(cli, a);
  cli.set_version_flag("--version", app.name + " (banyan " BANYAN_VERSION ")");
  std::optional<int> port, admin_port;
  auto* serve_app = cli.add_subcommand("serve", "Run the node (what happens without a command)");
  add_configuration(*serve_app, a);
  for (auto* to : {&cli, serve_app}) {
    to->add_option("--only", a.only, "Run these services alone, such as orders,cart")->type_name("SERVICES");
    to->add_option("--port", port, "Port of the HTTP API on 127.0.0.1")->transform(number_in<CLI::Validator>(0, 65535));
    to->add_option("--admin-port", admin_port, "Port of the operations API on 127.0.0.1")->transform(number_in<CLI::Validator>(0, 65535));
  }
  auto* describe_app = cli.add_subcommand("describe", "Print the plan: services, patterns, options and where each value came from");
  add_configuration(*describe_app, a);
  describe_app->add_option("--form", a.form, "text, json or dot (graphviz)")->check(CLI::IsMember({"text", "json", "dot"}));
  describe_app->add_flag_callback("--json", [&] { a.form = "json"; }, "The same as --form json");
  describe_app->add_flag_callback("--dot", [&] { a.form = "dot"; }, "The same as --form dot");
  auto* check_app = cli.add_subcommand("check", "Check plan and configuration; all problems at once");
  add_configuration(*check_app, a);
  check_app->add_flag("--json", a.check_as_json, "As JSON");
  check_app->add_flag("--journal", a.check_stored, "Also whether this program fits what the journal has stored");
  auto* topology_app = cli.add_subcommand("topology", "The actors of the running node, as a tree");
  add_configuration(*topology_app, a);
  add_operations_arguments(*topology_app, a.asked);
  topology_app->add_flag("--json", a.topology_as_json, "As JSON");

  operator_commands operators{cli, app, a.asked, [&](CLI::App& to) { add_configuration(to, a); }};
  auto* events_app = cli.add_subcommand("events", "Read the journal, also beside a running node");
  events_app->require_subcommand(1);
  auto* list = events_app->add_subcommand("list", "Streams, with their versions");
  auto* show = events_app->add_subcommand("show", "The events of a stream");
  auto* at = events_app->add_subcommand("at", "The state of an entity at a version or an instant");
  for (auto* e : {list, show, at}) add_configuration(*e, a);
  add_list_options(*list, a.events);
  add_show_options(*show, a.events);
  at->add_flag("--json", a.events.json, "One JSON object a line");
  at->add_flag("--pretty", a.events.pretty, "JSON over several lines");
  at->add_option("stream", a.events.stream, "Such as orders-536365")->required();
  const auto any_version = number_in<CLI::Validator>(version{0}, std::numeric_limits<version>::max());
  auto* at_version = at->add_option("--version", a.version, "As of this version")->transform(any_version);
  at->add_option("--at", a.as_of, "As of this instant (RFC 3339)")->excludes(at_version)->check([](const std::string& text) {
    const auto instant = parse_rfc3339(text);
    return instant ? std::string{} : instant.error().message;
  });
  if (!extra.empty()) {
    std::string more = "Further commands (each has --help):\n";
    for (auto& command : extra) more += "  " + command.name + std::string(command.name.size() < 26 ? 26 - command.name.size() : 1, ' ') + command.help + "\n";
    cli.footer(more);
  }

  schema_query schema;
  auto* schema_app = cli.add_subcommand("schema", "Wire names, stored events and layouts that others rely on");
  schema_app->require_subcommand(1);
  auto* print_app = schema_app->add_subcommand("print", "Print them, to be kept beside the source as schema.lock");
  auto* diff_app =
      schema_app->add_subcommand("diff", "What has changed since a file was written, and whether it is compatible");
  diff_app->add_option("file", schema.file, "Default: services/schema.lock, or schema.lock");
  diff_app->add_flag("--exact", schema.exact, "Exit code 1 for any difference, not only for breaking ones");
  diff_app->add_flag("--json", schema.json, "One JSON object a line");

  auto* completion_app = cli.add_subcommand("completion", "Print a completion script: eval \"$(" + app.name + " completion bash)\"");
  completion_app->add_option("shell", a.shell_name, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));

  std::vector<command_words> words;
  collect_words(cli, {}, words);
  for (auto& command : extra) words.back().words.push_back(command.name);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const auto code = cli.exit(e);
    if (code == 0) return 0;
    auto meant = suggestion(argc, argv, words);
    if (meant.empty()) meant = misplaced(argc, argv, extra);
    if (!meant.empty()) std::cerr << meant << '\n';
    return 2;
  }
  if (completion_app->parsed()) {
    std::cout << completion_script(*parse_shell(a.shell_name), app.name, words);
    return 0;
  }
  if (print_app->parsed()) return print_schema(app, std::cout);
  if (diff_app->parsed()) return diff_schema(app, schema, std::cout, std::cerr);
  if (port) a.listen = "127.0.0.1:" + std::to_string(*port);
  if (admin_port) a.admin = "127.0.0.1:" + std::to_string(*admin_port);

  auto settings = default_settings(app.name);
  auto problems = apply_sources(app, settings, a);
  if (auto done = operators.run(settings, problems, std::cout, std::cerr)) return *done;
  if (topology_app->parsed()) {
    const auto where = address_of(a.asked, settings);
    if (!where) problems.push_back({"admin", where.error().message});
    if (!problems.empty()) return refuse_to_run(problems);
    operations_client node{*where, settings.operator_token, options_of(a.asked, settings)};
    return show_topology(node, a.topology_as_json, std::cout, std::cerr);
  }
  for (auto& p : check_all(app, settings)) problems.push_back(std::move(p));
  if (check_app->parsed()) {
    check_report found{std::move(problems), {}};
    if (a.check_stored && found.problems.empty()) found.problems = check_stored(app, settings);
    if (found.problems.empty()) found.notes = notes(app);
    return print(found, a.check_as_json, std::cout, std::cerr);
  }
  if (!problems.empty()) return refuse_to_run(problems);
  if (describe_app->parsed()) {
    std::cout << describe(app, settings, *parse_describe_form(a.form)) << (a.form == "json" ? "\n" : "");
    return 0;
  }
  if (events_app->parsed()) {
    a.events.version = a.version;
    if (!a.as_of.empty()) a.events.as_of = parse_rfc3339(a.as_of).value();
    return with_journal(settings, [&](journal& j) {
      journal_events events{j};
      if (list->parsed()) return list_events(events, a.events, std::cout, std::cerr);
      if (show->parsed()) return show_events(events, a.events, std::cout, std::cerr);
      return state_at(j, app, a.events, std::cout, std::cerr);
    });
  }
  background_stream out{STDOUT_FILENO}, err{STDERR_FILENO};  // never block on a reader
  const auto read_again = [&]() -> result<configured_application> {
    auto fresh = declare_again(app);
    if (!fresh) return fresh.error();
    configured_application now{std::move(*fresh), default_settings(app.name)};
    now.problems = configure(now.app, now.settings, a);
    return now;
  };
  return serve(app, settings, read_again, out, err);
}

int run(int argc, char** argv, application app, std::vector<extra_command> extra) {
  const auto name = app.name;
  return run_process(name, [&] { return run_command(argc, argv, std::move(app), std::move(extra)); });
}

}  // namespace banyan
