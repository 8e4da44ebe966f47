#include <banyan/runtime/operator_commands.hpp>

#include <banyan/core/json.hpp>
#include <banyan/core/text.hpp>
#include <banyan/http/client.hpp>
#include <banyan/http/request_rules.hpp>
#include <banyan/plan/number_in.hpp>
#include <banyan/runtime/operator_pages.hpp>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <future>
#include <iomanip>
#include <limits>
#include <ostream>
#include <vector>

namespace banyan {

namespace {

constexpr std::chrono::seconds page_within{10};
constexpr std::chrono::minutes order_within{6};  // a replay may take its handler's time

// What is no unreserved character of RFC 3986 is percent-encoded.
std::string segment(const std::string& text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain)
      out += c;
    else
      out += {'%', hex[u >> 4], hex[u & 15]};
  }
  return out;
}

class operations_port {
 public:
  operations_port(std::string at, std::string token) : at_{std::move(at)}, token_{std::move(token)} {}

  result<http_response> send(const std::string& method, const std::string& target) {
    auto request = request_to(method, "http://" + at_ + target);
    if (!request) return request.error();
    if (method != "GET") request->headers.set("Authorization", "Bearer " + token_);
    std::promise<result<http_response>> promise;
    auto answer = promise.get_future();
    const auto within = method == "GET" ? page_within : std::chrono::seconds{order_within};
    client_.send(std::move(*request), system_clock().steady() + within,
                 [&](result<http_response> r) { promise.set_value(std::move(r)); });
    auto response = answer.get();
    if (!response) return error{response.error().code, "no node answers at " + at_ + ": " + response.error().message};
    // A node's answer is JSON, or has no content when there is no room for any.
    const auto type = response->headers.get("Content-Type");
    if (!is_json_type(type) && !(type.empty() && response->status == 503)) return no_node("its answer is no JSON");
    return succeeded(std::move(*response));
  }
  // A page that every node has.
  template <class T>
  result<T> get(const std::string& target) {
    auto response = send("GET", target);
    if (!response && response.error().code == code::not_found) return nothing_of_it(target, response.error());
    if (!response) return response.error();
    return read<T>(*response);
  }
  template <class T>
  result<T> read(const http_response& response) const {
    auto content = from_json<T>(response.body);
    if (!content) return no_node(content.error().message);
    return content;
  }
  result<boost::json::object> read_object(const http_response& response) const {
    auto content = parse_json(response.body);
    if (!content) return no_node(content.error().message);
    if (!content->is_object()) return no_node("its answer is no JSON object");
    return std::move(content->get_object());
  }

 private:
  // A node has the pages of the patterns that run on it. Every node has /inspect.
  error nothing_of_it(const std::string& target, const error& said) {
    if (!send("GET", "/inspect")) return no_node(said.message);
    return error{code::not_found, "nothing that runs on the node at " + at_ + " has " + target.substr(0, target.find('?'))};
  }
  error no_node(const std::string& why) const {
    return error{code::corrupt, "what answers at " + at_ + " is not a node's operations port: " + why};
  }
  std::string at_, token_;
  http_client client_;
};

// Columns as wide as what is in them; the last one is as it is. Reasons and names may be texts of clients.
void print_table(std::ostream& out, std::vector<std::vector<std::string>> rows) {
  for (auto& r : rows)
    for (auto& cell : r) cell = printable(std::move(cell));
  std::vector<std::size_t> width(rows.front().size(), 0);
  for (const auto& r : rows)
    for (std::size_t i = 0; i < r.size(); ++i) width[i] = std::max(width[i], r[i].size());
  for (const auto& r : rows) {
    for (std::size_t i = 0; i + 1 < r.size(); ++i)
      out << std::left << std::setw(static_cast<int>(width[i]) + 2) << r[i];
    out << r.back() << '\n';
  }
}

int fail(const error& e, std::ostream& err) {
  err << printable(to_string(e)) << '\n';
  return 1;
}

}  // namespace

struct operator_commands::commands {
  std::string topic, group, event, view, stream, token, to;
  std::int64_t at = 0;
  std::size_t limit = 100;
  bool json = false, all = false;
  CLI::App *dead_list = nullptr, *dead_show = nullptr, *dead_replay = nullptr, *parked_list = nullptr,
           *parked_replay = nullptr, *subscriptions_list = nullptr, *subscriptions_reset = nullptr;

  static std::string letter_path(const dead_letter_line& d, const std::string& act = {}) {
    const auto path = "/dead-letters/" + segment(d.topic) + "/" + segment(d.group) + "/" + std::to_string(d.position) + act;
    return d.event && !d.event->empty() ? path + "?event=" + segment(*d.event) : path;
  }
  dead_letter_line named_letter() const {
    dead_letter_line d;
    d.topic = topic;
    d.group = group;
    d.position = at;
    d.event = event;
    return d;
  }
  std::string page_path(std::size_t size, const std::string& after) const {
    auto path = "/dead-letters?limit=" + std::to_string(size);
    if (!topic.empty()) path += "&topic=" + segment(topic);
    if (!group.empty()) path += "&group=" + segment(group);
    return after.empty() ? path : path + "&after=" + segment(after);
  }

