// The shop's books, kept from the journal alone: what was sold for how much, and where the goods went, event by event.
//
// Use it to prove that money and stock are conserved: it shares no code with the services' own views and believes no
// total that it can add up itself. Feed it every event of the journal in order; it takes those of orders, inventory and
// payments and counts the others.
//
//   shop::books books;
//   for (auto& event : events) books.apply(event);
//   books.sales();        // compare with /reports/sales
//   books.faults();       // what cannot be right whatever the reports say: "order 536365: line 2 is 6 x 255, but says
//   1,531"
//
// The laws it checks, of a journal at rest (`open_orders() == 0`):
//   - no event of a stream is missing;
//   - an order is placed once; its lines' sums are quantity times unit price, its total is the sum of its lines;
//   - a cancellation takes back exactly what was placed, once;
//   - no SKU's stock is ever below zero;
//   - of a confirmed order each stocked line has left the stock once, of a cancelled order nothing has, net, and lines
//   that are not
//     stocked never move. Whether a line is stocked is what the order recorded, not whether inventory happened to know
//     the SKU; only orders from before that was recorded are taken at inventory's word;
//   - a payment is requested once, for its order's total; it is concluded once, and paid back at most once, never more
//   than was taken;
//   - an order that waited for its money is confirmed only when it was captured; at rest a confirmed one's money is
//   there, in full, and a
//     cancelled one's is not, whatever happened in between. Orders that cost nothing or pay out have no payment, nor do
//     those that were placed before the first one that waited for its money, when there were no payments;
//   - a saga of an order ends as it should: nothing that it did is left for a person to take back.
#pragma once

#include <banyan/journal/event.hpp>
#include <banyan/journal/stream_order.hpp>
#include <shop/reconcile.hpp>

#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace shop {

// Pounds only, in pence: what was taken in another currency is a mismatch, and is looked into by people.
struct payment_sums {
  std::int64_t requested = 0, captured = 0, declined = 0, mismatched = 0, refunded = 0;  // payments
  std::int64_t taken = 0, paid_back = 0;
  friend bool operator==(const payment_sums&, const payment_sums&) = default;
};

// Where an order stands, by the journal.
enum class order_stage { placed, confirmed, cancelled };

// An order of the journal, as an audit compares it with other books. Amounts in pence, goods in pieces.
struct order_in_books {
  std::string id;
  order_stage stage = order_stage::placed;
  bool is_open = false;          // something of it is still to be done
  banyan::position last_event = 0;
  std::int64_t total = 0;
  bool was_requested = false;    // its payment
  bool was_captured = false;
  bool was_refunded = false;
  std::int64_t taken = 0, paid_back = 0;
  std::int64_t reserved = 0;     // pieces that left a stock for it
  std::int64_t given_back = 0;   // of these, pieces that came back
  std::int64_t sold = 0;         // pieces of its lines that a stock is kept of, without returns
};

class books {
 public:
  void apply(const banyan::recorded_event& event);

  const sales_totals& sales() const { return sales_; }  // cancelled orders taken back; rejected lines as the orders name them
  const stock_by_sku& stock() const { return stock_; }
  std::vector<std::string> faults() const;  // at most `faults_kept`, each a sentence
  std::int64_t fault_count() const;
  // Neither confirmed nor cancelled, or what they bring back, or must give back, has not come in: goods may be on their way.
  std::int64_t open_orders() const;
  // Those of them that nothing after this position, such as a cancellation, asks work for, and no saga works on.
  std::vector<std::string> open_orders_to(banyan::position last) const;
  // What the acquirer took for orders and gave back, by the payments' own words.
  const payment_sums& payments() const { return payments_; }
  // What is kept for an order, in pence; of orders for which nothing was ever taken there is none.
  std::map<std::string, std::int64_t> kept_money() const;
  // Every order, by id.
  void for_each_order(const std::function<void(const order_in_books&)>& visit) const;
  std::int64_t events() const { return events_; }
  banyan::position head() const { return head_; }  // of the last event applied

  static constexpr std::size_t faults_kept = 20;

 private:
  using state = order_stage;
  struct line {
    std::string sku;
    std::int64_t quantity = 0;
    std::int64_t moved = 0;
    std::int64_t taken = 0, returned = 0;  // pieces out of stock, and of these back into it
    std::optional<bool> stocked{};         // what the order says; absent in old ones
  };
  struct payment {
    std::int64_t asked = 0, taken = 0, paid_back = 0;  // pence
    bool requested = false, concluded = false, captured = false, took_money = false, refunded = false,
         refund_wanted = false;
  };
  struct order {
    state where = state::placed;
    banyan::position last_asked = 0;  // where it was placed, paid or cancelled: something is to be done because of it
    banyan::position last_event = 0;
    bool is_charged = false;          // it waited for its money
    bool must_pay = false;            // it costs something, and was placed since there are payments
    payment money;
    int sagas = 0;                    // of this order that have not ended
    std::string month;
    std::int64_t total = 0;
    std::map<int, line> lines;
  };
  struct fault_list {
    void say(std::string sentence);
    std::vector<std::string> kept;
    std::int64_t count = 0;
  };

  template <class Event>
  bool decode_and_apply(const banyan::recorded_event& event);
  template <class Event>
  void enter(const Event& e);
  void enter_turn(const banyan::recorded_event& event);
  void move_stock(const std::string& sku, std::int64_t change);
  bool is_stocked(const line& l) const;
  bool is_open(const order& o) const;
  fault_list check_orders() const;
  order* paid_order(const std::string& id, const char* what);

  sales_totals sales_;
  stock_by_sku stock_;
  payment_sums payments_;
  bool has_payments_ = false;  // some order has waited for its money
  std::map<std::string, order> orders_;
  fault_list faults_;
  banyan::stream_versions versions_{true, std::numeric_limits<std::size_t>::max()};
  std::int64_t events_ = 0;
  banyan::position head_ = 0;
};

}  // namespace shop
