// The words `dead-letters list | show | replay` and `subscriptions list | reset` of the command line. What they ask:
// operator_requests.hpp.
#include <banyan/assembly/operator_lines.hpp>
#include <banyan/core/text.hpp>
#include <banyan/pub_sub/operator_pages.hpp>
#include <banyan/pub_sub/operator_requests.hpp>
#include <banyan/pub_sub/pub_sub.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <limits>
#include <ostream>

namespace banyan {

namespace {

constexpr std::string_view page_path = "/dead-letters?limit={--limit}&topic={topic}&group={group}&after={after}";
constexpr std::string_view letter_path = "/dead-letters/{topic}/{group}/{position}?event={--event}";
constexpr std::string_view replay_path = "/dead-letters/{topic}/{group}/{position}/replay?event={--event}";

operator_argument topic(bool is_required = false) {
  return {.name = "topic", .help = "Such as orders.placed", .is_required = is_required};
}
operator_argument group(bool is_required = false) {
  return {.name = "group", .help = "Such as fulfilment", .is_required = is_required};
}
// Which one of a topic and group.
std::vector<operator_argument> letter() {
  return {topic(),
          group(),
          {.name = "position",
           .help = "Of the event in the journal",
           .type = "INT",
           .number = operator_argument::bounds{1, std::numeric_limits<std::int64_t>::max()}},
          {.name = "--event",
           .help = "The event's id, as `list --json` shows it, when several had that position",
           .type = "ID"}};
}

std::string check_letter(const operator_arguments& with) {
  if (with.flag("--all")) return {};
  if (!with.text("topic").empty() && !with.text("group").empty() && !with.text("position").empty()) return {};
  return "Which one? Topic, group and position, as `dead-letters list` shows them.";
}

std::string check_start(const std::string& text) {
  const bool is_position = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  return is_position || text == "now" || text == "start" ? "" : "now, start or a position of the journal";
}

result<operator_text> show_letters(const operator_arguments& with, const std::string& answer) {
  const auto page = from_json<dead_letters_page>(answer);
  if (!page) return page.error();
  const auto cells = [](const auto& d) {
    return std::vector{d.topic, d.group, std::to_string(d.position), d.stream, std::to_string(d.attempts), d.reason};
  };
  auto text = show_lines(with, page->letters, {"TOPIC", "GROUP", "POSITION", "STREAM", "ATTEMPTS", "REASON"}, cells);
  if (page->letters.empty()) text.err = "There are no dead letters.\n";
  if (page->next)
    text.err += "There are more: --limit " + std::to_string(std::min<std::int64_t>(with.number("--limit") * 10, 1000)) +
                ", or --topic and --group.\n";
  return text;
}

result<operator_text> show_letter(const operator_arguments& with, const std::string& answer) {
  constexpr std::size_t names = 10;
  auto text = show_object("")(with, answer);
  if (!text || with.as_json()) return text;
  text->out.clear();
  const auto content = parse_json(answer);
  for (const auto& [name, value] : content->get_object()) {
    text->out += std::string{name} + std::string(names - std::min(names, name.size()), ' ');
    text->out += value.is_string() ? printable(std::string{std::string_view{value.get_string()}})
                                   : boost::json::serialize(value);
    text->out += '\n';
  }
  return text;
}

// Page by page. What stays is told at once: each may take its handler's time.
std::optional<result<operator_text>> replay_all(const operator_call& call) {
  const auto& with = call.with;
  auto& port = call.node;
  if (!with.flag("--all")) return std::nullopt;
  std::size_t handled = 0, stay = 0;
  auto next_page = with;
  next_page.set("--limit", "100");
  do {
    const auto answer = port.page(operator_target(page_path, next_page));
    if (!answer) return answer.error();
    const auto page = from_json<dead_letters_page>(*answer);
    if (!page) return port.no_node(page.error().message);
    for (const auto& d : page->letters) {
      operator_arguments one;
      one.set("topic", d.topic);
      one.set("group", d.group);
      one.set("position", std::to_string(d.position));
      one.set("--event", d.event.value_or(""));
      const auto done = port.ask("POST", operator_target(replay_path, one));
      if (!done && (done.error().code == code::forbidden || done.error().code == code::unauthenticated))
        return done.error();
      if (!done)
        call.err << d.topic << ' ' << d.group << ' ' << d.position << ": " << printable(to_string(done.error()))
                 << '\n';
      ++(done ? handled : stay);
    }
    next_page.set("after", page->next.value_or(""));
  } while (!next_page.text("after").empty());
  return operator_text{
      .out = std::to_string(handled) + " handled, " + std::to_string(stay) + (stay == 1 ? " stays\n" : " stay\n"),
      .code = stay == 0 ? 0 : 1};
}

result<operator_text> show_subscriptions(const operator_arguments& with, const std::string& answer) {
  const auto page = from_json<subscriptions_page>(answer);
  if (!page) return page.error();
  auto text = show_lines(with, page->subscriptions, {"TOPIC", "GROUP", "POSITION", "STATE"}, [](const auto& s) {
    return std::vector{s.topic, s.group, std::to_string(s.position), s.waits_for.value_or("runs")};
  });
  if (page->subscriptions.empty()) text.err = "There are no subscriptions.\n";
  return text;
}

result<operator_text> show_reset(const operator_arguments& with, const std::string& answer) {
  const auto line = from_json<subscription_line>(answer);
  if (!line) return line.error();
  if (with.as_json()) return operator_text{answer + "\n"};
  return operator_text{line->topic + ", group " + line->group + ", goes on behind position " +
                       std::to_string(line->position) + "\n"};
}

}  // namespace

std::shared_ptr<operator_words> dead_letter_words() {
  const operator_word list{.name = "list",
                           .help = "All of them, with the reason of each",
                           .arguments = {{.name = "--topic", .help = "Only of this topic"},
                                         {.name = "--group", .help = "Only of this group"},
                                         {.name = "--limit",
                                          .help = "At most this many",
                                          .type = "UINT",
                                          .otherwise = "100",
                                          .number = operator_argument::bounds{1, 1000}}},
                           .path = "/dead-letters?limit={--limit}&topic={--topic}&group={--group}",
                           .show = show_letters};
  const operator_word show{.name = "show",
                           .help = "One of them, with its payload",
                           .arguments = letter(),
                           .path = std::string{letter_path},
                           .show = show_letter,
                           .check = check_letter};
  auto which = letter();
  which.push_back(operators_token());
  which.push_back({.name = "--all", .help = "All, or all of the topic and group that are named", .type = {}});
  const operator_word replay{.name = "replay",
                             .help = "Deliver one again, or --all (of a topic and group)",
                             .arguments = std::move(which),
                             .method = "POST",
                             .path = std::string{replay_path},
                             .show = show_object("handled: "),
                             .check = check_letter,
                             .instead = replay_all};
  return std::make_shared<operator_words>(
      operator_words{"dead-letters", "Events that subscriptions of the running node gave up", {list, show, replay}});
}

std::shared_ptr<operator_words> subscription_words() {
  const operator_word list{.name = "list",
                           .help = "All of them, with what each waits for",
                           .path = "/subscriptions",
                           .show = show_subscriptions};
  const operator_word reset{
      .name = "reset",
      .help = "Say from where one goes on",
      .arguments = {operators_token(),
                    topic(true),
                    group(true),
                    {.name = "--to",
                     .help = "now (leave out what is not handled yet), start (all again) or a position",
                     .is_required = true,
                     .check = check_start}},
      .method = "POST",
      .path = "/subscriptions/{group}/{topic}/reset?to={--to}",
      .show = show_reset};
  return std::make_shared<operator_words>(
      operator_words{"subscriptions", "How far the subscriptions of the running node are", {list, reset}});
}

}  // namespace banyan
