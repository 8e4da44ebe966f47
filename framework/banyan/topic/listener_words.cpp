// The word `listeners list` of the command line. What it asks, of the operations port:
//
//   GET /listeners     {"listeners":[{"topic":...,"listener":...,"waiting":0,"queue":256,"handled":12,...}]}
#include <banyan/assembly/operator_lines.hpp>
#include <banyan/topic/listens.hpp>

namespace banyan {

namespace {

struct listener_line {
  std::string topic, listener;
  std::uint64_t waiting = 0, queue = 0, handled = 0, failed = 0, dropped = 0;
  bool stalled = false;
};
BOOST_DESCRIBE_STRUCT(listener_line, (), (topic, listener, waiting, queue, handled, failed, dropped, stalled))

struct listeners_page {
  std::vector<listener_line> listeners;
};
BOOST_DESCRIBE_STRUCT(listeners_page, (), (listeners))

result<operator_text> show(const operator_arguments& with, const std::string& answer) {
  const auto page = from_json<listeners_page>(answer);
  if (!page) return page.error();
  auto text = show_lines(with, page->listeners,
                         {"TOPIC", "LISTENER", "WAITING", "HANDLED", "FAILED", "DROPPED", "STATE"}, [](const auto& l) {
                           return std::vector{l.topic,
                                              l.listener,
                                              std::to_string(l.waiting) + " of " + std::to_string(l.queue),
                                              std::to_string(l.handled),
                                              std::to_string(l.failed),
                                              std::to_string(l.dropped),
                                              std::string{l.stalled ? "stalled" : "runs"}};
                         });
  if (page->listeners.empty()) text.err = "There are no listeners.\n";
  return text;
}

}  // namespace

std::shared_ptr<operator_words> listener_words() {
  const operator_word list{
      .name = "list", .help = "All of them, with what waits and what was lost", .path = "/listeners", .show = show};
  return std::make_shared<operator_words>(
      operator_words{"listeners", "Listeners of the running node to topics whose events are not stored", {list}});
}

}  // namespace banyan
