// The acquirer's HTTP API as the shop's tools see it: the pages of its book, and its faults. Values only; nothing is
// sent here.
//
//   auto acquirer = shop::acquirer_api::at("http://127.0.0.1:8090");
//   auto request = acquirer->get_charges("");
//   auto page = acquirer->reply<shop::acquirer_charge_page>(response);
//
// Like shop_api this is a client like anybody else's: what it reads is what services/acquirer/README.md promises, and
// more is ignored.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>
#include <banyan/http/message.hpp>

#include <boost/describe.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

struct acquirer_charge {
  std::string key, order, status;  // "captured" or "declined"
  banyan::money amount, refunded;
};
BOOST_DESCRIBE_STRUCT(acquirer_charge, (), (key, order, status, amount, refunded))

struct acquirer_charge_page {
  std::vector<acquirer_charge> charges;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(acquirer_charge_page, (), (charges, next))

struct acquirer_refund {
  std::string key, charge, order;
  banyan::money amount;
};
BOOST_DESCRIBE_STRUCT(acquirer_refund, (), (key, charge, order, amount))

struct acquirer_refund_list {
  std::vector<acquirer_refund> refunds;
};
BOOST_DESCRIBE_STRUCT(acquirer_refund_list, (), (refunds))

struct acquirer_sums {
  std::int64_t charges = 0, captured_minor = 0, declined = 0, refunds = 0, refunded_minor = 0;
  friend bool operator==(const acquirer_sums&, const acquirer_sums&) = default;
};
BOOST_DESCRIBE_STRUCT(acquirer_sums, (), (charges, captured_minor, declined, refunds, refunded_minor))

struct acquirer_totals {
  std::int64_t charges = 0, captured = 0, declined = 0, refunds = 0;
  std::map<std::string, acquirer_sums> by_currency;
  std::int64_t callbacks_pending = 0;
};
BOOST_DESCRIBE_STRUCT(acquirer_totals, (), (charges, captured, declined, refunds, by_currency, callbacks_pending))

class acquirer_api {
 public:
  // Errors: invalid_argument when `url` is no "http://host:port".
  static banyan::result<acquirer_api> at(std::string url);

  banyan::http_request get_charges(std::string_view after) const;  // 1,000 at a time
  banyan::http_request get_refunds(std::string_view charge_key) const;
  banyan::http_request get_book() const;
  banyan::http_request put_faults(const std::string& faults) const;
  banyan::http_request delete_faults() const;

  // The answer as `Reply`. Errors: that of the answer; corrupt when it is none that an acquirer gives.
  template <class Reply>
  banyan::result<Reply> reply(const banyan::result<banyan::http_response>& answer) const {
    if (!answer) return answer.error();
    auto read = banyan::from_json<Reply>(answer->body);
    if (!read)
      return banyan::error{banyan::code::corrupt,
                           "what answers at " + url_ + " is no acquirer: " + read.error().message};
    return read;
  }

  const std::string& url() const { return url_; }

 private:
  banyan::http_request request(std::string_view method, std::string target, std::string body = {}) const;
  std::string url_;
  std::string authority_;
};

// "error_rate=0.1,latency.mean=80ms" with a seed as the body that sets them. Errors: invalid_argument, with the
// assignment that is none.
banyan::result<std::string> faults_body(std::string_view assignments, std::uint64_t seed);

}  // namespace shop
