#include <banyan/configuration/assignment.hpp>

#include <banyan/core/text.hpp>

#include <utility>

namespace banyan {
namespace {

void make_printable(std::string& text) {
  constexpr std::size_t longest = 500;
  if (text.size() > longest) text.resize(longest);
  text = printable(std::move(text));
}

bool may_be_written(assignment::literal how, option::kind what) {
  using literal = assignment::literal;
  switch (how) {
    case literal::word:
      return true;
    case literal::text:
      return what == option::kind::text || what == option::kind::duration;
    case literal::boolean:
      return what == option::kind::boolean;
    case literal::integer:
      return what == option::kind::integer || what == option::kind::number;
    case literal::number:
      return what == option::kind::number;
    case literal::texts:
    case literal::element:
    case literal::table:
    case literal::other:
      return false;
  }
  return false;
}

std::string wrong_type(const assignment& a, const option& o) {
  const bool in_quotes = o.what() == option::kind::text || o.what() == option::kind::duration;
  using literal = assignment::literal;
  auto found = a.value;
  if (a.how == literal::text) found = "a text in quotes";
  if (a.how == literal::boolean && o.is_secret()) found = "a boolean";
  if (a.how == literal::integer || a.how == literal::number)
    found = o.is_secret() ? "a number" : "the number " + a.value;
  return "expected " + o.expects() + (in_quotes ? ", in quotes" : "") + "; found " + found;
}

}  // namespace

std::optional<std::string> mistake(const assignment& a, const option& o) {
  if (!may_be_written(a.how, o.what())) return wrong_type(a, o);
  if (auto good = o.try_set(a.value); !good) return good.error().message;
  return {};
}

void make_printable(problem& p) {
  make_printable(p.where);
  make_printable(p.sentence);
}

std::string report(const std::vector<problem>& problems) {
  std::string out;
  for (const auto& p : problems) out += p.where + ": " + p.sentence + "\n";
  return out + (problems.size() == 1 ? "1 problem" : std::to_string(problems.size()) + " problems") + " found\n";
}

}  // namespace banyan
