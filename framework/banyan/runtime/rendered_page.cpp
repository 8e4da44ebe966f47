#include <banyan/runtime/rendered_page.hpp>

#include <algorithm>

namespace banyan {

namespace {
constexpr int share = 5;                                // one part in five of the time
constexpr auto credit = std::chrono::milliseconds{500};  // of time not used for making: 100 ms of it at once
}  // namespace

std::string rendered_page::get(const std::function<std::string()>& make) {
  const std::lock_guard lock{lock_};
  const auto before = clock_.steady();
  if (made_ && paid_until_ > before + credit) return text_;
  text_ = make();
  made_ = true;
  paid_until_ = std::max(paid_until_, before) + share * (clock_.steady() - before);
  return text_;
}

}  // namespace banyan
