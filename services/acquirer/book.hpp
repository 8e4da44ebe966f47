// The acquirer's book on SQLite: charges, refunds, and the outbox of callbacks. What a request writes, its callback
// included, is one transaction with whatever else is in the same commit.
//
//   auto opened = book::open("acquirer-data");
//   auto made = opened->add_charge(key, request, now, {.callback = true});   // within a transaction that the caller
//   commits
//
// Files are private to their owner. The database is locked for one process: a second one gets `unavailable`, reason
// "in_use". Synchronous FULL on a WAL: a commit is on the disk when it returns.
//
// Errors of two kinds: those of the rules (payment_rules.hpp; not_found) are answers, and nothing was written; all
// others are the database's (`is_of_the_store`), after which the transaction must be rolled back. One thread at a time.
#pragma once

#include <services/acquirer/fault_plan.hpp>
#include <services/acquirer/payment.hpp>

#include <banyan/engines/sqlite/database.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace acquirer {

template <class T>
struct recorded {
  T value;
  bool is_new = false;  // false: a repeat of an earlier request
};

// A row of the outbox that is due.
struct due_callback {
  std::int64_t number = 0;
  std::string body;
  int attempts = 0;  // that failed
};

bool is_of_the_store(const banyan::error& e);

class book {
 public:
  static banyan::result<book> open(const std::string& folder);

  // Begins a transaction that writes; rolled back unless committed.
  banyan::result<banyan::sqlite::transaction> begin();

  // With a `callback`, a settlement is put into the outbox as the decision says.
  banyan::result<recorded<charge>> add_charge(const std::string& key, const charge_request& r, instant now,
                                              const callback_decision* callback);
  banyan::result<recorded<refund>> add_refund(const std::string& charge_key, const std::string& key,
                                              const refund_request& r, instant now, const callback_decision* callback);

  banyan::result<charge> find_charge(const std::string& key);
  banyan::result<refund_list> refunds_of(const std::string& charge_key);
  // Up to `limit` charges behind the one with the key `after`; from the first when it is empty.
  banyan::result<charge_page> charges_after(const std::string& after, std::size_t limit);
  banyan::result<book_totals> totals();

  // The outbox. Callbacks in the order in which they are due, and when the next one is due after `now`.
  banyan::result<std::vector<due_callback>> callbacks_due(instant now, std::size_t limit);
  banyan::result<instant> next_callback();                           // instant::max(): the outbox is empty
  banyan::result<void> delivered(std::int64_t number, instant now);  // removes it, unless it is to be sent once more
  banyan::result<void> not_delivered(std::int64_t number, instant again);

 private:
  struct stored_charge {
    std::int64_t row = 0;
    charge value;
    std::string card;
  };
  struct statements {
    banyan::sqlite::statement find_charge, insert_charge, add_refunded, page, find_refund, insert_refund, refunds_of,
        insert_callback, due, next_due, repeat_callback, remove_callback, put_off;
  };

  banyan::result<void> prepare();
  banyan::result<std::optional<stored_charge>> look_up(const std::string& key);
  banyan::result<void> announce(const settlement& s, instant now, const callback_decision& d);

  std::unique_ptr<banyan::sqlite::database> db_;  // declared before its statements; its address is a transaction's
  statements s_;
};

}  // namespace acquirer
