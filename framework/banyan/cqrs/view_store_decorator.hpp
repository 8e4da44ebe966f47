// A view store that forwards to another one; override what differs. For stores that delay, fail or observe.
//
//   struct failing final : view_store_decorator {
//     using view_store_decorator::view_store_decorator;
//     void write(std::function<void(view_writer&)> body, position checkpoint, completion<position> done) override {
//       if (failures > 0 && --failures >= 0) return done(error{code::exhausted, "the disk is full"});
//       inner()->write(std::move(body), checkpoint, std::move(done));
//     }
//     int failures = 0;
//   };
#pragma once

#include <banyan/cqrs/view_store.hpp>

#include <memory>
#include <utility>

namespace banyan {

class view_store_decorator : public view_store {
 public:
  explicit view_store_decorator(std::unique_ptr<view_store> inner) : inner_{std::move(inner)} {}

  void write(std::function<void(view_writer&)> body, position checkpoint, completion<position> done) override {
    inner_->write(std::move(body), checkpoint, std::move(done));
  }
  void read(std::function<void(view_reader&)> body, completion<position> done, read_limits limits) override {
    inner_->read(std::move(body), std::move(done), std::move(limits));
  }
  void open(source of, std::function<void(view_writer&)> create_tables, completion<state> done) override {
    inner_->open(std::move(of), std::move(create_tables), std::move(done));
  }
  view_store_status status() const override { return inner_->status(); }

 protected:
  const std::shared_ptr<view_store>& inner() const { return inner_; }  // may outlive this store

 private:
  std::shared_ptr<view_store> inner_;
};

}  // namespace banyan
