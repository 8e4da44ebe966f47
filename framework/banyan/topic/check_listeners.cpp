#include <banyan/plan/nearest.hpp>
#include <banyan/topic/listens.hpp>
#include <banyan/topic/topic_name.hpp>

#include <algorithm>
#include <map>

namespace banyan {

namespace {

constexpr std::string_view topic_prefix = "topic ";

// The names of all topics that something publishes, stored or not.
std::vector<std::string> published_topics(const application& app) {
  std::vector<std::string> found;
  for (const auto& p : app.services)
    for (const auto& item : p.items())
      for (const auto& link : item->links())
        if (link.verb == "publishes" && link.target.starts_with(topic_prefix))
          found.push_back(link.target.substr(topic_prefix.size()));
  return found;
}

std::string event_of(const live_publisher& p) {
  return std::string{short_name(*p.publication->event)} + " (" + p.where + ")";
}

// A topic of a node has one type of event.
void check_publishers(const application& app, std::vector<problem>& out) {
  std::map<std::string, live_publisher> first;
  for (const auto& p : live_publishers(app)) {
    const auto [known, is_new] = first.emplace(p.publication->topic, p);
    if (!is_new && known->second.publication->event != p.publication->event)
      out.push_back({p.where, "publishes " + std::string{short_name(*p.publication->event)} + " on topic " +
                                  p.publication->topic + ", which carries " + event_of(known->second) +
                                  ": use another topic"});
  }
}

void check_listener(const application& app, const std::string& where, const listener_spec& s,
                    std::vector<problem>& out) {
  const auto add = [&](std::string sentence) { out.push_back({where, std::move(sentence)}); };
  if (!is_topic_name(s.topic))
    return add(
        "the name of a topic is 1 to 100 letters, digits, '_' and '-', in tokens joined by dots such as "
        "prices.changed; \"" +
        s.topic + "\" is not");
  const auto live = live_publishers(app, s.topic);
  const auto event = std::string{short_name(*s.event)};
  if (!live.empty()) {
    if (live.front().publication->event != s.event)
      add("topic " + s.topic + " carries " + event_of(live.front()) + ", this handler takes " + event +
          ": it would never be called; listen to the topic of that event");
    return;
  }
  const auto published = published_topics(app);
  if (std::find(published.begin(), published.end(), s.topic) != published.end())
    return add("the events of topic " + s.topic + " are stored: follow them with subscribes<...>, which misses none");
  const auto meant = nearest(s.topic, published);
  add("listens to topic " + s.topic + ", which nothing in this application publishes" +
      (meant.empty() ? "; a topic that begins with \"banyan.\" is published by the patterns that it is about, as "
                       "banyan.breakers by an ambassador with a circuit breaker"
                     : "; did you mean " + meant + "?"));
}

}  // namespace

std::vector<live_publisher> live_publishers(const application& app, std::string_view topic) {
  std::vector<live_publisher> found;
  for (const auto& p : app.services)
    for (const auto& item : p.items())
      for (const auto& [type, value] : item->offers()) {
        if (type != type_of<live_publication>()) continue;
        const auto* publication = static_cast<const live_publication*>(value.get());
        if (topic.empty() || publication->topic == topic) found.push_back({item_path(p, *item), publication});
      }
  return found;
}

void check_listeners(const application& app, std::vector<problem>& out) {
  check_publishers(app, out);
  for (const auto& p : app.services)
    for (const auto& [item, spec] : p.all<listener_spec>()) check_listener(app, item_path(p, *item), *spec, out);
}

}  // namespace banyan
