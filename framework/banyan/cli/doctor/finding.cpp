#include "finding.hpp"

#include <banyan/core/text.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace banyan::doctor {
namespace {

struct look {
  std::string_view word, color;  // color: ANSI escape sequence
};
constexpr std::array<look, 3> looks{{{"ok", "\033[32m"}, {"warning", "\033[33m"}, {"error", "\033[31m"}}};
constexpr std::size_t status_width = 9;

std::string counted(std::ptrdiff_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

}  // namespace

std::string to_text(const std::vector<finding>& findings, bool color) {
  std::size_t widest = 0;
  for (const auto& f : findings) widest = std::max(widest, f.name.size());
  std::string out;
  for (const auto& f : findings) {
    const auto& l = looks.at(static_cast<std::size_t>(f.status));
    out += color ? std::string{l.color} + std::string{l.word} + "\033[0m" : std::string{l.word};
    out += std::string(status_width - l.word.size(), ' ') + f.name + std::string(widest + 2 - f.name.size(), ' ');
    out += printable(f.value) + "\n";
    if (!f.advice.empty()) out += std::string(status_width + widest + 2, ' ') + printable(f.advice) + "\n";
  }
  const auto count = [&](severity s) { return std::ranges::count(findings, s, &finding::status); };
  return out + "\n" + std::to_string(count(severity::ok)) + " ok, " + counted(count(severity::warning), "warning") +
         ", " + counted(count(severity::error), "error") + ".\n";
}

int exit_code(const std::vector<finding>& findings) {
  return std::ranges::any_of(findings, [](const finding& f) { return f.status == severity::error; }) ? 1 : 0;
}

}  // namespace banyan::doctor
