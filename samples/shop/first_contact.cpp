#include <shop/first_contact.hpp>

#include <ostream>

namespace shop {

using namespace std::chrono_literals;

banyan::result<banyan::http_response> first_answer(const shop_api& api, const banyan::http_request& question, exchange& shop,
                                                   const banyan::clock& clock, std::ostream& err, const stop_flag& stop,
                                                   const window_options& options) {
  const auto asked = clock.steady();
  bool told = false;
  return shop.once(question, options, stop, [&](std::size_t settled) {
    if (told || settled > 0 || clock.steady() - asked < 1s) return;
    told = true;
    err << "Waiting for " << api.url() << " to answer ..." << std::endl;
  });
}

}  // namespace shop
