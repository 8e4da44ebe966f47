#include <banyan/runtime/idempotency_key.hpp>

#include <banyan/core/hash.hpp>

#include <algorithm>

namespace banyan {

result<void> check(const idempotency_key& key) {
  const auto visible = [](char c) { return c > 0x20 && c < 0x7f; };
  if (!key.text.empty() && key.text.size() <= 255 && std::all_of(key.text.begin(), key.text.end(), visible)) return {};
  return error{code::invalid_argument, "an Idempotency-Key has 1 to 255 visible ASCII characters"}.at(std::string{idempotency_key_header});
}

// The caller is prefixed with its length, so that different pairs of caller and key give different texts.
uuid command_id(const idempotency_key& key) {
  return uuid_from_name(key.operation + "\nIdempotency-Key", std::to_string(key.caller.size()) + ":" + key.caller + key.text);
}

append_request claim(const idempotency_key& key, std::string_view identity) {
  append_request request;
  request.command =
      command_record{"banyan.idempotency_keys", command_id(key), stable_hash(key.operation + "\n" + std::string{identity}), R"({"ok":{}})"};
  return request;
}

error claim_refused(const error& by_the_journal) {
  if (by_the_journal.code == code::conflict)
    return error{code::conflict, "this Idempotency-Key was first sent with another request"}
        .because("command_id_reused")
        .at(std::string{idempotency_key_header});
  auto refusal = by_the_journal;
  refusal.outcome = outcome::not_applied;
  return refusal;
}

}  // namespace banyan
