#include <shop/audit.hpp>
#include <shop/progress.hpp>

#include <algorithm>
#include <sstream>

namespace shop {

struct audit_line {
  bool ok = false;
  std::vector<audit_law> laws;
};
BOOST_DESCRIBE_STRUCT(audit_line, (), (ok, laws))

namespace {

std::string about(const audit_violation& v) { return (v.order.empty() ? "" : "order " + v.order + ": ") + v.text; }

// The law of which this is a sum, or a count; each name that is asked for here belongs to one.
const std::map<std::string, std::int64_t>& numbers_with(const audit_findings& findings, const std::string& name,
                                                        std::map<std::string, std::int64_t> audit_law::*numbers) {
  static const std::map<std::string, std::int64_t> none;
  const auto law = std::ranges::find_if(findings.laws, [&](const auto& l) { return (l.*numbers).contains(name); });
  return law == findings.laws.end() ? none : (*law).*numbers;
}

}  // namespace

std::string as_json(const audit_findings& findings) {
  return banyan::to_json(audit_line{findings.hold(), findings.laws});
}

std::string as_table(const audit_findings& findings) {
  std::ostringstream out;
  int violated = 0;
  for (const auto& law : findings.laws) {
    const bool was_checked = law.not_checked.empty();
    out << (!law.holds() ? "✗ " : was_checked ? "✓ " : "- ") << law.name << '\n' << "   ";
    for (const auto& [what, n] : law.counts) out << "  " << what << ' ' << with_thousands(n);
    for (const auto& [what, minor] : law.pence) out << "  " << what << " £" << pounds(minor);
    out << '\n';
    if (!was_checked) out << "    not checked: " << law.not_checked << '\n';
    for (const auto& v : law.first_violations) out << "    ! " << about(v) << '\n';
    const auto untold = law.violations - static_cast<std::int64_t>(law.first_violations.size());
    if (untold > 0) out << "    ! and " << with_thousands(untold) << " more\n";
    violated += law.holds() ? 0 : 1;
  }
  if (violated == 0)
    out << "All laws hold.\n";
  else
    out << violated << (violated == 1 ? " law is" : " laws are") << " violated.\n";
  return out.str();
}

std::string as_summary(const audit_findings& findings) {
  std::ostringstream out;
  if (!findings.hold()) {
    for (const auto& law : findings.laws)
      if (!law.holds())
        out << (out.tellp() > 0 ? "; " : "") << law.name << ": "
            << (law.first_violations.empty() ? "violated" : about(law.first_violations.front()));
    return out.str();
  }
  const auto of = [](const auto& numbers, const char* name) {
    const auto at = numbers.find(name);
    return at == numbers.end() ? 0 : at->second;
  };
  const auto& money = numbers_with(findings, "acquirer", &audit_law::pence);
  const auto& totals = numbers_with(findings, "due", &audit_law::pence);
  const auto& goods = numbers_with(findings, "pieces", &audit_law::counts);
  out << "acquirer £" << pounds(of(money, "acquirer")) << " = payments £" << pounds(of(money, "journal"))
      << " = orders £" << pounds(of(totals, "due")) << "; " << with_thousands(of(goods, "pieces"))
      << " pieces reserved = " << with_thousands(of(goods, "confirmed")) << " confirmed + "
      << with_thousands(of(goods, "given back")) << " given back + " << with_thousands(of(goods, "waiting"))
      << " waiting";
  return out.str();
}

}  // namespace shop
