#include <bikes/service.hpp>

#include <banyan/runtime/run.hpp>

int main(int argc, char** argv) { return banyan::run(argc, argv, {"bike_share", {bikes::describe()}}); }
