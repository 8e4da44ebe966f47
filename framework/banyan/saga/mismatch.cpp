#include <banyan/saga/mismatch.hpp>

#include <boost/describe/enum_to_string.hpp>

#include <memory>
#include <new>

namespace banyan {
namespace {

struct any_result {
  std::optional<nested_json> ok, again;
  std::optional<banyan::error> error;
};
BOOST_DESCRIBE_STRUCT(any_result, (), (ok, again, error))

std::string cut(const std::string& text) {
  constexpr std::size_t most = 200;
  return text.size() <= most ? text : text.substr(0, most) + "...";
}

void append(std::string& out, const std::string& word) {
  if (!word.empty()) out += " " + word;
}

std::string number_text(int n) { return n == 0 ? std::string{} : std::to_string(n); }

// The value as today's type writes it. Empty: it does not decode.
std::string as_type(const std::string& json, const message_codec& codec) {
  const auto release = [&](void* p) { ::operator delete(p); };
  const std::unique_ptr<void, decltype(release)> storage{::operator new(codec.size), release};
  if (codec.decode(storage.get(), json)) return {};
  std::string text;
  codec.encode(text, storage.get());
  codec.destroy(storage.get());
  return text;
}

}  // namespace

std::string to_string(const saga_mismatch& m) {
  return "turn " + std::to_string(m.turn) + ", " + m.because + ": recorded was " + m.recorded +
         ", and now the code has " + m.present;
}

error to_error(const saga_mismatch& m) { return error{code::conflict, to_string(m)}.because("saga_mismatch"); }

std::string describe(const saga_request& r) {
  std::string text = boost::describe::enum_to_string(r.kind, "");
  append(text, number_text(r.number));
  append(text, r.name);
  if (r.version != 1) text += " v" + std::to_string(r.version);
  append(text, cut(r.arguments.text));
  if (r.of != 0) text += " of " + std::to_string(r.of);
  if (r.undo) text += " undone by " + r.undo->operation + " " + cut(r.undo->arguments.text);
  if (r.refused) text += ", refused";
  return text;
}

std::string describe(const saga_notification& n) {
  std::string text = boost::describe::enum_to_string(n.kind, "");
  append(text, number_text(n.number));
  append(text, n.name);
  return text;
}

std::string describe(const saga_ending& e) {
  return std::string{"the end, "} + boost::describe::enum_to_string(e.how, "") + " " + cut(e.result.text);
}

bool is_same_value(const nested_json& recorded, const nested_json& present, const message_codec* codec) {
  if (recorded == present) return true;
  return codec && as_type(recorded.text, *codec) == present.text;
}

bool is_same_request(const saga_request& recorded, const saga_request& present, const message_codec* arguments) {
  return recorded.kind == present.kind && recorded.number == present.number && recorded.name == present.name &&
         recorded.version == present.version && recorded.of == present.of &&
         (recorded.refused || is_same_value(recorded.arguments, present.arguments, arguments));
}

bool is_same_undo(const std::optional<saga_undo>& recorded, const std::optional<saga_undo>& present,
                  const message_codec* arguments) {
  if (!recorded || !present) return recorded.has_value() == present.has_value();
  return recorded->operation == present->operation && recorded->version == present->version &&
         is_same_value(recorded->arguments, present->arguments, arguments);
}

bool is_same_result(const nested_json& recorded, const nested_json& present,
                    nested_json (*result_of_today)(const nested_json&), const message_codec* input) {
  if (recorded == present) return true;
  auto then = from_json<any_result>(recorded.text), now = from_json<any_result>(present.text);
  if (!then || !now) return false;
  if (then->error && now->error) {
    const auto &a = *then->error, &b = *now->error;
    return a.code == b.code && a.reason == b.reason && a.field == b.field && a.outcome == b.outcome;
  }
  if (then->again && now->again) return is_same_value(*then->again, *now->again, input);
  return then->ok && now->ok && result_of_today && result_of_today(recorded) == present;
}

}  // namespace banyan
