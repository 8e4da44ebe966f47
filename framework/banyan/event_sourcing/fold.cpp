#include <banyan/event_sourcing/event_sourced.hpp>

namespace banyan {

namespace {

class folded_entity final : public folded_stream {
 public:
  explicit folded_entity(std::unique_ptr<erased_entity> e) : entity_{std::move(e)} {}
  result<void> apply(const recorded_event& e) override {
    auto applied = entity_->apply(e);
    return applied ? result<void>{} : applied.error();
  }
  std::string state_json() const override { return entity_->state_json(); }

 private:
  std::unique_ptr<erased_entity> entity_;
};

}  // namespace

std::shared_ptr<stream_fold> fold_of(const entity_spec& spec) {
  return std::make_shared<stream_fold>(stream_fold{.name = spec.aggregate.name,
                                                   .owns = [&spec](std::string_view stream) { return is_in_journal(stream, spec.journal); },
                                                   .make = [&spec] { return std::make_unique<folded_entity>(spec.aggregate.make()); }});
}

}  // namespace banyan
