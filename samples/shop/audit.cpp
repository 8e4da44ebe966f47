#include <shop/audit.hpp>

#include <shop/books_reader.hpp>
#include <shop/progress.hpp>
#include <shop/replay.hpp>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <ostream>

namespace shop {
namespace {

using namespace std::chrono_literals;
using banyan::result;

struct audited_services {
  shop_api shop;
  acquirer_api acquirer;
};

// Errors: invalid_argument for a wrong URL.
result<audited_services> services_of(const audit_options& options) {
  const auto about = [](const std::string& url, banyan::error e) {
    e.message = url + ": " + e.message;
    return e;
  };
  auto api = shop_api::at(options.url);
  if (!api) return about(options.url, api.error());
  auto acquirer = acquirer_api::at(options.acquirer);
  if (!acquirer) return about(options.acquirer, acquirer.error());
  return audited_services{std::move(*api), std::move(*acquirer)};
}

banyan::error interrupted() { return {banyan::code::unavailable, "interrupted"}; }

// Reads everything, once.
class audit_run {
 public:
  audit_run(const audit_options& options, audited_services asked, banyan::journal& journal, const transport& send,
            std::ostream& err, const stop_flag& stop)
      : options_{options},
        api_{std::move(asked.shop)},
        acquirer_{std::move(asked.acquirer)},
        journal_{journal},
        exchange_{send, clock_, banyan::system_random()},
        bar_{err, options.terminal, clock_},
        err_{err},
        stop_{stop} {}

  // Whether somebody answers, before anything long is begun.
  result<void> reach() {
    const window_options first{.give_up_after = options_.reach_within, .end_after = options_.reach_within};
    if (auto shop = api_.reply<sales_report>(
            first_answer(api_, api_.get_sales_report(), exchange_, clock_, err_, stop_, first));
        !shop)
      return about("the shop at " + api_.url(), shop.error());
    if (auto book = acquirer_.reply<acquirer_totals>(exchange_.once(acquirer_.get_book(), first, stop_)); !book)
      return about("the acquirer at " + acquirer_.url(), book.error());
    return {};
  }

  // What the services have done is asked for before the journal is read: what is handled by then has left its events
  // there. The journal is read before the acquirer and after it: so it is known what changed meanwhile, and nothing is
  // in the acquirer's book that the journal should not have.
  result<audit_findings> judge_once() {
    work_done work;
    if (options_.work) {
      auto done = options_.work();
      if (!done) return about("what the services have done", done.error());
      work = std::move(*done);
    }
    if (auto read = read_journal(); !read) return about("the journal", read.error());
    audit_facts facts{
        .journal = books_, .quiet_since = books_.head(), .work = std::move(work), .may_wait = options_.may_wait};
    if (auto read = read_acquirer(facts); !read) return about("the acquirer's book", read.error());
    if (auto read = read_reports(facts); !read) return about("the shop's reports", read.error());
    if (auto read = read_journal(); !read) return about("the journal", read.error());
    bar_.begin("laws", 1);
    auto findings = judge(facts);
    bar_.show(1);
    return findings;
  }

  // False when stopped.
  bool pause(banyan::nanoseconds time) {
    std::mutex mutex;
    std::condition_variable never;
    const auto until = clock_.steady() + time;
    std::unique_lock lock{mutex};
    while (!stop_ && clock_.steady() < until)
      never.wait_for(lock, std::min<banyan::nanoseconds>(until - clock_.steady(), 50ms));
    return !stop_;
  }

 private:
  static banyan::error about(const std::string& what, banyan::error e) {
    e.message = what + " can not be read: " + e.message;
    return e;
  }

  result<void> read_journal() {
    auto answer = std::make_shared<std::promise<result<banyan::journal_info>>>();
    auto arrived = answer->get_future();
    journal_.info([answer](auto info) { answer->set_value(std::move(info)); });
    while (arrived.wait_for(100ms) != std::future_status::ready)
      if (stop_) return interrupted();
    const auto info = arrived.get();
    if (!info) return info.error();
    bar_.begin("journal", info->head);
    return read_on(journal_, books_, stop_, [this](banyan::position at) { bar_.show(at); });
  }

  result<void> read_acquirer(audit_facts& facts) {
    auto before = acquirer_.reply<acquirer_totals>(exchange_.once(acquirer_.get_book(), patient, stop_));
    if (!before) return before.error();
    facts.totals_before = std::move(*before);
    bar_.begin("acquirer", static_cast<std::uint64_t>(facts.totals_before.charges + facts.totals_before.refunds));
    auto pages =
        exchange_.pages(acquirer_.get_charges(""), patient, stop_,
                        [&](const banyan::http_response& answer) -> result<std::optional<banyan::http_request>> {
                          auto page = acquirer_.reply<acquirer_charge_page>(answer);
                          if (!page) return page.error();
                          std::ranges::move(page->charges, std::back_inserter(facts.charges));
                          bar_.show(facts.charges.size());
                          if (!page->next || page->charges.empty()) return std::optional<banyan::http_request>{};
                          return std::optional{acquirer_.get_charges(*page->next)};
                        });
    if (!pages) return pages.error();
    if (auto read = read_refunds(facts); !read) return read.error();
    auto after = acquirer_.reply<acquirer_totals>(exchange_.once(acquirer_.get_book(), patient, stop_));
    if (!after) return after.error();
    facts.totals = std::move(*after);
    return {};
  }

