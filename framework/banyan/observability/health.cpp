#include <banyan/observability/health.hpp>

#include <banyan/core/json.hpp>

#include <algorithm>

namespace banyan {
namespace {

struct page {
  std::string status;
  std::vector<health_line> checks;
};
BOOST_DESCRIBE_STRUCT(page, (), (status, checks))

}  // namespace

void health::report(std::string_view name, health_state state, std::string_view sentence) {
  const std::lock_guard guard{lock_};
  lines_[std::string{name}] = {std::string{name}, state, std::string{sentence}};
}

void health::forget(std::string_view name) {
  const std::lock_guard guard{lock_};
  if (auto line = lines_.find(name); line != lines_.end()) lines_.erase(line);
}

std::vector<health_line> health::lines() const {
  const std::lock_guard guard{lock_};
  std::vector<health_line> out;
  for (const auto& [name, line] : lines_) out.push_back(line);
  return out;
}

health_answer healthz(const std::vector<health_line>& lines) {
  page p{"alive", {}};
  for (const auto& l : lines)
    if (l.state == health_state::dead) p.checks.push_back(l);
  if (p.checks.empty()) return {200, to_json(p)};
  p.status = "dead";
  return {503, to_json(p)};
}

health_answer readyz(const std::vector<health_line>& lines) {
  auto worst = lines.empty() ? health_state::waiting : health_state::ready;
  for (const auto& l : lines) worst = std::max(worst, l.state);
  const page p{boost::describe::enum_to_string(worst, ""), lines};
  return {worst >= health_state::waiting ? 503 : 200, to_json(p)};
}

}  // namespace banyan
