// The events of the node's journal on its operations port, page by page:
//
//   GET /streams?prefix=orders-&after=orders-17&limit=50   {"streams":[{"stream","version","last_at"}]}, by name
//   GET /events?stream=orders-17&from=1&limit=50           {"events":[...]}, as `events show --json` prints them
//
// `backwards=true` reads from the version `from` down, 0 being the end. A page has at most `limit` elements, 1 to
// 10,000, and 8 MiB of payloads; the next one begins after the last stream, or at the last version plus 1, and is empty
// at the end. Both need the operator's token (operator_token.hpp), unlike the other pages that read: events have what
// clients have sent.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/http/message.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <string_view>

namespace banyan {

class events_endpoints {
 public:
  // Both must outlive this.
  events_endpoints(journal& j, const node_settings& settings) : journal_{j}, settings_{settings} {}

  static bool has(std::string_view page) { return page == "streams" || page == "events"; }
  // A GET of one of these pages.
  void handle(const http_request& request, completion<http_response> answer) const;

 private:
  journal& journal_;
  const node_settings& settings_;
};

}  // namespace banyan
