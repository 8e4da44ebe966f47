// `shop audit`: proves that no money and no goods were lost or made, between three books that know of each other only
// by messages: the acquirer's (over HTTP), the shop's journal (read only), and the shop's reports (over HTTP).
//
//   shop::audit_options options{.url = "http://127.0.0.1:8080", .acquirer = "http://127.0.0.1:8090"};
//   int exit_code = shop::audit(options, journal, transport, std::cout, std::cerr, stop);
//
// The laws are in audit_laws.hpp. What follows behind, views and work that is under way, gets `settle_for`: while only
// such things are missing everything is read again. A violation that no waiting can heal is reported at once, with
// those that might.
//
// `check-books` (checker.hpp) proves the shop's part alone, from the journal and its reports, without an acquirer.
#pragma once

#include <shop/audit_laws.hpp>

#include <banyan/journal/journal.hpp>

#include <iosfwd>
#include <string>

namespace shop {

struct audit_options {
  std::string url{};       // of the shop
  std::string acquirer{};  // its URL
  bool json = false;       // one line of JSON instead of a table
  bool terminal = false;   // draw the progress bar in place
  bool may_wait = false;   // orders that wait are shown, and are no violation
  banyan::timespan settle_for = std::chrono::seconds{30};
  banyan::timespan reach_within = first_contact_patience;
  std::function<banyan::result<work_done>()> work{};
};

// What was found of all laws. `err` is shown the progress. Errors: invalid_argument for a wrong URL; those of
// acquirer, shop or journal when they can not be read; unavailable when `stop` was set.
banyan::result<audit_findings> find_violations(const audit_options& options, banyan::journal& journal,
                                               const transport& send, std::ostream& err, const stop_flag& stop);

// The same as a program: the findings go to `out`, what prevents them to `err`.
// Returns exit_ok when all laws hold; exit_failed when one is violated; exit_usage for a wrong URL; exit_unreachable
// when acquirer, shop or journal can not be read; exit_interrupted.
int audit(const audit_options& options, banyan::journal& journal, const transport& send, std::ostream& out,
          std::ostream& err, const stop_flag& stop);

std::string as_table(const audit_findings& findings);
std::string as_json(const audit_findings& findings);  // one line
// The sums of money and goods in one line; or of each law that is violated its name and first violation.
std::string as_summary(const audit_findings& findings);

}  // namespace shop
