// The sample shop as an application, without its page.
#pragma once

#include <services/catalog/service.hpp>
#include <services/customers/service.hpp>
#include <services/gateway/service.hpp>
#include <services/inventory/service.hpp>
#include <services/orders/service.hpp>

namespace shop_test {

inline const banyan::application& the_shop() {
  static const banyan::application app = [] {
    banyan::application a{"shop", {}};
    a.services.push_back(shop::catalog::describe());
    a.services.push_back(shop::inventory::describe());
    a.services.push_back(shop::orders::describe());
    a.services.push_back(shop::customers::describe());
    a.services.push_back(shop::gateway::describe({}));
    return a;
  }();
  return app;
}

}  // namespace shop_test
