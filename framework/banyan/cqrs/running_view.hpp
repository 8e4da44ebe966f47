// A view that is built on this node, as its projection offers it to query sides, to the edge and to operators.
#pragma once

#include <banyan/actor/actor_ref.hpp>
#include <banyan/cqrs/view_progress.hpp>
#include <banyan/cqrs/view_store.hpp>

#include <memory>
#include <string>

namespace banyan {

// Found with assembly::find<running_view>(name of the view).
struct running_view {
  std::string view;
  std::shared_ptr<view_store> store;
  std::shared_ptr<view_progress> progress;
  std::shared_ptr<actor_ref> projection;
};

}  // namespace banyan
