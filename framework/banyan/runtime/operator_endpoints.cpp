#include <banyan/runtime/operator_endpoints.hpp>

#include <banyan/core/json.hpp>
#include <banyan/pub_sub/dead_letters.hpp>
#include <banyan/runtime/operator_token.hpp>
#include <banyan/runtime/subscription_reset.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

namespace banyan {

namespace {

constexpr std::size_t usual_page = 100, largest_page = 1000;

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t n = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), n);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || n < 0) return std::nullopt;
  return n;
}

// How a page names a letter: "12", or "12-" and the event's id.
std::optional<delivery_tables::letter_place> letter_place_of(std::string_view text) {
  const auto dash = text.find('-');
  const auto at = number(text.substr(0, dash));
  if (!at) return std::nullopt;
  return delivery_tables::letter_place{*at, std::string{dash == text.npos ? std::string_view{} : text.substr(dash + 1)}};
}

std::string event_of(const http_request& r) {
  const auto* event = r.query_value("event");
  return event ? *event : std::string{};
}

http_response wrong(const std::string& what, std::string field) {
  return http_response::problem(error{code::invalid_argument, what}.at(std::move(field)));
}

// A page being filled, one subscription after the other.
struct listing : std::enable_shared_from_this<listing> {
  std::vector<const node::subscription_state*> from;
  std::size_t now = 0;
  delivery_tables::letter_place after;
  std::size_t limit = usual_page;
  dead_letters_page page;
  completion<http_response> answer;

