// The ports of one node, opened by type: journal, view stores, and those of other patterns. The node's starter
// chooses the engines: a program by URL (runtime/open_engines.hpp), a simulation in memory.
//
//   ports node;
//   node.provide<view_store>(open_in_memory);
//   result<std::shared_ptr<view_store>> store = node.open<view_store>({.name = "sales_by_month"});
//
// A port is an abstract class with a member type `options`, the parameters of open().
#pragma once

#include <banyan/core/message_type.hpp>
#include <banyan/core/result.hpp>

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace banyan {

class ports {
 public:
  template <class Port>
  using opener = std::function<result<std::shared_ptr<Port>>(const typename Port::options&)>;

  // A second call for the same port replaces the first.
  template <class Port>
  void provide(opener<Port> open) {
    openers_.insert_or_assign(type_of<Port>(), std::any{std::move(open)});
  }

  // Errors: unavailable when no engine is provided for this port; those of the engine.
  template <class Port>
  result<std::shared_ptr<Port>> open(const typename Port::options& with = {}) const {
    const auto found = openers_.find(type_of<Port>());
    if (found == openers_.end())
      return error{code::unavailable, "this node has no engine for the port " + std::string{short_name(*type_of<Port>())}};
    return (*std::any_cast<opener<Port>>(&found->second))(with);
  }

 private:
  std::map<const message_type*, std::any> openers_;
};

}  // namespace banyan
