// journal_writer: fencing tokens, declared facts, and forgetting of commands.
#include <banyan/engines/sqlite/journal_writer.hpp>

#include <banyan/journal/category.hpp>
#include <banyan/journal/journal_rules.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <charconv>

namespace banyan::sqlite {

std::int64_t journal_writer::token_of(std::string_view scope) {
  constexpr std::size_t most = 10'000;
  if (const auto known = tokens_.find(scope); known != tokens_.end()) return known->second;
  find_token_.bind_view(1, scope);
  const auto stored = step(find_token_) ? find_token_.integer(0) : 0;
  find_token_.reset();
  if (tokens_.size() >= most) tokens_.clear();
  tokens_.emplace(scope, stored);
  return stored;
}

void journal_writer::raise(const fence& f) {
  if (f.token <= token_of(f.scope)) return;
  put_token_.bind_view(1, f.scope).bind(2, f.token);
  run(put_token_);
  tokens_[f.scope] = f.token;
}

// Whether an earlier attempt has stored this fenced append.
outcome journal_writer::outcome_of(const append_request& request) {
  const auto holds = [](const std::optional<result<append_result>>& answer) { return answer && *answer; };
  return holds(answered_before(request)) || holds(appended_before(request)) ? outcome::applied : outcome::not_applied;
}

result<sealed> journal_writer::seal(const fence& f) {
  if (const auto held = token_of(f.scope); f.token < held) return fenced(f, held);
  raise(f);
  return sealed{head_};
}

result<bool> journal_writer::declare(const std::string& key, const std::string& value) {
  find_fact_.bind_view(1, key);
  if (step(find_fact_)) {
    const std::string stored{find_fact_.text(0)};
    find_fact_.reset();
    if (stored != value) return declared_otherwise(key, stored, value);
    return false;
  }
  auto count = db_.number("select count(*) from facts");
  if (!count) fail(count.error());
  if (*count >= static_cast<std::int64_t>(journal_limits::facts)) return too_many_facts();
  put_fact_.bind_view(1, key).bind_view(2, value);
  run(put_fact_);
  return true;
}

// Iterates over streams that have commands, by number: a stream whose commands are all forgotten costs nothing.
result<forgotten> journal_writer::forget(const forget_request& request) {
  std::int64_t next = 0;
  const auto* end = request.from.data() + request.from.size();
  const bool continues = !request.from.empty();
  if (continues && std::from_chars(request.from.data(), end, next).ptr != end)
    return error{code::invalid_argument, "from is not what a step before answered"}.at("from");
  forgotten answer;
  std::size_t budget = journal_limits::forgetting;
  for (;;) {
    next_commands_.bind(1, next);
    if (!step(next_commands_)) return answer;
    const auto stream = next_commands_.integer(0);
    next_commands_.reset();
    if (budget > 0) {
      const bool is_meant = request.category.empty() || is_of_category(stream, request.category);
      const auto n = is_meant ? forget_of(stream, request.horizon, budget) : 0;
      answer.commands += static_cast<std::int64_t>(n);
      budget -= std::max<std::size_t>(n, 1);
      next = stream + 1;
      if (n == 0 || budget > 0) continue;
    }
    answer.next = std::to_string(stream);  // this stream may not have been processed completely
    return answer;
  }
}

bool journal_writer::is_of_category(std::int64_t stream, const std::string& category) {
  find_name_.bind(1, stream);
  const bool is_it = step(find_name_) && category_of(find_name_.text(0)) == category;
  find_name_.reset();
  return is_it;
}

// Commands of a stream are numbered without gaps, and the oldest are forgotten first.
std::size_t journal_writer::forget_of(std::int64_t stream, const command_horizon& horizon, std::size_t most) {
  first_command_.bind(1, stream);
  const auto first = step(first_command_) ? first_command_.integer(0) : 0;
  first_command_.reset();
  find_last_command_.bind(1, stream);
  const auto last = step(find_last_command_) ? find_last_command_.integer(0) : 0;
  find_last_command_.reset();
  const auto stored_at = [&](std::size_t i) {
    command_time_.bind(1, stream).bind(2, first + static_cast<std::int64_t>(i));
    const auto at = step(command_time_) ? command_time_.integer(0) : 0;
    command_time_.reset();
    return instant{nanoseconds{at}};
  };
  const auto n = beyond(horizon, options_.clock->now(), static_cast<std::size_t>(last - first + 1), most, stored_at);
  if (n == 0) return 0;
  forget_commands_.bind(1, stream).bind(2, first + static_cast<std::int64_t>(n));
  run(forget_commands_);
  return n;
}

std::int64_t journal_writer::changes() const { return sqlite3_total_changes64(db_.handle()); }

}  // namespace banyan::sqlite
