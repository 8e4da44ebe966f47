// `shop check-books`: proves from the journal alone that the books are right, and that the shop's reports say the same.
//
//   auto journal = open_journal_for_reading(...);
//   int exit_code = shop::check_books({.url = "http://127.0.0.1:8080"}, journal, transport, std::cout, std::cerr, stop);
//
// Reads the journal to its end (read_all, nothing is written), adds up money and stock (books.hpp), then compares with /reports/sales and
// /reports/stock of the running shop. The reports are views that follow, and the shop may be selling meanwhile: while they differ, the
// journal is read on and the reports are asked again, for up to `settle_for`.
#pragma once

#include <banyan/event_sourcing/journal.hpp>
#include <shop/exchange.hpp>

#include <iosfwd>
#include <string>

namespace shop {

struct check_books_options {
  std::string url{};  // of the shop; empty: check the journal alone
  bool json = false;  // one line of JSON instead of a table
  banyan::timespan settle_for = std::chrono::seconds{30};
};

// Returns 0 when everything agrees; 1 when something does not, or journal or shop cannot be read; 2 for a wrong URL; 130 when interrupted.
int check_books(const check_books_options& options, banyan::journal& journal, const transport& send, std::ostream& out, std::ostream& err,
                const stop_flag& stop);

}  // namespace shop
