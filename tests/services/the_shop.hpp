// The sample shop as an application, without its page, and with a fake of the card acquirer.
#pragma once

#include <tests/services/fake_acquirer.hpp>

#include <services/cart/service.hpp>
#include <services/catalog/service.hpp>
#include <services/customers/service.hpp>
#include <services/gateway/service.hpp>
#include <services/inventory/service.hpp>
#include <services/orders/service.hpp>
#include <services/payments/service.hpp>

namespace shop_test {

inline std::vector<banyan::plan> shop_services() {
  return {shop::cart::describe(),   shop::catalog::describe(),  shop::inventory::describe(),   shop::orders::describe(),
          shop::payments::describe(), shop::customers::describe(), shop::gateway::describe({}), fake_acquirer()};
}

inline const banyan::application& the_shop() {
  static const banyan::application app{"shop", shop_services()};
  return app;
}

}  // namespace shop_test
