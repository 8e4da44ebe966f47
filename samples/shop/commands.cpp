#include <shop/commands.hpp>

#include <shop/audit.hpp>
#include <shop/catalogue.hpp>
#include <shop/checker.hpp>
#include <shop/demo.hpp>
#include <shop/embedded.hpp>
#include <shop/first_contact.hpp>
#include <shop/http_transport.hpp>
#include <shop/load.hpp>
#include <shop/replay.hpp>
#include <shop/stored_work.hpp>

#include <banyan/core/time.hpp>
#include <banyan/plan/number_in.hpp>
#include <banyan/plan/suggestion.hpp>
#include <banyan/runtime/configuration.hpp>
#include <banyan/runtime/open_engines.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <limits>
#include <utility>

#include <unistd.h>

namespace shop {

namespace {

stop_flag interrupted{false};

void stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second one ends the process, whatever it waits for
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool on_a_terminal() { return isatty(STDERR_FILENO) != 0; }

// A shell's variable that is not set: what it should have said is not known, and no default stands for it.
const CLI::Validator& not_empty() {
  static const CLI::Validator check{[](std::string& text) { return std::string{text.empty() ? "it must not be empty" : ""}; }, ""};
  return check;
}

// Parses, then runs; wrong usage ends with 2.
int parse_and_run(CLI::App& cli, int argc, char** argv, const std::function<int()>& command) {
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (cli.exit(e) == 0) return 0;
    std::vector<banyan::command_words> words;
    banyan::collect_words(cli, {}, words);
    if (auto meant = banyan::suggestion(argc, argv, words); !meant.empty()) std::cerr << meant << '\n';
    return 2;
  }
  stop_on_signals();
  return command();
}

// Where the shop is: what --url says, or else where `serve` would listen with the same configuration.
class shop_address {
 public:
  shop_address(CLI::App& cli, std::string& url, const banyan::program& of) : url_{url}, program_{of} {
    url_.clear();
    cli.add_option("--url", url_, "The shop; default: where its configuration says that it listens")->check(not_empty());
    cli.add_option("--config", files_, "Its configuration file (default: shop.toml, if there is one)")->type_name("FILE");
  }
  // False, with all that is wrong on standard error.
  bool find() {
    if (!url_.empty()) return true;
    auto settings = program_.settings(files_);
    if (!settings) {
      std::cerr << settings.error().message;
      return false;
    }
    url_ = "http://" + banyan::destination_of(banyan::parse_listen_address(settings->listen).value());
    return true;
  }
  const std::vector<std::string>& files() const { return files_; }

