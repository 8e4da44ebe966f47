// The record of orders that the shop has acknowledged, kept outside of it: what it must still know after any crash.
//
//   shop::acknowledgements record;
//   if (auto opened = record.open("orders.jsonl"); !opened) ...
//   record.add({now, 2, asked, answer});           // one line of JSON, in the file when this returns
//
//   auto orders = shop::read_acknowledgements("orders.jsonl");
#pragma once

#include <shop/shop_api.hpp>

#include <fstream>
#include <string>
#include <vector>

namespace shop {

struct asked_line {
  int line = 0;
  std::string sku;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(asked_line, (), (line, sku, quantity))

struct asked_order {
  std::string id;
  std::vector<asked_line> lines;
};
BOOST_DESCRIBE_STRUCT(asked_order, (), (id, lines))

struct acknowledgement {
  banyan::instant at;  // when the answer was there
  int attempts = 1;    // how often the order was sent for it
  asked_order asked;
  placed_order answer;
};
BOOST_DESCRIBE_STRUCT(acknowledgement, (), (at, attempts, asked, answer))

class acknowledgements {
 public:
  // Nothing is recorded before. Errors: unavailable, when the file can not be written.
  banyan::result<void> open(const std::string& file);
  void add(const acknowledgement& one);
  bool good() const { return file_.good(); }  // false: the record is not complete

 private:
  std::ofstream file_;
};

// Errors: unavailable when the file can not be read, invalid_argument for a line that is none.
banyan::result<std::vector<acknowledgement>> read_acknowledgements(const std::string& file);

}  // namespace shop
