#include <banyan/runtime/events_command.hpp>

#include <banyan/core/json.hpp>
#include <banyan/core/text.hpp>
#include <banyan/journal/category.hpp>
#include <banyan/journal/stream_fold.hpp>
#include <banyan/journal/stream_order.hpp>
#include <banyan/plan/number_in.hpp>
#include <banyan/runtime/event_json.hpp>

#include <CLI/CLI.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <limits>
#include <ostream>
#include <thread>

namespace banyan {

namespace {

int fail(const error& e, std::ostream& err) {
  err << to_string(e) << '\n';
  return 1;
}

// Writes JSON over several lines, indented by so many spaces.
void write_indented(const boost::json::value& v, std::size_t indent, std::string& out) {
  const std::string margin(indent, ' ');
  const auto list = [&](const auto& entries, char open, char close, auto write) {
    out += open;
    bool first = true;
    for (const auto& e : entries) {
      out += (first ? "\n" : ",\n") + margin + "  ";
      write(e);
      first = false;
    }
    out += (first ? "" : "\n" + margin) + close;
  };
  if (const auto* o = v.if_object())
    list(*o, '{', '}', [&](const auto& member) {
      out += boost::json::serialize(boost::json::value(member.key())) + ": ";
      write_indented(member.value(), indent + 2, out);
    });
  else if (const auto* a = v.if_array())
    list(*a, '[', ']', [&](const auto& element) { write_indented(element, indent + 2, out); });
  else
    out += boost::json::serialize(v);
}

std::string indented(const std::string& json, std::size_t indent) {
  auto parsed = parse_json(json);
  std::string out(indent, ' ');
  if (!parsed) return out + json;
  write_indented(*parsed, indent, out);
  return out;
}

const stream_fold* fold_of(const application& app, const std::string& stream) {
  for (auto& p : app.services)
    for (const auto* fold : p.offered<stream_fold>())
      if (fold->owns(stream)) return fold;
  return nullptr;
}

// Calls `each` for the events of a stream after a version, in order and page by page, until `is_enough(next)` or
// `each` returns false. An error when an event is missing.
template <class Enough, class Each>
std::optional<error> for_each_event(events_source& events, const std::string& stream, version after, Enough is_enough,
                                    Each each) {
  if (after == std::numeric_limits<version>::max()) return std::nullopt;
  for (version from = after + 1;;) {
    auto page = events.read_stream({stream, from, 1000});
    if (!page) return page.error();
    for (auto& e : *page) {
      if (is_enough(e)) return std::nullopt;
      if (auto hole = check_order(e, from - 1)) return hole;
      if (!each(e)) return std::nullopt;
      from = e.version + 1;
    }
    if (page->empty()) return std::nullopt;
  }
}

std::string none_of(const events_query& q) {
  const auto after = q.after.empty() ? "" : " after " + q.after;
  if (!q.prefix.empty()) return "No stream" + after + " begins with " + q.prefix + ".";
  return after.empty() ? "The journal is empty." : "No stream" + after + ".";
}

void add_page_options(CLI::App& to, events_query& q) {
  to.add_flag("--json", q.json, "One JSON object a line");
  to.add_option("--limit", q.limit, "At most this many")
      ->transform(number_in<CLI::Validator>(1, 10'000))
      ->capture_default_str();
}

}  // namespace

void add_list_options(CLI::App& list, events_query& q) {
  add_page_options(list, q);
  list.add_option("prefix", q.prefix, "Only streams that begin with this");
  list.add_option("--after", q.after, "Only streams behind this one")->type_name("STREAM");
}

void add_show_options(CLI::App& show, events_query& q) {
  add_page_options(show, q);
  show.add_flag("--pretty", q.pretty, "JSON over several lines");
  show.add_option("stream", q.stream, "Such as orders-536365")->required();
  show.add_option("--after", q.after_version, "Only events behind this version")
      ->type_name("VERSION")
      ->transform(number_in<CLI::Validator>(version{0}, std::numeric_limits<version>::max()));
  // Polls the journal, which another process writes. Ended by a signal, also while its output is blocked.
  const auto wait_for_more = [] {
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
    return true;
  };
  show.add_flag_callback("--follow", [&q, wait_for_more] { q.follow = wait_for_more; },
                         "Wait for more events until Ctrl-C");
}

int list_events(events_source& events, const events_query& q, std::ostream& out, std::ostream& err) {
  auto streams = events.list_streams(q.prefix, q.after, q.limit);
  if (!streams) return fail(streams.error(), err);
  bool has_more = false;
  // The limit is the largest page, so that one more event could not be asked for with it.
  if (!streams->empty() && streams->size() == q.limit) {
    const auto next = events.list_streams(q.prefix, streams->back().name, 1);
    if (!next) return fail(next.error(), err);
    has_more = !next->empty();
  }
  if (streams->empty()) err << none_of(q) << '\n';
  if (!q.json && !streams->empty()) out << std::left << std::setw(44) << "STREAM" << std::right << std::setw(9) << "VERSION" << "  LAST EVENT\n";
  for (auto& s : *streams) {
    if (q.json)
      out << as_json(s) << '\n';
    else
      out << std::left << std::setw(44) << printable(s.name) << std::right << std::setw(9) << s.version << "  " << to_rfc3339(s.last_at) << '\n';
  }
  if (has_more) {
    out << std::flush;
    err << "The first " << streams->size() << " streams; there are more: --after " << streams->back().name << ", or --limit N\n";
  }
  return 0;
}

int show_events(events_source& events, const events_query& q, std::ostream& out, std::ostream& err) {
  auto newest = events.read_stream({q.stream, 0, 1, true});
  if (!newest) return fail(newest.error(), err);
  if (newest->empty() && !q.follow) return fail({code::not_found, "no stream " + q.stream}, err);
  auto shown_to = q.after_version;
  std::size_t shown = 0;
  const auto show = [&](const recorded_event& e) {
    if (q.json)
      out << as_json(e) << '\n';
    else
      out << std::right << std::setw(6) << e.version << "  " << to_rfc3339(e.recorded_at) << "  " << e.type << " v" << e.schema << "  (position "
          << e.position << ")\n" << (q.pretty ? indented(e.payload, 8) : "        " + e.payload) << '\n';
    shown_to = e.version;
    return ++shown < q.limit || q.follow;
  };
  const auto never = [](const recorded_event&) { return false; };
  if (auto failed = for_each_event(events, q.stream, q.after_version, never, show)) return fail(*failed, err);
  out << std::flush;
  while (q.follow && out && q.follow()) {
    if (auto failed = for_each_event(events, q.stream, shown_to, never, show)) return fail(*failed, err);
    out << std::flush;
  }
  if (q.follow) return 0;
  const auto last = newest->front().version;
  if (shown == 0) err << "Stream " << q.stream << " has " << last << " events, none of them after version " << q.after_version << '\n';
  if (shown > 0 && shown_to < last)
    err << shown << " of " << last << " events; there are more: --after " << shown_to << ", or --limit N\n";
  return 0;
}

int state_at(journal& j, const application& app, const events_query& q, std::ostream& out, std::ostream& err) {
  const auto* fold = fold_of(app, q.stream);
  if (!fold) return fail({code::not_found, "no aggregate of this program owns stream " + q.stream}, err);
  auto entity = fold->make();
  version reached = 0;
  std::optional<error> broken;
  const auto is_enough = [&](const recorded_event& next) {
    return (q.version && reached >= *q.version) || (q.as_of && next.recorded_at > *q.as_of);
  };
  journal_events events{j};
  auto failed = for_each_event(events, q.stream, 0, is_enough, [&](const recorded_event& e) {
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
    out << q.stream << " at version " << reached << " (" << fold->name << ")\n"
        << (q.pretty ? indented(entity->state_json(), 0) : entity->state_json()) << '\n';
  return 0;
}

}  // namespace banyan