 private:
  std::string& url_;
  const banyan::program& program_;
  std::vector<std::string> files_;
};

// False, with a sentence on standard error, when nobody answers or it is no shop; it may be starting.
bool reach(const shop_api& api, exchange& shop) {
  const auto found =
      api.reply<product_list>(first_answer(api, api.get_products("", 1, ""), shop, banyan::system_clock(), std::cerr, interrupted));
  if (found) return true;
  if (interrupted)
    std::cerr << "interrupted\n";
  else if (is_no_shop(found.error()))
    std::cerr << found.error().message << '\n';
  else
    std::cerr << "No shop answers at " << api.url() << " (is `shop serve` running?): " << to_string(found.error()) << '\n';
  return false;
}

int run_stock(int argc, char** argv, const banyan::program& of) {
  CLI::App cli{"Lists the shop's own small catalogue and receives its opening stock; doing it twice changes nothing", "shop stock"};
  std::string url;
  shop_address at{cli, url, of};
  return parse_and_run(cli, argc, argv, [&] {
    if (!at.find()) return 2;
    auto goods = read_catalogue(catalogue_json());
    auto api = shop_api::at(url);
    if (!goods || !api) {
      std::cerr << (goods ? to_string(api.error()) : to_string(goods.error())) << '\n';
      return 2;
    }
    exchange shop{http_transport(16, std::chrono::seconds{10}), banyan::system_clock(), banyan::system_random()};
    if (!reach(*api, shop)) return interrupted ? 130 : 1;
    if (auto stocked = stock_shelves(*goods, *api, shop, interrupted); !stocked) {
      std::cerr << to_string(stocked.error()) << '\n';
      return 1;
    }
    std::cout << goods->products.size() << " products are on the shelves of " << url << '\n';
    return 0;
  });
}

int run_replay(int argc, char** argv, const banyan::program& of) {
  CLI::App cli{"Plays real transactions (UCI Online Retail format, .csv or .csv.gz) through the shop's public HTTP API", "shop replay"};
  replay_options o;
  cli.add_option("file", o.file, "The transactions")->required();
  shop_address at{cli, o.url, of};
  cli.add_flag("--json", o.json, "JSON lines; the last one is the summary");
  return parse_and_run(cli, argc, argv, [&] {
    if (!at.find()) return 2;
    o.terminal = on_a_terminal();
    return replay(o, http_transport(64, std::chrono::seconds{30}), std::cout, std::cerr, interrupted);
  });
}

// The journal of a shop, read beside the running one: where --data and --journal say, or else its configuration.
class shop_journal {
 public:
  explicit shop_journal(CLI::App& cli) {
    cli.add_option("--data", data_, "The shop's data folder; default: what its configuration says")->check(not_empty());
    cli.add_option("--journal", journal_, "Its journal; default: what its configuration says")->check(not_empty());
  }
  // An exit code, with all that is wrong on standard error, or nothing.
  std::optional<int> open(const banyan::program& of, const std::vector<std::string>& files, int exit_unreadable) {
    if (data_.empty() || journal_.empty()) {
      auto settings = of.settings(files);
      if (!settings) {
        std::cerr << settings.error().message;
        return 2;
      }
      if (data_.empty()) data_ = settings->data;
      if (journal_.empty()) journal_ = settings->journal;
    }
    auto engines = banyan::open(journal_, data_, true);
    if (!engines) {
      std::cerr << to_string(engines.error()) << '\n';
      return exit_unreadable;
    }
    engines_.emplace(std::move(*engines));
    if (!engines_->info.incomplete.empty()) std::cerr << engines_->info.incomplete << '\n';
    return std::nullopt;
  }
  banyan::journal& get() { return *engines_->journal; }
  std::function<banyan::result<work_done>()> work() {
    return [this] { return stored_work(engines_->ports); };
  }

