#include <shop/books_reader.hpp>

#include <future>

namespace shop {

using namespace std::chrono_literals;

constexpr std::size_t events_at_once = 1000;

banyan::result<void> read_on(banyan::journal& journal, books& books, const stop_flag& stop,
                             const std::function<void(banyan::position)>& progress) {
  for (;;) {
    auto answer = std::make_shared<std::promise<banyan::result<banyan::read_page>>>();
    auto got = answer->get_future();
    journal.read_all({.after = books.head(), .limit = events_at_once},
                     [answer](auto read) { answer->set_value(std::move(read)); });
    while (got.wait_for(100ms) != std::future_status::ready)
      if (stop) return banyan::error{banyan::code::unavailable, "interrupted"};
    auto read = got.get();
    if (!read) return read.error();
    for (const auto& event : read->events) books.apply(event);
    if (progress) progress(books.head());
    if (read->at_end || stop) return {};
  }
}

}  // namespace shop
