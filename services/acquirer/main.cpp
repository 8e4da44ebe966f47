// The sample shop's card acquirer: the foreign system that takes the money. See README.md.
#include <services/acquirer/options.hpp>
#include <services/acquirer/serve.hpp>

#include <banyan/process_supervision/process_setup.hpp>

#include <cstdlib>

int main(int argc, char** argv) {
  return banyan::run_process("acquirer", [&] {
    const auto parsed = acquirer::parse_options(argc, argv, std::getenv(acquirer::secret_variable));
    return parsed.options ? acquirer::serve(*parsed.options) : parsed.exit_code;
  });
}
