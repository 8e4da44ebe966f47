// The laws of conservation between the acquirer's book, the payments' journal and the orders: pure, from what was read
// of all three.
//
//   shop::audit_findings found = shop::judge({.journal = books, .quiet_since = head, .charges = charges, ...});
//   for (auto& law : found.laws) std::cout << law.name << (law.holds() ? " holds\n" : " is violated\n");
//
// A law tells counts and sums of what it looked at, and each violation with the order that it concerns. Orders of which
// something is still to be done are judged by the last law alone: until they are finished their goods and money may be
// anywhere. So are orders of which something happened while the books were being read (after `quiet_since`): the books
// may show different moments of them.
#pragma once

#include <shop/acquirer_api.hpp>
#include <shop/books.hpp>
#include <shop/checker.hpp>
#include <shop/shop_api.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace shop {

struct audit_facts {
  const books& journal;
  banyan::position quiet_since = 0;  // the journal's head before the others were read
  work_done work{};                  // read before the journal
  std::vector<acquirer_charge> charges{};
  std::map<std::string, std::vector<acquirer_refund>>
      refunds{};                              // by the charge's key, of charges that were paid back in part or whole
  acquirer_totals totals_before{}, totals{};  // of the acquirer, before and after its pages
  std::vector<payment_row> payments{};
  payments_report payment_sums{};
  sales_report sales{};
  stock_report stock{};
  bool may_wait = false;  // work that is under way is no violation
};

struct audit_violation {
  std::string order;  // empty: of no order in particular
  std::string text;
};
BOOST_DESCRIBE_STRUCT(audit_violation, (), (order, text))

struct audit_law {
  std::string name;                              // a short sentence
  std::map<std::string, std::int64_t> counts{};  // what was looked at
  std::map<std::string, std::int64_t> pence{};   // sums, in pounds' pence
  std::int64_t violations = 0;
  std::vector<audit_violation> first_violations{};  // at most `violations_told`
  std::string not_checked{};                        // why it could not be checked; empty: it was
  // What violates it may be over in a moment: views follow, and work is under way.
  bool may_settle = false;

  bool holds() const { return violations == 0; }
  void violate(std::string order, std::string text);
  static constexpr std::size_t violations_told = 20;
};
BOOST_DESCRIBE_STRUCT(audit_law, (), (name, counts, pence, violations, first_violations, not_checked, may_settle))

struct audit_findings {
  std::vector<audit_law> laws;
  bool hold() const;
  bool may_settle() const;  // violated, but each violated law may hold in a moment
};

audit_findings judge(const audit_facts& facts);

}  // namespace shop
