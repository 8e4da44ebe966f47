#include <shop/audit.hpp>
#include <shop/progress.hpp>

#include <sstream>

namespace shop {

struct audit_line {
  bool ok = false;
  std::vector<audit_law> laws;
};
BOOST_DESCRIBE_STRUCT(audit_line, (), (ok, laws))

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
    for (const auto& v : law.first_violations)
      out << "    ! " << (v.order.empty() ? "" : "order " + v.order + ": ") << v.text << '\n';
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

}  // namespace shop
