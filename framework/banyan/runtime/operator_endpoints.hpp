// The endpoints of patterns on the operations port: their inspections and operator commands (assembly::inspect and
// assembly::command).
//
//   GET  /inspect                  the names of the inspections
//   GET  /inspect/<name>           the text of one inspection
//   GET  <path of a command>       what the command answers, JSON
//   POST <path of a command>       the same; needs the operator's token (operator_token.hpp)
#pragma once

#include <banyan/assembly/node_assembly.hpp>
#include <banyan/core/completion.hpp>
#include <banyan/http/message.hpp>
#include <banyan/http/route.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <optional>
#include <string>
#include <vector>

namespace banyan {

class operator_endpoints {
 public:
  // Both must outlive this; `installed` is complete. `own`: commands of no pattern.
  operator_endpoints(const node_assembly& installed, const node_settings& settings,
                     std::vector<operator_command> own = {});

  // What the path and the method alone decide: 404, 405 with Allow, the answer to OPTIONS; nothing when `handle` is to answer.
  std::optional<http_response> answer_by_path(const http_request& request) const;
  void handle(const http_request& request, completion<http_response> answer) const;

  // "/dead-letters, /parked and /subscriptions": for the answer to a path that is none.
  std::string names() const;

 private:
  const node_assembly& installed_;
  const node_settings& settings_;
  const std::vector<operator_command> commands_;
  route_table table_;  // of the commands, and behind them the inspections
};

}  // namespace banyan
