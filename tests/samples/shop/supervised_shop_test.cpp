// `banyan supervise` over the real shop and two test programs, while they are killed in every way and customers order: service goes on,
// nothing acknowledged is missing, money and stock are conserved, no line of the log is lost, and nothing is left at the end.
//
// One round by default; BANYAN_ROUNDS=30 for a long run. Prints how long customers had to wait.
#include "around_a_shop.hpp"

#include <banyan/process_supervision/signal_name.hpp>
#include <shop/catalogue.hpp>

#include <cinttypes>
#include <cstdlib>
#include <iostream>
#include <map>

using namespace banyan;
using namespace shop_test;
using shop::stop_flag;

namespace {

struct found_order {
  std::string id, status;
  money total;
  std::vector<shop::asked_line> lines;
};
BOOST_DESCRIBE_STRUCT(found_order, (), (id, status, total, lines))

std::string contents_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void replace(std::string& text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != text.npos);
  text.replace(at, what.size(), with);
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

// The group as it is shipped, with another intensity, the programs of this build, and ports and folders of the test.
std::string shop_group(const place& at, int restarts) {
  auto text = contents_of(SHOP_GROUP);
  replace(text, "restarts = 10", "restarts = " + std::to_string(restarts));
  replace(text, "../../build/release/bin/shop\", \"serve", SHOP_PROGRAM "\", \"serve");
  replace(text, "build/release/bin/acquirer", ACQUIRER_PROGRAM "\", \"--port\", \"" + at.acquirer_port);
  replace(text, "http://127.0.0.1:8080/payments", at.url + "/payments");
  replace(text, "directory = \"../..\"", "directory = \"" + at.folder + "\"");
  return text + "limits = { core = '0B' }\n";
}

constexpr timespan longest_wait = 1200ms;  // the group's back-off ends at 1 s, give or take a fifth

struct strike {
  std::string program;
  int signal;
  monotonic at, back;    // it was ready again
  std::size_t from, to;  // of the log
};

void stock(const place& at) {
  const auto goods = shop::read_catalogue(contents_of(SHOP_CATALOGUE));
  stop_flag never{false};
  shop::exchange window{shop::http_transport(16, 10s), system_clock(), system_random()};
  REQUIRE(goods);
  REQUIRE(shop::stock_shelves(*goods, shop::shop_api::at(at.url).value(), window, never));
}

// Looks every order up, and adds up what was sold: of what was cancelled for want of goods, nothing.
std::int64_t look_up(const place& at, const std::vector<shop::acknowledgement>& orders) {
  stop_flag never{false};
  shop::exchange window{shop::http_transport(16, 10s), system_clock(), system_random()};
  const auto api = shop::shop_api::at(at.url).value();
  std::int64_t sold = 0;
  window.run(
      orders.size(), {}, [&](std::size_t i) { return api.get_order(orders[i].asked.id); },
      [&](std::size_t i, result<http_response> answer) {
        const auto& [when, attempts, asked, told] = orders[i];
        INFO(to_json(asked) << " was acknowledged at " << to_rfc3339_ms(when));
        REQUIRE(answer);
        const auto found = from_json<found_order>(answer->body);
        REQUIRE(found);
        CHECK(found->id == asked.id);
        CHECK((found->total == told.total));
        const auto same = [](const shop::asked_line& a, const shop::asked_line& b) {
          return a.line == b.line && a.sku == b.sku && a.quantity == b.quantity;
        };
        CHECK(std::equal(found->lines.begin(), found->lines.end(), asked.lines.begin(), asked.lines.end(), same));
        if (found->status != "cancelled") sold += found->total.minor;
        return true;
      },
      {}, never);
  return sold;
}

// Exit code and one line of JSON.
std::pair<int, std::string> check_books_once(const place& at) {
  auto* out = ::popen((SHOP_PROGRAM " check-books --json --data " + at.folder + "/data --url " + at.url).c_str(), "r");
  std::string text;
  for (char c[4096]; const auto n = std::fread(c, 1, sizeof c, out);) text.append(c, n);
  const auto status = ::pclose(out);
  return {WEXITSTATUS(status), text};
}

// When the last order has been filled or cancelled: asked again, for a minute at most, as often as it can be answered.
std::pair<int, std::string> check_books(const place& at) {
  for (const auto limit = system_clock().steady() + 1min;;) {
    auto checked = check_books_once(at);
    if (checked.second.find("\"open_orders\":0,") != std::string::npos || system_clock().steady() > limit) return checked;
  }
}

// Each line that the counting program noted as printed is in the log, whole and in its order; at most one more of each run.
void check_log(const std::string& log, const std::string& notes) {
  std::map<std::int64_t, int> noted, logged;  // run -> lines
  std::istringstream all_notes{notes};
  std::int64_t noted_run = 0;
  for (int n = 0; all_notes >> noted_run >> n;) noted[noted_run] = n + 1;
  std::istringstream lines{log};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("counter ")) continue;
    std::int64_t run = 0;
    int n = 0, dots = 0, at = 0;
    const char* text = line.c_str();
    const bool begins = std::sscanf(text, "counter   | run %" SCNd64 " line %d %n", &run, &n, &at) == 2 && at > 0;
    const auto end = line.find_first_not_of('.', static_cast<std::size_t>(at));
    const bool whole = begins && end != line.npos && std::sscanf(text + end, " %d", &dots) == 1 &&
                       line.substr(end) == " " + std::to_string(dots) &&
                       end - static_cast<std::size_t>(at) == static_cast<std::size_t>(dots);
    INFO(line);
    REQUIRE(whole);
    REQUIRE(logged[run]++ == n);
  }
  CHECK(noted.size() == logged.size());
  for (const auto& [run, n] : noted) {
    INFO("run " << run);
    CHECK(logged[run] >= n);
    CHECK(logged[run] <= n + 1);
  }
}

