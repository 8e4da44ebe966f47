// The steps of the demo, one line each with what was seen, on a stream.
#pragma once

#include <shop/exchange.hpp>

#include <chrono>
#include <functional>
#include <iomanip>
#include <ostream>
#include <stdexcept>
#include <string>

namespace shop {

// One line per step, with what was seen; it ends at the first that fails, or that is interrupted, which is no failure.
class demo_log {
 public:
  demo_log(std::ostream& out, const stop_flag& stop)
      : out_{out}, stop_{stop}, begun_{std::chrono::steady_clock::now()} {}
  void tell(const std::string& step, const std::function<std::string()>& play) {
    auto started = std::chrono::steady_clock::now();
    std::string seen;
    bool good = true;
    try {
      seen = play();
    } catch (const std::exception& e) {
      good = false;
      seen = e.what();
    }
    auto took = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
    if (stop_) throw std::runtime_error{"interrupted at: " + step};
    out_ << (good ? "  ✓  " : "  ✗  FAIL: ") << std::left << std::setw(60) << step << std::right << std::setw(7)
         << std::fixed << std::setprecision(0) << took << " ms   " << seen << std::endl;
    ++steps_;
    if (!good) throw std::runtime_error{step};
  }
  int steps() const { return steps_; }
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count(); }

 private:
  std::ostream& out_;
  const stop_flag& stop_;
  std::chrono::steady_clock::time_point begun_;
  int steps_ = 0;
};

}  // namespace shop