 private:
  std::string data_, journal_;
  std::optional<banyan::open_engines> engines_;
};

int run_load(int argc, char** argv, const banyan::program& of) {
  CLI::App cli{"Open-loop load: requests start when the schedule says; latencies count from there", "shop load"};
  load_options o;
  shop_address at{cli, o.url, of};
  cli.add_option("--rate", o.rate, "Requests per second")->capture_default_str();
  cli.add_option("--mix", o.mix, "Kinds and weights: browse, search, order, follow, report")->capture_default_str();
  cli.add_option("--seconds", o.seconds, "How long")->capture_default_str();
  cli.add_option("--seed", o.seed, "The same seed asks for the same things")
      ->transform(banyan::number_in<CLI::Validator>(std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str();
  double repeat_for = 0;
  cli.add_option("--repeat-for", repeat_for, "Seconds to send a request again that was not answered, or put off; an order keeps its id")
      ->transform(banyan::number_in<CLI::Validator>(0.0, 86400.0));
  cli.add_option("--acknowledged", o.acknowledged, "Record the orders that were acknowledged: a line of JSON each")->type_name("FILE");
  cli.add_flag("--json", o.json, "The result as one line of JSON");
  auto* acquirer =
      cli.add_option("--acquirer", o.acquirer, "The acquirer; at the end the run waits until nothing waits for it");
  acquirer->check(not_empty());
  cli.add_option("--acquirer-faults", o.acquirer_faults,
                 "Its faults during the run, drawn by the seed: NAME=VALUE,NAME=VALUE")
      ->needs(acquirer);
  bool audits = false;
  cli.add_flag("--audit", audits, "Then prove that nothing was lost or made (see `shop audit`)")->needs(acquirer);
  shop_journal journal{cli};
  return parse_and_run(cli, argc, argv, [&] {
    if (!at.find()) return 2;
    if (audits)
      if (auto failed = journal.open(of, at.files(), 3)) return *failed;
    o.terminal = on_a_terminal();
    o.repeat_for = banyan::nanoseconds{static_cast<std::int64_t>(repeat_for * 1e9)};
    const int played = load(o, http_transport(128, std::chrono::seconds{10}), std::cout, std::cerr, interrupted);
    if (!audits || played == 2 || interrupted) return played;
    audit_options proof{.url = o.url, .acquirer = o.acquirer, .json = o.json, .terminal = o.terminal};
    proof.work = journal.work();
    const auto send = http_transport(16, std::chrono::seconds{30});
    const int proved = audit(proof, journal.get(), send, std::cout, std::cerr, interrupted);
    return proved == 0 ? played : proved;
  });
}

int run_check_books(int argc, char** argv, const banyan::program& of) {
  CLI::App cli{"Proves from the journal alone that money and stock add up, and that the shop's reports say the same", "shop check-books"};
  check_books_options o;
  shop_journal journal{cli};
  std::vector<std::string> files;
  cli.add_option("--config", files, "Its configuration file (default: shop.toml, if there is one)")->type_name("FILE");
  cli.add_option("--url", o.url, "The running shop; without it only the journal is checked")->check(not_empty());
  cli.add_flag("--json", o.json, "One line of JSON");
  return parse_and_run(cli, argc, argv, [&] {
    if (auto failed = journal.open(of, files, 1)) return *failed;
    o.work = journal.work();
    return check_books(o, journal.get(), http_transport(4, std::chrono::seconds{30}), std::cout, std::cerr,
                       interrupted);
  });
}

int run_audit(int argc, char** argv, const banyan::program& of) {
  CLI::App cli{
      "Proves that money and goods are conserved between the acquirer's book, the shop's journal and its reports",
      "shop audit"};
  audit_options o;
  shop_journal journal{cli};
  shop_address at{cli, o.url, of};
  cli.add_option("--acquirer", o.acquirer, "The acquirer")->check(not_empty())->required();
  cli.add_flag("--allow-waiting", o.may_wait, "Orders that wait for the acquirer are told, and are no violation");
  double settle_for = 30;
  cli.add_option("--settle-for", settle_for, "Seconds that views and work under way have to be finished")
      ->transform(banyan::number_in<CLI::Validator>(0.0, 86400.0))
      ->capture_default_str();
  cli.add_flag("--json", o.json, "One line of JSON");
  cli.footer(
      "Exit code 0: all laws hold; 1: one is violated; 2: wrong usage; 3: acquirer, shop or journal can not be read");
  return parse_and_run(cli, argc, argv, [&] {
    if (!at.find()) return 2;
    if (auto failed = journal.open(of, at.files(), 3)) return *failed;
    o.work = journal.work();
    o.terminal = on_a_terminal();
    o.settle_for = banyan::nanoseconds{static_cast<std::int64_t>(settle_for * 1e9)};
    return audit(o, journal.get(), http_transport(16, std::chrono::seconds{30}), std::cout, std::cerr, interrupted);
  });
}

}  // namespace

std::vector<banyan::extra_command> shop_commands(std::string program) {
  return {{"stock", "Put the small invented catalogue on the shelves", run_stock},
          {"replay", "Play real transactions through the API, and compare every sum", run_replay},
          {"load", "Open-loop load with latency percentiles", run_load},
          {"check-books", "Derive money and stock from the journal, compare with the reports", run_check_books},
          {"audit", "Prove that money and goods are conserved: acquirer, payments, orders, stock", run_audit},
          {"demo", "A short story: order, sell out, power cut, recovery; prints a summary", [program](int argc, char** argv, const banyan::program&) {
             CLI::App cli{"Plays a short story on a shop of its own and prints a summary; exit code 0 when all went well", "shop demo"};
             return parse_and_run(cli, argc, argv, [&] { return demo(program, std::cout, std::cerr, interrupted); });
           }}};
}

}  // namespace shop
