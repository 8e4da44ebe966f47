// The acquirer as a program of a group, as the shop's file will have it.
#include "an_acquirer.hpp"

#include <tests/framework/process_supervision/supervised_group.hpp>

using namespace acquirer;
using namespace acquirer::test;

namespace {

// The port that its log's line names.
std::uint16_t port_of(banyan::supervised_group& group) {
  const std::string words = "acquirer listens on http://127.0.0.1:";
  const auto line = group.line_with(words);
  return static_cast<std::uint16_t>(std::stoi(line.substr(line.find(words) + words.size())));
}

}  // namespace

TEST_CASE("supervised, it comes back after a kill with all that it answered", "[acquirer][process]") {
  temporary_folder folder;
  banyan::supervised_group group{
      "backoff = { min = '10ms', max = '100ms' }\n[[program]]\nname = 'acquirer'\ncommand = ['" ACQUIRER_PROGRAM
      "', '--port', '0', '--data', '" +
      folder.path() + "/data']\nready = 'notify'\nheartbeat = '1s'\nfinal_exit_code = 2\n"};
  const auto process = group.start_of("acquirer");
  {
    client c{port_of(group)};
    group.line_with("all programs are up");
    CHECK(c.charge_card("k1", 100).status == 201);
  }
  ::kill(process, SIGKILL);
  client c{port_of(group)};
  group.line_with("acquirer is ready");
  CHECK(c.charge_card("k1", 100).status == 200);
  CHECK(c.book().charges == 1);
  group.signal(SIGTERM);
  CHECK(group.end() == 0);
  CHECK(group.comes_to_nothing());
}
