#include <banyan/runtime/events_command.hpp>

#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/event_sourcing/stream_order.hpp>

#include <boost/json.hpp>

#include <future>
#include <iomanip>
#include <ostream>

namespace banyan {

namespace {

template <class T, class Start>
result<T> wait(Start start) {
  std::promise<result<T>> promise;
  auto answer = promise.get_future();
  start(completion<T>{[&](result<T> r) { promise.set_value(std::move(r)); }});
  return answer.get();
}

int fail(const error& e, std::ostream& err) {
  err << to_string(e) << '\n';
  return 1;
}

boost::json::object as_json(const recorded_event& e) {
  auto payload = parse_json(e.payload);
  return {{"position", e.position},
          {"stream", e.stream},
          {"version", e.version},
          {"type", e.type},
          {"schema", e.schema},
          {"id", to_string(e.id)},
          {"recorded_at", to_rfc3339(e.recorded_at)},
          {"correlation", to_string(e.metadata.correlation)},
          {"causation", to_string(e.metadata.causation)},
          {"payload", payload ? std::move(*payload) : boost::json::value(e.payload)}};
}

const entity_spec* aggregate_of(const application& app, const std::string& stream) {
  for (auto& p : app.services)
    for (auto& [item, spec] : p.all<entity_spec>())
      if (stream.starts_with(spec->journal + "-")) return spec;
  return nullptr;
}

// Every event of a stream in order, page by page, until `is_enough(next)` or `each` returns false. An error when one of them is missing.
template <class Enough, class Each>
std::optional<error> for_each_event(journal& j, const std::string& stream, Enough is_enough, Each each) {
  for (version from = 1;;) {
    auto page = wait<std::vector<recorded_event>>([&](auto done) { j.read_stream({stream, from, 1000}, std::move(done)); });
    if (!page) return page.error();
    for (auto& e : *page) {
      if (is_enough(e)) return std::nullopt;
      if (auto hole = check_order(e, from - 1)) return hole;
      if (!each(e)) return std::nullopt;
      from = e.version + 1;
    }
    if (page->size() < 1000) return std::nullopt;
  }
}

}  // namespace

int list_events(journal& j, const events_query& q, std::ostream& out, std::ostream& err) {
  auto streams = wait<std::vector<stream_info>>([&](auto done) { j.list_streams(q.prefix, {}, q.limit, std::move(done)); });
  if (!streams) return fail(streams.error(), err);
  if (streams->empty()) err << (q.prefix.empty() ? "The journal is empty." : "No stream begins with " + q.prefix + ".") << '\n';
  if (!q.json && !streams->empty()) out << std::left << std::setw(44) << "STREAM" << std::right << std::setw(9) << "VERSION" << "  LAST EVENT\n";
  for (auto& s : *streams) {
    if (q.json)
      out << boost::json::object{{"stream", s.name}, {"version", s.version}, {"last_at", to_rfc3339(s.last_at)}} << '\n';
    else
      out << std::left << std::setw(44) << s.name << std::right << std::setw(9) << s.version << "  " << to_rfc3339(s.last_at) << '\n';
  }
  return 0;
}

int show_events(journal& j, const events_query& q, std::ostream& out, std::ostream& err) {
  std::size_t shown = 0;
  const auto never = [](const recorded_event&) { return false; };
  auto failed = for_each_event(j, q.stream, never, [&](const recorded_event& e) {
    if (q.json)
      out << as_json(e) << '\n';
    else
      out << std::right << std::setw(6) << e.version << "  " << to_rfc3339(e.recorded_at) << "  " << e.type << " v" << e.schema << "  (position "
          << e.position << ")\n        " << e.payload << '\n';
    return ++shown < q.limit;
  });
  if (failed) return fail(*failed, err);
  if (shown == 0) return fail({code::not_found, "no stream " + q.stream}, err);
  return 0;
}

int state_at(journal& j, const application& app, const events_query& q, std::ostream& out, std::ostream& err) {
  auto* spec = aggregate_of(app, q.stream);
  if (!spec) return fail({code::not_found, "no aggregate of this program owns stream " + q.stream}, err);
  auto entity = spec->aggregate.make();
  version reached = 0;
  std::optional<error> broken;
  const auto is_enough = [&](const recorded_event& next) {
    return (q.version && reached >= *q.version) || (q.as_of && next.recorded_at > *q.as_of);
  };
  auto failed = for_each_event(j, q.stream, is_enough, [&](const recorded_event& e) {
    if (auto applied = entity->apply(e); !applied) {
      broken = applied.error();
      return false;
    }
    reached = e.version;
    return true;
  });
  if (failed) return fail(*failed, err);
  if (broken) return fail(*broken, err);
  if (reached == 0) return fail({code::not_found, "stream " + q.stream + " has no event at that point"}, err);
  if (q.version && reached < *q.version) return fail({code::not_found, "stream " + q.stream + " has only " + std::to_string(reached) + " events"}, err);
  auto state = parse_json(entity->state_json());
  if (q.json)
    out << boost::json::object{{"stream", q.stream}, {"version", reached}, {"state", state ? std::move(*state) : boost::json::value{}}} << '\n';
  else
    out << q.stream << " at version " << reached << " (" << spec->aggregate.name << ")\n" << entity->state_json() << '\n';
  return 0;
}

}  // namespace banyan
