// `shop load`: an open-loop load generator. Requests start when the schedule says, whether or not earlier ones were answered, and their
// latency is counted from that intended start: a stalled shop shows in the percentiles instead of pausing the measurement.
//
//   shop::load_options options{.rate = 200, .mix = "browse=80,order=20", .seconds = 30, .seed = 42};
//   int exit_code = shop::load(options, transport, std::cout, std::cerr, stop);
//
// Kinds: browse (a product, or a page of the list), search (a word of some product's name), order (1 to 4 lines, guests), follow (an order
// that this run has placed lately), report (sales). They use the products that the shop lists: an empty shop is an error.
//
// With an acquirer the run sets its faults, ends them whatever happens, and then waits until no order and no payment
// waits any more.
//
// Bounded: at most `unanswered` requests are under way; one that would be more is not sent but counted as shed, and said so. Nothing is
// repeated: a refusal is a result. Unless `repeat_for` says so: then this is the patient client of a shop that may crash under it, and a
// request that got no answer, or one that says "not now", is sent again, an order under the same id. Its latency goes on counting.
#pragma once

#include <shop/first_contact.hpp>
#include <shop/latency.hpp>

#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace shop {

struct load_options {
  std::string url = "http://127.0.0.1:8080";
  double rate = 50;  // requests per second
  std::string mix = "browse=80,order=20";
  double seconds = 10;
  std::uint64_t seed = 1;  // the schedule and what is asked for; order ids are new in every run
  std::size_t unanswered = 1024;
  banyan::timespan drain = std::chrono::seconds{10};       // how long to wait for the last answers
  banyan::timespan repeat_for = banyan::nanoseconds{0};    // after its intended start
  banyan::timespan reach_within = first_contact_patience;  // at the beginning; who repeats for longer waits for longer
  std::string acknowledged{};                              // a file to record them in (acknowledged.hpp); empty: none
  bool json = false;
  bool terminal = false;
  std::string acquirer{};         // its URL; empty: nobody asks it anything
  std::string acquirer_faults{};  // "error_rate=0.1,lose_answer_rate=0.05": drawn by `seed`, for the time of this run
  banyan::timespan rest_within = std::chrono::seconds{60};  // with an acquirer: until nothing waits any more
};

// The result of one kind of request.
struct load_figures {
  std::string kind;
  latency_histogram latency{};  // answered ones, of every status
  std::uint64_t good = 0;
  std::map<std::string, std::uint64_t> errors{};  // "503 unavailable", "no answer"
  std::uint64_t shed = 0;                         // not sent: too many under way
  std::uint64_t unanswered = 0;                   // sent, no answer until the end of `drain`
  std::uint64_t repeats = 0;                      // sent again
};

struct load_result {
  std::vector<load_figures> kinds;
  double seconds = 0;                      // that the schedule covers, or until it was interrupted
  banyan::nanoseconds worst_start_lag{0};  // how late this program itself was in sending; large: the figures are its own
  bool interrupted = false;
};

std::string as_table(const load_result& result);
std::string as_json(const load_result& result);  // one line: per kind count, good, p50_ms ... max_ms, errors, shed, unanswered, repeats

// Returns 0 when every request was answered with success; 1 when some were not, or the shop cannot be reached; 2 for
// wrong options; 130 when interrupted (after printing what there is). With an acquirer 1 also when orders still wait
// after `rest_within`, and 3 when it can not be reached.
int load(const load_options& options, const transport& send, std::ostream& out, std::ostream& err, const stop_flag& stop);

}  // namespace shop
