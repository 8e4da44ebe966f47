// A decorator of a delivery store: forwards what it does not override. For tests that delay, fail or observe requests.
//
//   struct full_disk final : delivery_store_decorator {
//     using delivery_store_decorator::delivery_store_decorator;
//     void commit(delivery_change change, completion<committed> done) override {
//       if (failures > 0 && --failures >= 0) return done(error{code::exhausted, "the disk is full"});
//       inner()->commit(std::move(change), std::move(done));
//     }
//     int failures = 0;
//   };
#pragma once

#include <banyan/pub_sub/delivery_store.hpp>

#include <memory>
#include <utility>

namespace banyan {

class delivery_store_decorator : public delivery_store {
 public:
  explicit delivery_store_decorator(std::unique_ptr<delivery_store> inner) : inner_{std::move(inner)} {}

  void open(source of, completion<state> done) override { inner_->open(std::move(of), std::move(done)); }
  void commit(delivery_change change, completion<committed> done) override {
    inner_->commit(std::move(change), std::move(done));
  }
  void restart(source of, position checkpoint, completion<position> done) override {
    inner_->restart(std::move(of), checkpoint, std::move(done));
  }
  void list(letter_place after, std::size_t limit, completion<std::vector<dead_letter>> done) override {
    inner_->list(std::move(after), limit, std::move(done));
  }
  void find(position at, completion<std::vector<dead_letter>> done) override { inner_->find(at, std::move(done)); }
  void summarize(completion<summary> done) override { inner_->summarize(std::move(done)); }
  std::optional<error> trouble() const override { return inner_->trouble(); }

 protected:
  const std::shared_ptr<delivery_store>& inner() const { return inner_; }  // may outlive this object

 private:
  std::shared_ptr<delivery_store> inner_;
};

}  // namespace banyan
