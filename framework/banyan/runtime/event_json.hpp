// The JSON of events and streams, as `events --json` prints them and the operations port serves them.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/journal/journal.hpp>

#include <boost/json/object.hpp>

namespace banyan {

boost::json::object as_json(const recorded_event& e);
result<recorded_event> event_from(const boost::json::value& v);

boost::json::object as_json(const stream_info& s);
result<stream_info> stream_from(const boost::json::value& v);

}  // namespace banyan