  int list_dead(operations_port& port, std::ostream& out, std::ostream& err) const {
    auto page = port.get<dead_letters_page>(page_path(limit, {}));
    if (!page) return fail(page.error(), err);
    if (json) {
      for (const auto& d : page->letters) out << to_json(d) << '\n';
    } else if (!page->letters.empty()) {
      std::vector<std::vector<std::string>> rows{{"TOPIC", "GROUP", "POSITION", "STREAM", "ATTEMPTS", "REASON"}};
      for (const auto& d : page->letters)
        rows.push_back({d.topic, d.group, std::to_string(d.position), d.stream, std::to_string(d.attempts), d.reason});
      print_table(out, rows);
    }
    if (page->letters.empty()) err << "There are no dead letters.\n";
    if (page->next)
      err << "There are more: --limit " << std::min<std::size_t>(limit * 10, 1000) << ", or --topic and --group.\n";
    return 0;
  }

  int show_dead(operations_port& port, std::ostream& out, std::ostream& err) const {
    auto letter = port.send("GET", letter_path(named_letter()));
    if (!letter) return fail(letter.error(), err);
    const auto parsed = port.read_object(*letter);
    if (!parsed) return fail(parsed.error(), err);
    if (json) {
      out << letter->body << '\n';
      return 0;
    }
    for (const auto& [name, value] : *parsed) {
      out << std::left << std::setw(10) << std::string{name};
      if (value.is_string())
        out << printable(std::string{std::string_view{value.get_string()}}) << '\n';
      else
        out << boost::json::serialize(value) << '\n';
    }
    return 0;
  }

  int replay_one(operations_port& port, const std::string& path, std::ostream& out, std::ostream& err) const {
    auto done = port.send("POST", path);
    if (!done) return fail(done.error(), err);
    if (auto parsed = port.read_object(*done); !parsed) return fail(parsed.error(), err);
    if (json)
      out << done->body << '\n';
    else
      out << "handled: " << done->body << '\n';
    return 0;
  }

  int replay_dead_letters(operations_port& port, std::ostream& out, std::ostream& err) const {
    if (!all) return replay_one(port, letter_path(named_letter(), "/replay"), out, err);
    std::size_t handled = 0, stay = 0;
    std::string after;
    do {
      auto page = port.get<dead_letters_page>(page_path(100, after));
      if (!page) return fail(page.error(), err);
      for (const auto& d : page->letters) {
        auto done = port.send("POST", letter_path(d, "/replay"));
        if (!done && (done.error().code == code::forbidden || done.error().code == code::unauthenticated))
          return fail(done.error(), err);
        if (!done) err << d.topic << ' ' << d.group << ' ' << d.position << ": " << printable(to_string(done.error())) << '\n';
        ++(done ? handled : stay);
      }
      after = page->next.value_or("");
    } while (!after.empty());
    out << handled << " handled, " << stay << (stay == 1 ? " stays\n" : " stay\n");
    return stay == 0 ? 0 : 1;
  }

  int list_parked(operations_port& port, std::ostream& out, std::ostream& err) const {
    auto page = port.get<parked_page>("/parked");
    if (!page) return fail(page.error(), err);
    if (json) {
      for (const auto& p : page->parked) out << to_json(p) << '\n';
    } else if (!page->parked.empty()) {
      std::vector<std::vector<std::string>> rows{{"VIEW", "STREAM", "POSITION", "REASON"}};
      for (const auto& p : page->parked) rows.push_back({p.view, p.stream, std::to_string(p.position), p.reason});
      print_table(out, rows);
    }
    if (page->streams == 0) err << "No view holds a stream back.\n";
    if (page->streams > static_cast<std::int64_t>(page->parked.size()))
      err << "These are the first; " << page->streams << " streams are held back in all.\n";
    return 0;
  }

  int list_subscriptions(operations_port& port, std::ostream& out, std::ostream& err) const {
    auto page = port.get<subscriptions_page>("/subscriptions");
    if (!page) return fail(page.error(), err);
    if (json) {
      for (const auto& s : page->subscriptions) out << to_json(s) << '\n';
    } else if (!page->subscriptions.empty()) {
      std::vector<std::vector<std::string>> rows{{"TOPIC", "GROUP", "POSITION", "STATE"}};
      for (const auto& s : page->subscriptions)
        rows.push_back({s.topic, s.group, std::to_string(s.position), s.waits_for.value_or("runs")});
      print_table(out, rows);
    }
    if (page->subscriptions.empty()) err << "There are no subscriptions.\n";
    return 0;
  }

  int reset_subscription(operations_port& port, std::ostream& out, std::ostream& err) const {
    const auto path = "/subscriptions/" + segment(group) + "/" + segment(topic);
    auto done = port.send("POST", path + "/reset?to=" + segment(to));
    if (!done) return fail(done.error(), err);
    auto line = port.read<subscription_line>(*done);
    if (!line) return fail(line.error(), err);
    if (json) {
      out << done->body << '\n';
      return 0;
    }
    out << line->topic << ", group " << line->group << ", goes on behind position " << line->position << '\n';
    return 0;
  }
};

