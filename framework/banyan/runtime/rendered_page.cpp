#include <banyan/runtime/rendered_page.hpp>

#include <algorithm>

namespace banyan {

namespace {
constexpr int share = 5;                                // rendering takes at most 1/5 of the time
constexpr auto credit = std::chrono::milliseconds{500};  // saved up at most: allows 100 ms of rendering at once
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
