// The acquirer's faults for the time of a run, and the rest after it.
//
//   shop::acquirer_faults faults{acquirer, exchange};
//   if (auto set = faults.begin(*shop::faults_body("error_rate=0.1", seed), stop); !set) return set.error();
//   ...
//   faults.end();                               // or the destructor, when nobody came so far
//   auto waiting = shop::wait_for_rest(api, acquirer, exchange, clock, std::chrono::seconds{60}, stop);
#pragma once

#include <shop/acquirer_api.hpp>
#include <shop/exchange.hpp>
#include <shop/shop_api.hpp>

namespace shop {

class acquirer_faults {
 public:
  acquirer_faults(const acquirer_api& api, exchange& http) : api_{api}, http_{http} {}
  acquirer_faults(const acquirer_faults&) = delete;
  acquirer_faults& operator=(const acquirer_faults&) = delete;
  ~acquirer_faults() { (void)end(); }

  banyan::result<void> begin(const std::string& body, const stop_flag& stop);
  // Ends all faults, also when the run is interrupted: waits at most `patience` for the acquirer.
  banyan::result<void> end();
  static constexpr std::chrono::seconds patience{5};

 private:
  const acquirer_api& api_;
  exchange& http_;
  bool are_set_ = false;
};

// Until no order waits for its money, no payment for the acquirer and no callback for the shop. The number of those
// that still wait when `within` is over, or `stop` is set.
banyan::result<std::int64_t> wait_for_rest(const shop_api& api, const acquirer_api& acquirer, exchange& http,
                                           const banyan::clock& clock, banyan::timespan within, const stop_flag& stop,
                                           const std::function<void(std::int64_t waiting)>& progress = {});

}  // namespace shop
