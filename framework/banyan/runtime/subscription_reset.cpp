#include <banyan/runtime/subscription_reset.hpp>

#include <boost/json.hpp>

#include <charconv>

namespace banyan {

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

void reset_subscription_for(const http_request& request, const node& running, completion<http_response> answer) {
  const auto* to = request.query_value("to");
  auto from = parse_subscription_start(to ? *to : std::string{});
  if (!from) return answer(http_response::problem(from.error()));
  const auto& group = request.path[1];
  const auto& topic = request.path[2];
  running.reset_subscription(topic, group, *from, [answer = std::move(answer), group, topic](result<position> at) mutable {
    answer(at ? http_response::json(boost::json::object{{"group", group}, {"topic", topic}, {"position", *at}})
              : http_response::problem(at.error()));
  });
}

}  // namespace banyan