  void go_on() {
    while (now < from.size() && !from[now]->progress->is_open) ++now, after = {};
    if (now == from.size()) return answer(http_response::json_text(to_json(page)));
    auto found = std::make_shared<std::vector<dead_letter>>();
    const auto wanted = limit - page.letters.size() + 1;
    from[now]->store->read(
        [found, wanted, from = after](view_reader& v) { *found = delivery_tables::list(v, from, wanted); },
        [self = shared_from_this(), found](result<position> read) {
          if (!read) return self->answer(http_response::problem(read.error()));
          self->take(*found);
        });
  }
  void take(const std::vector<dead_letter>& found) {
    const auto& s = *from[now];
    for (const auto& d : found) {
      if (page.letters.size() == limit) {
        const auto& last = page.letters.back();
        page.next = last.topic + "/" + last.group + "/" + std::to_string(last.position);
        if (last.event) *page.next += "-" + *last.event;
        return answer(http_response::json_text(to_json(page)));
      }
      page.letters.push_back({s.topic, s.group, d.position, d.stream, d.type, d.attempts, d.reason, {}});
      if (!d.event.empty()) page.letters.back().event = d.event;
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

http_response whole(const std::string& topic, const std::string& group, const dead_letter& d) {
  auto payload = parse_json(d.payload);
  boost::json::object letter{{"topic", topic},   {"group", group}, {"position", d.position},  {"stream", d.stream},
                             {"type", d.type}, {"attempts", d.attempts}, {"reason", d.reason},
                             {"payload", payload ? std::move(*payload) : boost::json::value(d.payload)}};
  if (!d.event.empty()) letter["event"] = d.event;
  return http_response::json(std::move(letter));
}

std::pair<std::string, std::string> key_of(const node::subscription_state& s) { return {s.topic, s.group}; }

}  // namespace

std::string_view operator_endpoints::methods_of(const std::vector<std::string>& path) {
  constexpr std::string_view reads = "GET, HEAD, OPTIONS", acts = "POST, OPTIONS";
  const auto size = path.size();
  if (size == 1) return path[0] == "dead-letters" || path[0] == "parked" || path[0] == "subscriptions" ? reads : "";
  if (size == 4 && path[0] == "dead-letters") return reads;
  const bool is_act = (size == 5 && path[0] == "dead-letters" && path[4] == "replay") ||
                      (size == 4 && path[0] == "parked" && path[3] == "replay") ||
                      (size == 4 && path[0] == "subscriptions" && path[3] == "reset");
  return is_act ? acts : "";
}

void operator_endpoints::handle(const http_request& request, completion<http_response> answer) const {
  if (request.method == "POST")
    if (auto refusal = refuse_operator(request, settings_.operator_token)) return answer(std::move(*refusal));
  if (request.path.front() == "parked")
    parked(request, std::move(answer));
  else if (request.path.front() == "subscriptions")
    subscriptions(request, std::move(answer));
  else
    dead_letters(request, std::move(answer));
}

void operator_endpoints::dead_letters(const http_request& r, completion<http_response> answer) const {
  if (r.path.size() == 1) return list(r, std::move(answer));
  const auto at = number(r.path[3]);
  if (!at) return answer(wrong("\"" + r.path[3] + "\" is not a position", "position"));
  if (r.path.size() == 4) return show(r, *at, std::move(answer));
  node_.replay_dead_letter(
      r.path[1], r.path[2], {*at, event_of(r)}, [answer = std::move(answer)](result<delivered_again> done) mutable {
        answer(done ? http_response::json_text(to_json(*done)) : http_response::problem(done.error()));
      });
}

void operator_endpoints::subscriptions(const http_request& r, completion<http_response> answer) const {
  if (r.path.size() == 4) return reset_subscription_for(r, node_, std::move(answer));
  subscriptions_page page;
  for (const auto& s : node_.subscriptions())
    page.subscriptions.push_back({s.group, s.topic, s.progress->checkpoint.load(), s.progress->refusal()});
  answer(http_response::json_text(to_json(page)));
}

void operator_endpoints::list(const http_request& r, completion<http_response> answer) const {
  auto page = std::make_shared<listing>();
  page->answer = std::move(answer);
  if (const auto* limit = r.query_value("limit")) {
    const auto n = number(*limit);
    if (!n || *n < 1 || *n > static_cast<std::int64_t>(largest_page))
      return page->answer(wrong("a page has 1 to 1000 letters", "limit"));
    page->limit = static_cast<std::size_t>(*n);
  }
  const auto* topic = r.query_value("topic");
  const auto* group = r.query_value("group");
  for (const auto& s : node_.subscriptions())
    if ((!topic || *topic == s.topic) && (!group || *group == s.group)) page->from.push_back(&s);
  std::sort(page->from.begin(), page->from.end(), [](auto* a, auto* b) { return key_of(*a) < key_of(*b); });
  if (const auto* after = r.query_value("after")) {
    const auto first = after->find('/'), last = after->rfind('/');
    const auto from = last == after->npos ? std::nullopt : letter_place_of(std::string_view{*after}.substr(last + 1));
    if (!from || first == last)
      return page->answer(wrong("\"" + *after + "\" is not what a page gave as `next`", "after"));
    const std::pair key{after->substr(0, first), after->substr(first + 1, last - first - 1)};
    std::erase_if(page->from, [&](auto* s) { return key_of(*s) < key; });
    if (!page->from.empty() && key_of(*page->from.front()) == key) page->after = *from;
  }
  page->go_on();
}

void operator_endpoints::show(const http_request& r, position at, completion<http_response> answer) const {
  const auto &topic = r.path[1], &group = r.path[2];
  const auto* s = node_.find_subscription(topic, group);
  const auto name = "position " + std::to_string(at) + " of topic " + topic + ", group " + group;
  if (!s || !s->progress->is_open) return answer(http_response::problem(error{code::not_found, "no dead letter at " + name}));
  auto found = std::make_shared<std::vector<dead_letter>>();
  s->store->read([found, at](view_reader& v) { *found = delivery_tables::find(v, at); },
                 [found, name, topic, group, event = event_of(r), answer = std::move(answer)](result<position> read) mutable {
                   if (!read) return answer(http_response::problem(read.error()));
                   if (!event.empty()) std::erase_if(*found, [&](const dead_letter& d) { return d.event != event; });
                   if (found->empty()) return answer(http_response::problem(error{code::not_found, "no dead letter at " + name}));
                   if (found->size() > 1) return answer(http_response::problem(several(name, *found)));
                   answer(whole(topic, group, found->front()));
                 });
}

void operator_endpoints::parked(const http_request& r, completion<http_response> answer) const {
  if (r.path.size() == 1) {
    parked_page page;
    for (const auto& v : node_.views()) {
      page.streams += v.progress->parked.load();
      for (const auto& s : v.progress->parked_streams())
        page.parked.push_back({v.view, s.stream, s.position, s.reason});
    }
    return answer(http_response::json_text(to_json(page)));
  }
  node_.replay_parked(r.path[1], r.path[2], [answer = std::move(answer)](result<replayed> done) mutable {
    answer(done ? http_response::json(boost::json::object{{"events", done->events}})
                : http_response::problem(done.error()));
  });
}

}  // namespace banyan
