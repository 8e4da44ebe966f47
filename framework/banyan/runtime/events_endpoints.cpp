#include <banyan/runtime/events_endpoints.hpp>

#include <banyan/runtime/event_json.hpp>
#include <banyan/runtime/operator_token.hpp>

#include <boost/json.hpp>

#include <charconv>
#include <string>

namespace banyan {

namespace {

std::string text_of(const http_request& r, std::string_view name) {
  const auto* value = r.query_value(name);
  return value ? *value : std::string{};
}

result<std::int64_t> number_of(const http_request& r, const char* name, std::int64_t otherwise, std::int64_t least) {
  const auto* text = r.query_value(name);
  if (!text) return otherwise;
  std::int64_t n = 0;
  const auto* end = text->data() + text->size();
  const auto [behind, failure] = std::from_chars(text->data(), end, n);
  if (failure != std::errc{} || behind != end || n < least)
    return error{code::invalid_argument, "it is a whole number from " + std::to_string(least)}.at(name);
  return n;
}

template <class T>
completion<std::vector<T>> into_page(const char* name, completion<http_response> answer) {
  return [name, answer = std::move(answer)](result<std::vector<T>> found) mutable {
    if (!found) return answer(http_response::problem(found.error()));
    boost::json::array all;
    for (const auto& one : *found) all.emplace_back(as_json(one));
    answer(http_response::json(boost::json::object{{name, std::move(all)}}));
  };
}

}  // namespace

void events_endpoints::handle(const http_request& request, completion<http_response> answer) const {
  if (auto refusal = refuse_operator(request, settings_.operator_token)) return answer(std::move(*refusal));
  const auto limit = number_of(request, "limit", 50, 1);
  if (!limit) return answer(http_response::problem(limit.error()));
  const auto most = static_cast<std::size_t>(*limit);
  if (request.path.front() == "streams")
    return journal_.list_streams(text_of(request, "prefix"), text_of(request, "after"), most,
                                 into_page<stream_info>("streams", std::move(answer)));
  const bool backwards = text_of(request, "backwards") == "true";
  const auto from = number_of(request, "from", backwards ? 0 : 1, 0);
  if (!from) return answer(http_response::problem(from.error()));
  journal_.read_stream({text_of(request, "stream"), *from, most, backwards},
                       into_page<recorded_event>("events", std::move(answer)));
}

}  // namespace banyan
