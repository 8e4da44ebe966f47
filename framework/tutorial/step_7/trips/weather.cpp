#include <trips/weather.hpp>

#include <banyan/plan/service.hpp>
#include <banyan/service/handles.hpp>

#include <atomic>

namespace weather {

namespace {

std::atomic<int> asked{0};

// Each third time its station does not answer.
banyan::result<forecast> tell(banyan::context<>, const get_forecast& q) {
  if (++asked % 3 == 0) return banyan::error{banyan::code::unavailable, "the station does not answer"};
  return forecast{q.city, 15};
}

}  // namespace

banyan::plan describe() { return banyan::service<weather_api>(banyan::handles<tell>{}); }

}  // namespace weather