// "; it waits for 63ms", before each start again.
std::vector<timespan> announced_waits(std::string_view log) {
  constexpr std::string_view words = "; it waits for ";
  std::vector<timespan> all;
  for (auto at = log.find(words); at != log.npos; at = log.find(words, at)) {
    at += words.size();
    const auto wait = parse_timespan(log.substr(at, log.find('\n', at) - at));
    REQUIRE(wait);
    all.push_back(*wait);
  }
  return all;
}

void print_figures(const std::vector<strike>& all, const prober& asked, std::size_t orders) {
  std::map<std::string, nanoseconds> worst;  // by signal
  const auto ms = [](nanoseconds t) { return std::chrono::round<std::chrono::milliseconds>(t).count(); };
  std::map<std::pair<std::string, std::string>, std::vector<std::pair<nanoseconds, nanoseconds>>> by;  // outage of the shop, until ready
  for (const auto& s : all) by[{s.program, signal_name(s.signal)}].emplace_back(asked.outage(s.at, s.back), s.back - s.at);
  std::cout << all.size() << " kills, " << orders << " orders acknowledged\n"
            << "program  signal  kills  shop unanswered: median  longest   ready again: median  longest (ms)\n";
  for (auto& [what, times] : by) {
    std::vector<nanoseconds> outages, backs;
    for (const auto& [outage, back] : times) outages.push_back(outage), backs.push_back(back);
    std::sort(outages.begin(), outages.end());
    std::sort(backs.begin(), backs.end());
    if (what.first == "shop") worst[what.second] = outages.back();
    std::printf("%-8s %-7s %5zu %25lld %8lld %22lld %8lld\n", what.first.c_str(), what.second.c_str(), times.size(),
                static_cast<long long>(ms(outages[outages.size() / 2])), static_cast<long long>(ms(outages.back())),
                static_cast<long long>(ms(backs[backs.size() / 2])), static_cast<long long>(ms(backs.back())));
  }
  std::cout << "Measured: nobody answered for at most";
  for (const auto& [what, longest] : worst) std::cout << ' ' << ms(longest) << " ms after " << what << " of the shop,";
  std::cout << " in " << all.size() << " kills" << std::endl;
}

}  // namespace

