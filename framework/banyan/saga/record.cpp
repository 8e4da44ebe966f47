#include <banyan/saga/record.hpp>

#include <banyan/core/hash.hpp>

#include <utility>

namespace banyan {
namespace {

struct untyped_answer {
  std::optional<nested_json> ok;
  std::optional<banyan::error> error;
};
BOOST_DESCRIBE_STRUCT(untyped_answer, (), (ok, error))

struct operator_reason {
  std::string because;
};
BOOST_DESCRIBE_STRUCT(operator_reason, (), (because))

saga_notification stopped_by(saga_notice kind, error why, std::string by) {
  saga_notification n;
  n.kind = kind;
  n.payload = saga_error(why);
  n.by = std::move(by);
  return n;
}

std::string sentence(std::string_view what, std::string_view because) {
  auto text = "the saga was " + std::string{what};
  if (!because.empty()) text += ": " + std::string{because};
  return text;
}

}  // namespace

uuid saga_run_id(const saga_head& head) {
  const auto id = uuid_from_name(head.saga, head.id);
  return head.run == 1 ? id : derive(id, static_cast<std::uint64_t>(head.run), "run");
}

uuid saga_event_id(const uuid& run_id, int turn, std::string_view payload) {
  return derive(run_id, stable_hash(payload), "turn " + std::to_string(turn));
}

nested_json saga_error(const error& why) { return {R"({"error":)" + to_json(why) + "}"}; }

std::optional<error> error_in(const nested_json& answer) {
  auto read = from_json<untyped_answer>(answer.text);
  if (!read) return error{code::corrupt, "the answer does not decode: " + read.error().message, outcome::applied};
  if (read->ok.has_value() == read->error.has_value())
    return error{code::corrupt, "the answer must have either ok or error", outcome::applied};
  return std::move(read->error);
}

std::optional<error> error_in_known(const nested_json& answer) {
  if (answer.text.starts_with(R"({"ok":)")) return std::nullopt;
  return error_in(answer);
}

saga_notification saga_answer(int number, nested_json answer, const uuid& command) {
  saga_notification n;
  n.kind = saga_notice::answered;
  n.number = number;
  n.id = command;
  n.payload = std::move(answer);
  return n;
}

saga_notification saga_fired(int number) {
  saga_notification n;
  n.kind = saga_notice::fired;
  n.number = number;
  return n;
}

saga_notification saga_begun(int number) {
  saga_notification n;
  n.kind = saga_notice::begun;
  n.number = number;
  return n;
}

saga_notification saga_event(std::string name, nested_json event, const uuid& id) {
  saga_notification n;
  n.kind = saga_notice::received;
  n.name = std::move(name);
  n.id = id;
  n.payload = std::move(event);
  return n;
}

saga_notification saga_cancelled(std::string_view because, std::string by) {
  return stopped_by(saga_notice::cancelled,
                    error{code::refused, sentence("cancelled", because)}.because("saga_cancelled"), std::move(by));
}

saga_notification saga_out_of_time() {
  return stopped_by(saga_notice::out_of_time,
                    error{code::deadline_exceeded, "the saga is out of time"}.because("saga_out_of_time"), {});
}

saga_notification saga_aborted(std::string_view because, std::string by) {
  return stopped_by(saga_notice::aborted, error{code::refused, sentence("aborted", because)}.because("saga_aborted"),
                    std::move(by));
}

saga_notification saga_retried(std::string_view because, std::string by) {
  saga_notification n;
  n.kind = saga_notice::retried;
  n.payload = nested(operator_reason{std::string{because}});
  n.by = std::move(by);
  return n;
}

saga_notification saga_undone_by_hand(int number, std::string_view because, std::string by) {
  auto n = saga_retried(because, std::move(by));
  n.kind = saga_notice::undone;
  n.number = number;
  return n;
}

}  // namespace banyan
