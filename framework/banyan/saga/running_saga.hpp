#pragma once

#include <banyan/actor/message.hpp>
#include <banyan/cqrs/running_view.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/saga/saga_spec.hpp>
#include <banyan/saga/saga_watch.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace banyan {

// A kind of sagas on a node.
struct running_saga {
  const saga_spec& spec;
  std::shared_ptr<banyan::journal> journal;
  std::function<address(message&)> to;
  std::shared_ptr<saga_watch> watch = std::make_shared<saga_watch>();
  std::shared_ptr<running_view> index = {};  // null until all patterns are installed

  std::vector<int> versions() const;         // linked into this program
};

}  // namespace banyan
