#include <bikes/service.hpp>
#include <groups/service.hpp>
#include <trips/service.hpp>
#include <trips/weather.hpp>

#include <banyan/runtime/run.hpp>

int main(int argc, char** argv) {
  return banyan::run(argc, argv,
                     {"bike_share", {bikes::describe(), groups::describe(), trips::describe(), weather::describe()}});
}
