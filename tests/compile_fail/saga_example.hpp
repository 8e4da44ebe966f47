// What the cases of sagas have in common. Not a case itself.
#pragma once

#include "example.hpp"

#include <banyan/core/money.hpp>
#include <banyan/saga/saga_code.hpp>

namespace compile_fail {

struct booked {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(booked, (), (name))
struct book {
  using reply = booked;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(book, (), (name))
struct pay {
  using reply = booked;
  std::string name;
  money price;
};
BOOST_DESCRIBE_STRUCT(pay, (), (name, price))
struct unbook {
  using reply = booked;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(unbook, (), (name))
struct bookings_api {
  static constexpr std::string_view name = "bookings";
  using operations = banyan::operations<op<book, idempotent::by_key>, op<pay, idempotent::by_key>>;
};
struct wish {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(wish, (), (name))

}  // namespace compile_fail
