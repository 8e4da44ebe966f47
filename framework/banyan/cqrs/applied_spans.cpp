#include <banyan/cqrs/applied_spans.hpp>

namespace banyan {

applied_spans::~applied_spans() {
  for (auto& s : open_)
    if (s.is_recorded()) s.end(error{code::unavailable, "not applied: its stream is parked, or the view stopped"});
}

void applied_spans::begin(std::span<const recorded_event> batch, const batch_plan& plan, position after) {
  if (!tracer_.is_recording()) return;
  std::string name;
  for (const auto i : plan.apply) {
    const auto& e = batch[i];
    if (e.position <= after || e.metadata.trace.empty() || (!open_.empty() && open_[i].is_recorded())) continue;
    if (name.empty()) name = "apply " + view_;
    auto span = tracer_.begin(e.metadata.trace, span_kind::consumer, name);
    if (!span.is_recorded()) continue;
    span.set("banyan.view", view_).set("banyan.stream", e.stream).set("banyan.position", e.position);
    if (open_.empty()) open_.resize(batch.size());
    open_[i] = std::move(span);
  }
}

void applied_spans::failed(std::size_t at, const error& why) {
  if (!open_.empty()) open_[at].end(why);
}

void applied_spans::stored(const batch_plan& plan) {
  if (open_.empty()) return;
  for (const auto i : plan.apply) open_[i].end();
}

}  // namespace banyan
