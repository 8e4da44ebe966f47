#include <banyan/pub_sub/operator_requests.hpp>

#include <banyan/actor/system.hpp>
#include <banyan/core/json.hpp>
#include <banyan/pub_sub/delivery_store.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace banyan {

namespace {

constexpr std::size_t usual_page = 100, largest_page = 1000;
constexpr auto replay_limit = std::chrono::minutes{5};
constexpr auto reset_limit = std::chrono::minutes{1};

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t n = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), n);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || n < 0) return std::nullopt;
  return n;
}

// How a page names a letter: "12", or "12-" and the event's id.
std::optional<letter_place> letter_place_of(std::string_view text) {
  const auto dash = text.find('-');
  const auto at = number(text.substr(0, dash));
  if (!at) return std::nullopt;
  return letter_place{*at, std::string{dash == text.npos ? std::string_view{} : text.substr(dash + 1)}};
}

error wrong(const std::string& what, std::string field) { return error{code::invalid_argument, what}.at(std::move(field)); }

result<position> position_of(const operator_request& r) {
  const auto& text = r.capture("position");
  const auto at = number(text);
  return at ? result<position>{*at} : wrong("\"" + text + "\" is not a position", "position");
}

boost::json::object line_of(const running_subscription& s, const dead_letter& d) {
  boost::json::object line{{"topic", s.topic}, {"group", s.group}, {"position", d.position}, {"stream", d.stream},
                           {"type", d.type}, {"attempts", d.attempts}, {"reason", d.reason}};
  if (!d.event.empty()) line["event"] = d.event;
  return line;
}

// A page being filled, one subscription after the other.
struct listing : std::enable_shared_from_this<listing> {
  std::vector<std::shared_ptr<const running_subscription>> from;
  std::size_t now = 0;
  letter_place after;
  std::size_t limit = usual_page;
  boost::json::array letters;
  std::string last;  // of them, as `next` names it
  completion<std::string> answer;

  void finish(bool has_more) {
    boost::json::object page{{"letters", std::move(letters)}};
    if (has_more) page["next"] = last;
    answer(boost::json::serialize(page));
  }
  void go_on() {
    while (now < from.size() && !from[now]->progress->is_open) ++now, after = {};
    if (now == from.size()) return finish(false);
    from[now]->store->list(after, limit - letters.size() + 1,
                           [self = shared_from_this()](result<std::vector<dead_letter>> found) {
                             if (!found) return self->answer(std::move(found.error()));
                             self->take(*found);
                           });
  }
  void take(const std::vector<dead_letter>& found) {
    const auto& s = *from[now];
    for (const auto& d : found) {
      if (letters.size() == limit) return finish(true);
      letters.push_back(line_of(s, d));
      last = s.topic + "/" + s.group + "/" + std::to_string(d.position) + (d.event.empty() ? "" : "-" + d.event);
    }
    ++now;
    after = {};
    go_on();
  }
};

error several(const std::string& name, const std::vector<dead_letter>& letters) {
  std::string events;
  for (const auto& d : letters) events += (events.empty() ? "" : ", ") + (d.event.empty() ? std::string{"one without an id"} : d.event);
  return error{code::conflict, "several events were given up at " + name + ", so say which (event): " + events}.at("event");
}

std::string whole(const running_subscription& s, const dead_letter& d) {
  auto line = line_of(s, d);
  auto payload = parse_json(d.payload);
  line["payload"] = payload ? std::move(*payload) : boost::json::value(d.payload);
  return boost::json::serialize(line);
}

std::pair<std::string, std::string> key_of(const running_subscription& s) { return {s.topic, s.group}; }

error no_subscription(const operator_request& r) {
  return error{code::not_found, "no subscription of group " + r.capture("group") + " to topic " + r.capture("topic") + " on this node"}.at(
      "subscription");
}

}  // namespace

std::vector<operator_command> subscription_operations::commands(const std::shared_ptr<const subscription_operations>& of) {
  using answered = completion<std::string>;
  return {{"GET", "/dead-letters", [of](const operator_request& r, answered a) { of->list(r, std::move(a)); }},
          {"GET", "/dead-letters/{topic}/{group}/{position}", [of](const operator_request& r, answered a) { of->show(r, std::move(a)); }},
          {"POST", "/dead-letters/{topic}/{group}/{position}/replay",
           [of](const operator_request& r, answered a) { of->replay(r, std::move(a)); }},
          {"GET", "/subscriptions", [of](const operator_request&, answered a) { of->subscriptions(std::move(a)); }},
          {"POST", "/subscriptions/{group}/{topic}/reset", [of](const operator_request& r, answered a) { of->reset(r, std::move(a)); }}};
}

