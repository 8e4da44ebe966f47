// The sample shop: five services as one system, and the commands that try it out.
#include <shop/commands.hpp>
#include <shop/embedded.hpp>

#include <services/catalog/service.hpp>
#include <services/customers/service.hpp>
#include <services/gateway/service.hpp>
#include <services/inventory/service.hpp>
#include <services/orders/service.hpp>

#include <banyan/runtime/run.hpp>

int main(int argc, char** argv) {
  using namespace shop;
  return banyan::run(argc, argv,
                     {"shop", {gateway::describe(front_page()), catalog::describe(), inventory::describe(), orders::describe(), customers::describe()}},
                     shop_commands(argv[0]));
}
