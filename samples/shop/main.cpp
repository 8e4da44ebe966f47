// The sample shop: its services as one system, and the commands that try it out.
#include <shop/application.hpp>
#include <shop/commands.hpp>

#include <banyan/runtime/run.hpp>

int main(int argc, char** argv) { return banyan::run(argc, argv, shop::describe(), shop::shop_commands(argv[0])); }