const running_subscription* subscription_operations::find(const operator_request& r) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const auto& s) {
    return s->topic == r.capture("topic") && s->group == r.capture("group");
  });
  return found == all_.end() ? nullptr : found->get();
}

void subscription_operations::list(const operator_request& r, completion<std::string> answer) const {
  auto page = std::make_shared<listing>();
  page->answer = std::move(answer);
  if (const auto* limit = r.parameter("limit")) {
    const auto n = number(*limit);
    if (!n || *n < 1 || *n > static_cast<std::int64_t>(largest_page)) return page->answer(wrong("a page has 1 to 1000 letters", "limit"));
    page->limit = static_cast<std::size_t>(*n);
  }
  const auto* topic = r.parameter("topic");
  const auto* group = r.parameter("group");
  for (const auto& s : all_)
    if ((!topic || *topic == s->topic) && (!group || *group == s->group)) page->from.push_back(s);
  std::sort(page->from.begin(), page->from.end(), [](const auto& a, const auto& b) { return key_of(*a) < key_of(*b); });
  if (const auto* after = r.parameter("after")) {
    const auto first = after->find('/'), last = after->rfind('/');
    const auto from = last == after->npos ? std::nullopt : letter_place_of(std::string_view{*after}.substr(last + 1));
    if (!from || first == last) return page->answer(wrong("\"" + *after + "\" is not what a page gave as `next`", "after"));
    const std::pair key{after->substr(0, first), after->substr(first + 1, last - first - 1)};
    std::erase_if(page->from, [&](const auto& s) { return key_of(*s) < key; });
    if (!page->from.empty() && key_of(*page->from.front()) == key) page->after = *from;
  }
  page->go_on();
}

void subscription_operations::show(const operator_request& r, completion<std::string> answer) const {
  const auto at = position_of(r);
  if (!at) return answer(at.error());
  const auto* s = find(r);
  const auto name = "position " + std::to_string(*at) + " of topic " + r.capture("topic") + ", group " + r.capture("group");
  if (!s || !s->progress->is_open) return answer(error{code::not_found, "no dead letter at " + name});
  const auto* event = r.parameter("event");
  s->store->find(*at,
                 [name, s, event = event ? *event : std::string{}, answer = std::move(answer)](auto found) mutable {
                   if (!found) return answer(std::move(found.error()));
                   if (!event.empty()) std::erase_if(*found, [&](const dead_letter& d) { return d.event != event; });
                   if (found->empty()) return answer(error{code::not_found, "no dead letter at " + name});
                   if (found->size() > 1) return answer(several(name, *found));
                   answer(whole(*s, found->front()));
                 });
}

void subscription_operations::replay(const operator_request& r, completion<std::string> answer) const {
  const auto at = position_of(r);
  if (!at) return answer(at.error());
  const auto* s = find(r);
  if (!s) return answer(no_subscription(r));
  const auto* event = r.parameter("event");
  system_.ask(s->actor->now(), replay_dead_letter{*at, event ? *event : std::string{}}, replay_limit,
              [answer = std::move(answer)](result<delivered_again> done) mutable {
                answer(done ? result<std::string>{to_json(*done)} : std::move(done.error()));
              });
}

void subscription_operations::subscriptions(completion<std::string> answer) const {
  boost::json::array lines;
  for (const auto& s : all_) {
    boost::json::object line{{"group", s->group}, {"topic", s->topic}, {"position", s->progress->checkpoint.load()}};
    if (auto why = s->progress->refusal()) line["waits_for"] = *why;
    lines.push_back(std::move(line));
  }
  answer(boost::json::serialize(boost::json::object{{"subscriptions", std::move(lines)}}));
}

void subscription_operations::reset(const operator_request& r, completion<std::string> answer) const {
  const auto* to = r.parameter("to");
  const auto from = parse_subscription_start(to ? *to : std::string{});
  if (!from) return answer(from.error());
  const auto* s = find(r);
  if (!s) return answer(no_subscription(r));
  system_.ask(s->actor->now(), reset_subscription{*from}, reset_limit,
              [answer = std::move(answer), group = s->group, topic = s->topic](result<position> at) mutable {
                if (!at) return answer(std::move(at.error()));
                answer(boost::json::serialize(boost::json::object{{"group", group}, {"topic", topic}, {"position", *at}}));
              });
}

result<subscription_start> parse_subscription_start(std::string_view text) {
  using origin = subscription_start::origin;
  if (text == "now") return subscription_start{origin::now};
  if (text == "start") return subscription_start{origin::start};
  position at = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, at);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != end || at < 0)
    return error{code::invalid_argument, "to is now, start, or a position of the journal"}.at("to");
  return subscription_start{origin::position, at};
}

}  // namespace banyan
