// A view built on this node, as its projection offers it to query sides, the edge and operators.
#pragma once

#include <banyan/actor/actor_ref.hpp>
#include <banyan/cqrs/view_progress.hpp>
#include <banyan/cqrs/view_store.hpp>

#include <memory>
#include <string>

namespace banyan {

// Obtained by assembly::find<running_view>(view name).
struct running_view {
  std::string view;
  std::shared_ptr<view_store> store;
  std::shared_ptr<view_progress> progress;
  std::shared_ptr<actor_ref> projection;
};

}  // namespace banyan
