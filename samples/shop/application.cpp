#include <shop/application.hpp>

#include <shop/embedded.hpp>

#include <services/cart/service.hpp>
#include <services/catalog/service.hpp>
#include <services/customers/service.hpp>
#include <services/gateway/service.hpp>
#include <services/inventory/service.hpp>
#include <services/orders/service.hpp>
#include <services/payments/service.hpp>

namespace shop {

banyan::application describe() {
  banyan::application app{"shop", {}};
  app.services.push_back(gateway::describe(front_page()));
  app.services.push_back(catalog::describe());
  app.services.push_back(inventory::describe());
  app.services.push_back(orders::describe());
  app.services.push_back(payments::describe());
  app.services.push_back(cart::describe());
  app.services.push_back(customers::describe());
  return app;
}

}  // namespace shop