TEST_CASE("killed, aborted and stopped under load, each comes back alone, and nothing acknowledged is missing", "[supervise]") {
  const char* asked_for = std::getenv("BANYAN_ROUNDS");
  const int rounds = asked_for ? std::atoi(asked_for) : 1;
  const place at;
  const auto notes = at.folder + "/notes";
  supervised_group g{
      shop_group(at, 1000) + "[[program]]\nname = 'counter'\ncommand = ['" COUNTING_PROGRAM "', '" + notes +
          "']\nready = 'notify'\nheartbeat = '2s'\nlimits = { core = '0B' }\n" +
          program("beater", {"ready", "heartbeat"}, "ready = 'notify'\nheartbeat = '2s'\nlimits = { core = '0B' }"),
      at.arguments()};
  const std::vector<std::string> names{"shop", "counter", "beater"};
  std::map<std::string, pid_t> processes;
  for (const auto& name : names) processes[name] = g.start_of(name);
  g.line_with("all programs are up");
  stock(at);

  customers customers{at};
  prober asked{at};
  constexpr std::size_t a_few = 20;
  g.read_until([&] { return asked.answers() >= a_few; });
  std::vector<strike> strikes;
  for (int round = 0; round < rounds; ++round) {
    for (const int signal : {SIGKILL, SIGABRT, SIGSTOP}) {
      for (const auto& name : names) {
        strike s{name, signal, system_clock().steady(), {}, g.text().size(), 0};
        REQUIRE(::kill(processes[name], signal) == 0);
        processes[name] = g.start_of(name);
        g.line_with(name + " is ready");
        s.back = system_clock().steady();
        g.read_until([&, before = asked.answers()] { return asked.answers() >= before + a_few; });
        s.to = g.text().size();
        strikes.push_back(s);
      }
    }
  }
  std::int64_t sold = 0;  // pence
  {
    const reader log{g};
    customers.leave();
    asked.leave();
    print_figures(strikes, asked, customers.orders.size());
    CHECK(customers.complaints == "");
    REQUIRE(customers.orders.size() > 10);
    const auto [code, books] = check_books(at);
    INFO(books);
    CHECK(code == 0);
    CHECK(books.find("\"open_orders\":0,") != std::string::npos);
    sold = look_up(at, customers.orders);
    CHECK(books.find("\"pence\":" + std::to_string(sold) + ",") != std::string::npos);
  }
  g.signal(SIGTERM);
  CHECK(g.end() == 0);
  CHECK(g.left().empty());

  const std::string_view all = g.text();
  const auto last = all.substr(strikes.back().to);
  CHECK(count_of(all, " starts as process ") == names.size() + 1 + strikes.size());
  CHECK(count_of(all, "lines are missing here") == 0);
  for (const auto& s : strikes) {
    const auto log = all.substr(s.from, s.to - s.from);
    INFO(signal_name(s.signal) << " to " << s.program << ":\n" << log);
    CHECK(count_of(log, " starts as process ") == 1);
    CHECK(count_of(log, "| " + s.program + " starts as process ") == 1);
    CHECK(count_of(log, "| " + s.program + " missed its heartbeat for ") == (s.signal == SIGSTOP ? 2 : 0));
    for (const auto wait : announced_waits(log)) CHECK(wait <= longest_wait);
  }
  const auto shop_ended = last.find("| shop exited with code 0"), counter_ended = last.find("| counter was killed by SIGTERM"),
             beater_ended = last.find("| beater was killed by SIGTERM");
  REQUIRE(shop_ended != last.npos);
  CHECK(beater_ended < counter_ended);
  CHECK(counter_ended < shop_ended);
  check_log(g.text(), contents_of(notes));

  supervised_group tomorrow{shop_group(at, 0), at.arguments()};
  tomorrow.line_with("all programs are up");
  CHECK(look_up(at, customers.orders) == sold);
  tomorrow.signal(SIGKILL);
  CHECK(tomorrow.comes_to_nothing());
}

TEST_CASE("a shop that can not start is given up: with its reason, its last words, and nothing left", "[supervise]") {
  const place at;
  const descriptor taken{::socket(AF_INET, SOCK_STREAM, 0)};
  sockaddr_in there{};
  there.sin_family = AF_INET;
  there.sin_port = htons(static_cast<std::uint16_t>(std::stoi(at.port)));
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(taken.get(), reinterpret_cast<sockaddr*>(&there), sizeof there) == 0);
  REQUIRE(::listen(taken.get(), 1) == 0);
  supervised_group g{shop_group(at, 2), at.arguments()};
  CHECK(g.end() == 1);
  const auto why = g.errors();
  INFO(why);
  CHECK(why.find("gave up on shop: it exited with code 1 before it was ready") != std::string::npos);
  CHECK(why.find("it was run 3 times\nallowed are 2 restarts within 1min\nits last lines:\n") != std::string::npos);
  CHECK(why.find("port " + at.port + " is in use") != std::string::npos);
  CHECK(g.left().empty());
}
