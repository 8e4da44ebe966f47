// One transaction of a projection: rows, held events and checkpoint of a batch_plan, all or nothing. After a failure
// it tells which events caused it.
//
//   auto t = std::make_shared<view_transaction>(spec, batch, plan);
//   store.write([t](view_writer& v) { t->run(v); }, plan.checkpoint, [t](result<position> stored) {
//     if (!stored) for (auto& c : t->to_blame(stored.error())) ...
//   });
#pragma once

#include <banyan/cqrs/projection.hpp>
#include <banyan/cqrs/projection_progress.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace banyan {

class view_transaction {
 public:
  using events = std::vector<recorded_event>;
  // An event that caused the failure: its index in the batch.
  struct culprit {
    std::size_t at = 0;
    error why;
    bool decodes = true;
  };

  // `spec` must outlive it.
  view_transaction(const projection_spec& spec, std::shared_ptr<const events> batch, batch_plan plan)
      : spec_{spec}, batch_{std::move(batch)}, plan_{std::move(plan)} {}

  // On the view's thread, once. An event that does not decode has written nothing, so the rest of the batch is tried
  // too, to find all such events at once.
  void run(view_writer& v);

  // Call it with the store's error `why`. Ascending; empty: no event caused it.
  std::vector<culprit> to_blame(const error& why) const;

 private:
  const projection_spec& spec_;
  std::shared_ptr<const events> batch_;
  batch_plan plan_;
  std::vector<culprit> undecodable_;
  std::optional<std::size_t> applying_;
};

}  // namespace banyan