  result<void> read_refunds(audit_facts& facts) {
    std::vector<std::string> keys;
    for (const auto& charge : facts.charges)
      if (charge.refunded.minor != 0) keys.push_back(charge.key);
    std::optional<banyan::error> failure;
    exchange_.run(
        keys.size(), patient, [&](std::size_t i) { return acquirer_.get_refunds(keys[i]); },
        [&](std::size_t i, result<banyan::http_response> answer) {
          auto list = acquirer_.reply<acquirer_refund_list>(answer);
          if (list)
            facts.refunds[keys[i]] = std::move(list->refunds);
          else
            failure = list.error();
          return !failure;
        },
        [&](std::size_t settled) { bar_.show(facts.charges.size() + settled); }, stop_);
    if (failure) return *failure;
    if (stop_) return interrupted();
    return {};
  }

  result<void> read_reports(audit_facts& facts) {
    auto sums = api_.reply<payments_report>(exchange_.once(api_.get_payments_report(), patient, stop_));
    if (!sums) return sums.error();
    facts.payment_sums = std::move(*sums);
    bar_.begin("payments", facts.charges.size());
    auto pages =
        exchange_.pages(api_.get_payments(), patient, stop_,
                        [&](const banyan::http_response& answer) -> result<std::optional<banyan::http_request>> {
                          auto page = api_.reply<payment_page>(answer);
                          if (!page) return page.error();
                          std::ranges::move(page->payments, std::back_inserter(facts.payments));
                          bar_.show(facts.payments.size());
                          if (!page->next || page->payments.empty()) return std::optional<banyan::http_request>{};
                          return std::optional{api_.get_payments(*page->next)};
                        });
    if (!pages) return pages.error();
    auto sales = api_.reply<sales_report>(exchange_.once(api_.get_sales_report(), patient, stop_));
    if (!sales) return sales.error();
    facts.sales = std::move(*sales);
    auto stock = whole_stock_report(api_, exchange_, patient, stop_);
    if (!stock) return stock.error();
    facts.stock = std::move(*stock);
    return {};
  }

  static constexpr window_options patient{.unsettled = 16, .give_up_after = 20s};
  const audit_options& options_;
  shop_api api_;
  acquirer_api acquirer_;
  banyan::journal& journal_;
  const banyan::clock& clock_ = banyan::system_clock();
  exchange exchange_;
  progress bar_;
  std::ostream& err_;
  const stop_flag& stop_;
  books books_;
};

result<audit_findings> judge_settled(const audit_options& options, audited_services asked, banyan::journal& journal,
                                     const transport& send, std::ostream& err, const stop_flag& stop) {
  audit_run run{options, std::move(asked), journal, send, err, stop};
  if (auto reached = run.reach(); !reached) return reached.error();
  const auto& clock = banyan::system_clock();
  const auto until = banyan::add_saturating(clock.steady(), options.settle_for);
  for (banyan::nanoseconds wait = 200ms;; wait = std::min<banyan::nanoseconds>(2 * wait, 2s)) {
    auto findings = run.judge_once();
    if (stop) return interrupted();
    if (!findings || !findings->may_settle() || clock.steady() >= until) return findings;
    if (!run.pause(wait)) return interrupted();
  }
}

}  // namespace

result<audit_findings> find_violations(const audit_options& options, banyan::journal& journal, const transport& send,
                                       std::ostream& err, const stop_flag& stop) {
  auto asked = services_of(options);
  if (!asked) return asked.error();
  return judge_settled(options, std::move(*asked), journal, send, err, stop);
}

int audit(const audit_options& options, banyan::journal& journal, const transport& send, std::ostream& out,
          std::ostream& err, const stop_flag& stop) {
  auto asked = services_of(options);
  if (!asked) {
    err << asked.error().message << '\n';
    return exit_usage;
  }
  const auto findings = judge_settled(options, std::move(*asked), journal, send, err, stop);
  if (!findings) {
    err << (stop ? "Interrupted." : to_string(findings.error())) << '\n';
    return stop ? exit_interrupted : exit_unreachable;
  }
  out << (options.json ? as_json(*findings) + "\n" : as_table(*findings)) << std::flush;
  return findings->hold() ? exit_ok : exit_failed;
}

}  // namespace shop
