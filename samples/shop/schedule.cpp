#include <shop/schedule.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <random>

namespace shop {
namespace {

// Not std::uniform_real_distribution: its results differ between standard libraries, and a seed should mean the same run everywhere.
double unit(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1.0p-53; }

}  // namespace

banyan::result<std::vector<mix_part>> parse_mix(std::string_view text) {
  auto refuse = [](std::string why) { return banyan::error{banyan::code::invalid_argument, std::move(why)}.at("mix"); };
  std::vector<mix_part> mix;
  double sum = 0;
  while (!text.empty()) {
    auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    auto equals = part.find('=');
    auto name = part.substr(0, equals);
    if (equals == std::string_view::npos || name.empty())
      return refuse("write the mix as kind=weight,kind=weight: \"" + std::string{part} + "\"");
    auto number = part.substr(equals + 1);
    double weight = 0;
    auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), weight);
    if (failure != std::errc{} || end != number.data() + number.size() || !(weight >= 0 && weight <= 1e6))
      return refuse("the weight of " + std::string{name} + " must be a number from 0 to 1000000");
    if (std::ranges::any_of(mix, [&](const auto& other) { return other.kind == name; }))
      return refuse(std::string{name} + " is there twice");
    mix.push_back({std::string{name}, weight});
    sum += weight;
  }
  if (!(sum > 0)) return refuse("the mix is empty: at least one kind needs a weight above 0");
  return mix;
}

banyan::result<std::vector<arrival>> make_schedule(double rate, banyan::timespan span, const std::vector<mix_part>& mix,
                                                   std::uint64_t seed) {
  auto refuse = [](std::string why, const char* field) { return banyan::error{banyan::code::invalid_argument, std::move(why)}.at(field); };
  double seconds = std::chrono::duration<double>(span.count()).count();
  if (!(rate > 0)) return refuse("the rate must be above 0", "rate");
  if (!(seconds > 0)) return refuse("the run must last longer than 0 s", "seconds");
  double wanted = std::round(rate * seconds);
  if (!(wanted >= 1 && wanted <= 1e7)) return refuse("rate times seconds must be from 1 to 10000000 requests", "rate");

  double sum = 0;
  for (const auto& part : mix) sum += part.weight;
  std::mt19937_64 random{seed};
  std::vector<arrival> plan(static_cast<std::size_t>(wanted));
  for (auto& a : plan) a.at = banyan::nanoseconds{static_cast<std::int64_t>(unit(random) * static_cast<double>(span.count().count()))};
  std::ranges::sort(plan, {}, &arrival::at);
  for (auto& a : plan) {
    double draw = unit(random) * sum;
    while (a.kind + 1 < mix.size() && (draw -= mix[a.kind].weight) >= 0) ++a.kind;
  }
  return plan;
}

}  // namespace shop
