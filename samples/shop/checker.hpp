// `shop check-books`: proves from the journal alone that the books are right, and that the shop's reports say the same.
//
//   auto journal = open_journal_for_reading(...);
//   int exit_code = shop::check_books({.url = "http://127.0.0.1:8080"}, journal, transport, std::cout, std::cerr, stop);
//
// Reads the journal to its end (read_all, nothing is written), adds up money and stock (books.hpp), then compares with /reports/sales and
// /reports/stock of the running shop. The reports are views that follow, and the shop may be selling meanwhile: while they differ, the
// journal is read on and the reports are asked again, for up to `settle_for`.
//
// Work that can not finish is a fault, too: an order that is neither confirmed nor cancelled, or whose goods have not come back, although
// nothing of it is under way any more, and every event that a service gave up.
#pragma once

#include <banyan/journal/journal.hpp>
#include <shop/first_contact.hpp>

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace shop {

// What the services have done of what the journal asks of them.
struct work_done {
  banyan::position handled_to = 0;         // all that was stored up to here has been handled, or given up
  std::int64_t dead_letters = 0;           // events given up
  std::vector<std::string> about_them{};   // a sentence for each, or for the first ones
};

struct check_books_options {
  std::string url{};  // of the shop; empty: check the journal alone
  bool json = false;  // one line of JSON instead of a table
  banyan::timespan settle_for = std::chrono::seconds{30};
  banyan::timespan reach_within = first_contact_patience;
  std::function<banyan::result<work_done>()> work{};  // nothing: what is under way is not known
};

// Returns 0 when everything agrees; 1 when something does not, or journal or shop cannot be read; 2 for a wrong URL; 130 when interrupted.
int check_books(const check_books_options& options, banyan::journal& journal, const transport& send, std::ostream& out, std::ostream& err,
                const stop_flag& stop);

}  // namespace shop
