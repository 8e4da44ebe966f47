// Folds streams of one category into states, for tools that know no aggregate. Offered by event_sourced<...> through
// the plan: `plan::offered<stream_fold>()`.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/journal/event.hpp>

#include <functional>
#include <memory>
#include <string>

namespace banyan {

class folded_stream {
 public:
  virtual ~folded_stream() = default;
  virtual result<void> apply(const recorded_event& e) = 0;  // corrupt: an unknown type or an undecodable payload
  virtual std::string state_json() const = 0;
};

struct stream_fold {
  std::string name;  // the aggregate's name: "order"
  std::function<bool(std::string_view stream)> owns;
  std::function<std::unique_ptr<folded_stream>()> make;
};

}  // namespace banyan
