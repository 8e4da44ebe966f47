// Feeds the books from a journal, page by page, on the caller's thread.
//
//   shop::books books;
//   if (auto read = shop::read_on(journal, books, stop); !read) return read.error();   // to the journal's end
//
// Called again, it goes on where the books stand.
#pragma once

#include <banyan/journal/journal.hpp>
#include <shop/books.hpp>
#include <shop/exchange.hpp>

namespace shop {

// `progress` is told the books' position after each page. Errors: those of the journal; unavailable when `stop` was
// set.
banyan::result<void> read_on(banyan::journal& journal, books& books, const stop_flag& stop,
                             const std::function<void(banyan::position)>& progress = {});

}  // namespace shop
