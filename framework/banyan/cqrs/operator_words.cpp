// The words `parked list | replay` of the command line. What they ask: install.cpp.
#include <banyan/assembly/operator_lines.hpp>
#include <banyan/cqrs/operator_pages.hpp>
#include <banyan/cqrs/projection.hpp>

namespace banyan {

namespace {

result<operator_text> show_streams(const operator_arguments& with, const std::string& answer) {
  const auto page = from_json<parked_page>(answer);
  if (!page) return page.error();
  auto text = show_lines(with, page->parked, {"VIEW", "STREAM", "POSITION", "REASON"}, [](const auto& p) {
    return std::vector{p.view, p.stream, std::to_string(p.position), p.reason};
  });
  if (page->streams == 0) text.err = "No view holds a stream back.\n";
  if (page->streams > static_cast<std::int64_t>(page->parked.size()))
    text.err += "These are the first; " + std::to_string(page->streams) + " streams are held back in all.\n";
  return text;
}

}  // namespace

std::shared_ptr<operator_words> parked_words() {
  const operator_word list{.name = "list",
                           .help = "All of them, with the event that can not be applied",
                           .path = "/parked",
                           .show = show_streams};
  const operator_word replay{.name = "replay",
                             .help = "Apply what is held of a stream, and set it free",
                             .arguments = {operators_token(),
                                           {.name = "view", .help = "Such as order_book", .is_required = true},
                                           {.name = "stream", .help = "Such as orders-536365", .is_required = true}},
                             .method = "POST",
                             .path = "/parked/{view}/{stream}/replay",
                             .show = show_object("handled: ")};
  return std::make_shared<operator_words>(
      operator_words{"parked", "Streams that views of the running node hold back", {list, replay}});
}

}  // namespace banyan
