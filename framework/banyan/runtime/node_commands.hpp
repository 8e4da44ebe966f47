// Commands that read a running node through its operations port (admin.hpp): those of `banyan` take its address, those
// of a program with a plan find it by their configuration. Both print the same.
//
//   operations_client node{{.authority = "127.0.0.1:8081"}, token};
//   return show_topology(node, as_json, std::cout, std::cerr);
//
// They return the exit code: 0; 1 with a sentence on `err`.
#pragma once

#include <banyan/plan/plan.hpp>
#include <banyan/runtime/events_source.hpp>
#include <banyan/runtime/operations_client.hpp>

#include <iosfwd>

namespace banyan {

int show_topology(operations_client& node, bool as_json, std::ostream& out, std::ostream& err);
int show_plan(operations_client& node, describe_form form, std::ostream& out, std::ostream& err);
// 1 also when the node has problems, or is not ready.
int show_check(operations_client& node, bool as_json, std::ostream& out, std::ostream& err);

// The events of a running node, whatever its engine is.
class node_events final : public events_source {
 public:
  explicit node_events(operations_client& node) : node_{node} {}  // must outlive this
  result<std::vector<stream_info>> list_streams(std::string prefix, std::string after, std::size_t limit) override;
  result<std::vector<recorded_event>> read_stream(read_stream_request request) override;

 private:
  operations_client& node_;
};

}  // namespace banyan
