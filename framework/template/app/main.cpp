// The program: `harbour --help` lists its commands.
#include <app/application.hpp>

#include <banyan/runtime/run.hpp>

int main(int argc, char** argv) { return banyan::run(argc, argv, harbour::describe()); }
