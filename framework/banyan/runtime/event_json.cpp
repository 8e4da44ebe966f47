#include <banyan/runtime/event_json.hpp>

#include <banyan/core/json.hpp>

#include <boost/json.hpp>

namespace banyan {

namespace {

struct event_view {
  banyan::position position = 0;
  std::string stream;
  banyan::version version = 0;
  std::string type;
  int schema = 1;
  uuid id;
  instant recorded_at;
  uuid correlation, causation;
  boost::json::value payload;
};
BOOST_DESCRIBE_STRUCT(event_view, (),
                      (position, stream, version, type, schema, id, recorded_at, correlation, causation, payload))

struct stream_view {
  std::string stream;
  banyan::version version = 0;
  instant last_at;
};
BOOST_DESCRIBE_STRUCT(stream_view, (), (stream, version, last_at))

}  // namespace

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

result<recorded_event> event_from(const boost::json::value& v) {
  auto view = from_value<event_view>(v);
  if (!view) return view.error();
  recorded_event e;
  e.id = view->id;
  e.type = std::move(view->type);
  e.schema = view->schema;
  e.payload = boost::json::serialize(view->payload);
  e.metadata.correlation = view->correlation;
  e.metadata.causation = view->causation;
  e.stream = std::move(view->stream);
  e.version = view->version;
  e.position = view->position;
  e.recorded_at = view->recorded_at;
  return e;
}

boost::json::object as_json(const stream_info& s) {
  return {{"stream", s.name}, {"version", s.version}, {"last_at", to_rfc3339(s.last_at)}};
}

result<stream_info> stream_from(const boost::json::value& v) {
  auto view = from_value<stream_view>(v);
  if (!view) return view.error();
  return stream_info{std::move(view->stream), view->version, view->last_at};
}

}  // namespace banyan
