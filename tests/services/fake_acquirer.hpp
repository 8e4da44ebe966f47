// The card acquirer of tests and simulations: a service of the application whose book outlives every crash of it, as
// that of another company does, and which fails as it is told to, also after it has done what it was asked.
//
//   acquirer_book book;                                    // from now on, until it ends, the fake works on this
//   book book.fault = [](const std::string& what, const std::string& key, int attempt) { return
//   acquirer_fault::lost_answer; };
//
// "tok_declined" is declined, any other card pays. One book at a time, and one thread: a simulation has no other.
#pragma once

#include <services/payments/api.hpp>

#include <banyan/plan/service.hpp>
#include <banyan/service/handles.hpp>

#include <functional>
#include <map>
#include <string>
#include <type_traits>

namespace shop_test {

enum class acquirer_fault {
  none,
  unavailable,     // refused, and nothing done
  lost_request,    // nothing done, and the client can not know
  lost_answer,     // done, and the client can not know
  wrong_currency,  // done, but the answer is about euros
};

class acquirer_book {
 public:
  struct entry {
    shop::payments::card_charge charge;
    std::string card;
    std::map<std::string, shop::payments::card_refund> refunds{};  // by their key
  };

  acquirer_book() : previous_{current()} { current() = this; }
  ~acquirer_book() { current() = previous_; }
  acquirer_book(const acquirer_book&) = delete;
  acquirer_book& operator=(const acquirer_book&) = delete;
  static acquirer_book*& current() {
    static acquirer_book* book = nullptr;
    return book;
  }

  // Asked for each request: "charge", "get" or "refund", its key, and how often it was asked before.
  std::function<acquirer_fault(const std::string& what, const std::string& key, int attempt)> fault = {};
  // Told of each charge and refund that is made.
  std::function<void(const shop::payments::settlement&)> made = {};

  banyan::result<shop::payments::card_charge> charge(const shop::payments::charge_card& m) {
    return under_fault("charge", m.key, [&]() -> banyan::result<shop::payments::card_charge> {
      auto [at, added] = charges.try_emplace(m.key);
      auto& e = at->second;
      if (!added) {
        if (e.charge.amount != m.amount || e.charge.order != m.order || e.card != m.card)
          return banyan::error{banyan::code::refused, "the key belongs to another charge"}.because("key_reused");
        return e.charge;
      }
      using shop::payments::charge_status;
      const bool pays = m.card != "tok_declined";
      e.charge = {"ch_" + m.key, m.key, m.order, pays ? charge_status::captured : charge_status::declined,
                  m.amount,      {}};
      if (!pays) e.charge.reason = "insufficient_funds";
      e.card = m.card;
      if (pays) tell("charge.captured", m.key, m.order, m.amount);
      return e.charge;
    });
  }
  banyan::result<shop::payments::card_charge> look_up(const shop::payments::get_charge& m) {
    return under_fault("get", m.key, [&]() -> banyan::result<shop::payments::card_charge> {
      auto found = charges.find(m.key);
      if (found == charges.end()) return banyan::error{banyan::code::not_found, "no charge has this key"};
      return found->second.charge;
    });
  }
  banyan::result<shop::payments::card_refund> refund(const shop::payments::refund_charge& m) {
    return under_fault("refund", m.refund, [&]() -> banyan::result<shop::payments::card_refund> {
      auto found = charges.find(m.key);
      if (found == charges.end()) return banyan::error{banyan::code::not_found, "no charge has this key"};
      auto& e = found->second;
      if (auto known = e.refunds.find(m.refund); known != e.refunds.end()) return known->second;
      if (e.charge.status != shop::payments::charge_status::captured || e.charge.amount.currency != m.amount.currency)
        return banyan::error{banyan::code::conflict, "not captured, or in another currency"}.because(
            "currency_mismatch");
      if (paid_back(e) + m.amount.minor > e.charge.amount.minor)
        return banyan::error{banyan::code::conflict, "more than was captured"}.because("refund_exceeds_charge");
      shop::payments::card_refund r{"re_" + m.refund, m.refund, m.key, m.amount};
      e.refunds.emplace(m.refund, r);
      tell("charge.refunded", m.refund, e.charge.order, m.amount);
      return r;
    });
  }

  static std::int64_t paid_back(const entry& e) {
    std::int64_t sum = 0;
    for (const auto& [key, r] : e.refunds) sum += r.amount.minor;
    return sum;
  }
  // Captured and not paid back, of each order; how many charges an order has.
  std::map<std::string, std::int64_t> kept() const {
    std::map<std::string, std::int64_t> all;
    for (const auto& [key, e] : charges)
      if (e.charge.status == shop::payments::charge_status::captured)
        all[e.charge.order] += e.charge.amount.minor - paid_back(e);
    return all;
  }
  std::map<std::string, int> charges_per_order() const {
    std::map<std::string, int> all;
    for (const auto& [key, e] : charges) ++all[e.charge.order];
    return all;
  }

  std::map<std::string, entry> charges;  // by key
  std::map<std::string, int> faults;     // how many of each were met

 private:
  void tell(const char* kind, const std::string& key, const std::string& order, const banyan::money& amount) {
    if (made) made({std::string{kind} + ":" + key, kind, key, order, amount});
  }
  template <class Work>
  std::invoke_result_t<Work> under_fault(const std::string& what, const std::string& key, Work work) {
    using banyan::code;
    using banyan::error;
    using banyan::outcome;
    const auto f = fault ? fault(what, key, asked_[what + key]++) : acquirer_fault::none;
    if (f == acquirer_fault::unavailable)
      return ++faults["unavailable"], error{code::unavailable, "the acquirer is down"};
    if (f == acquirer_fault::lost_request)
      return ++faults["lost_request"], error{code::deadline_exceeded, "no answer", outcome::unknown};
    auto done = work();
    if (f == acquirer_fault::lost_answer)
      return ++faults["lost_answer"], error{code::deadline_exceeded, "no answer", outcome::unknown};
    if (f == acquirer_fault::wrong_currency && done) {
      ++faults["wrong_currency"];
      done->amount.currency = "EUR";
    }
    return done;
  }

  std::map<std::string, int> asked_;
  acquirer_book* previous_;
};

// The book that a test has opened; else one that is always well.
inline acquirer_book& open_book() {
  if (!acquirer_book::current()) static acquirer_book well;
  return *acquirer_book::current();
}

inline banyan::result<shop::payments::card_charge> fake_charge(banyan::context<>,
                                                                   const shop::payments::charge_card& m) {
  return open_book().charge(m);
}
inline banyan::result<shop::payments::card_charge> fake_look_up(banyan::context<>,
                                                                    const shop::payments::get_charge& m) {
  return open_book().look_up(m);
}
inline banyan::result<shop::payments::card_refund> fake_refund(banyan::context<>,
                                                                   const shop::payments::refund_charge& m) {
  return open_book().refund(m);
}

inline banyan::plan fake_acquirer() {
  using namespace banyan;
  return service<shop::payments::acquirer_api>(handles<fake_charge>{}, handles<fake_look_up>{},
                                               handles<fake_refund>{});
}

}  // namespace shop_test