operator_commands::~operator_commands() = default;

operator_commands::operator_commands(CLI::App& cli, std::optional<std::string>& admin,
                                     const std::function<void(CLI::App&)>& configured)
    : is_{std::make_unique<commands>()} {
  auto& c = *is_;
  const auto add = [&](CLI::App& to, const char* name, const char* help) {
    auto* command = to.add_subcommand(name, help);
    configured(*command);
    command->add_option("--admin", admin, "Address of the node's operations API")->type_name("HOST:PORT");
    command->add_flag("--json", c.json, "As JSON");
    return command;
  };
  const auto with_token = [&](CLI::App& to) {
    to.add_option("--token", c.token,
                  "The operator's token (or BANYAN_OPERATOR_TOKEN, or operator_token of the configuration)")
        ->type_name("TOKEN");
  };
  const auto with_letter = [&](CLI::App& to) {
    to.add_option("topic", c.topic, "Such as orders.placed");
    to.add_option("group", c.group, "Such as fulfilment");
    to.add_option("position", c.at, "Of the event in the journal")
        ->transform(number_in<CLI::Validator>(std::int64_t{1}, std::numeric_limits<std::int64_t>::max()));
    to.add_option("--event", c.event, "The event's id, as `list --json` shows it, when several had that position")->type_name("ID");
  };
  auto* dead = cli.add_subcommand("dead-letters", "Events that subscriptions of the running node gave up");
  dead->require_subcommand(1);
  c.dead_list = add(*dead, "list", "All of them, with the reason of each");
  c.dead_list->add_option("--topic", c.topic, "Only of this topic");
  c.dead_list->add_option("--group", c.group, "Only of this group");
  c.dead_list->add_option("--limit", c.limit, "At most this many")->transform(number_in<CLI::Validator>(1, 1000));
  c.dead_show = add(*dead, "show", "One of them, with its payload");
  with_letter(*c.dead_show);
  c.dead_replay = add(*dead, "replay", "Deliver one again, or --all (of a topic and group)");
  with_letter(*c.dead_replay);
  with_token(*c.dead_replay);
  c.dead_replay->add_flag("--all", c.all, "All, or all of the topic and group that are named");
  auto* parked = cli.add_subcommand("parked", "Streams that views of the running node hold back");
  parked->require_subcommand(1);
  c.parked_list = add(*parked, "list", "All of them, with the event that can not be applied");
  c.parked_replay = add(*parked, "replay", "Apply what is held of a stream, and set it free");
  with_token(*c.parked_replay);
  c.parked_replay->add_option("view", c.view, "Such as order_book")->required();
  c.parked_replay->add_option("stream", c.stream, "Such as orders-536365")->required();
  auto* subscriptions = cli.add_subcommand("subscriptions", "How far the subscriptions of the running node are");
  subscriptions->require_subcommand(1);
  c.subscriptions_list = add(*subscriptions, "list", "All of them, with what each waits for");
  c.subscriptions_reset = add(*subscriptions, "reset", "Say from where one goes on");
  with_token(*c.subscriptions_reset);
  c.subscriptions_reset->add_option("topic", c.topic, "Such as orders.placed")->required();
  c.subscriptions_reset->add_option("group", c.group, "Such as fulfilment")->required();
  c.subscriptions_reset->add_option("--to", c.to, "now (leave out what is not handled yet), start (all again) or a position")
      ->required()
      ->check([](const std::string& text) {
        const bool is_position = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
        return is_position || text == "now" || text == "start" ? std::string{} : std::string{"now, start or a position of the journal"};
      });
}

std::optional<int> operator_commands::run(const node_settings& settings, std::ostream& out, std::ostream& err) const {
  const auto& c = *is_;
  const bool one = c.dead_show->parsed() || (c.dead_replay->parsed() && !c.all);
  if (one && (c.topic.empty() || c.group.empty() || c.at == 0)) {
    err << "Which one? Topic, group and position, as `dead-letters list` shows them.\n";
    return 2;
  }
  operations_port port{settings.admin, c.token.empty() ? settings.operator_token : c.token};
  if (c.dead_list->parsed()) return c.list_dead(port, out, err);
  if (c.dead_show->parsed()) return c.show_dead(port, out, err);
  if (c.dead_replay->parsed()) return c.replay_dead_letters(port, out, err);
  if (c.parked_list->parsed()) return c.list_parked(port, out, err);
  if (c.parked_replay->parsed())
    return c.replay_one(port, "/parked/" + segment(c.view) + "/" + segment(c.stream) + "/replay", out, err);
  if (c.subscriptions_list->parsed()) return c.list_subscriptions(port, out, err);
  if (c.subscriptions_reset->parsed()) return c.reset_subscription(port, out, err);
  return std::nullopt;
}

}  // namespace banyan
