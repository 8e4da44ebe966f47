#include <banyan/runtime/otlp_delivery.hpp>

#include <banyan/core/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace banyan {

namespace {

bool is_retryable(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }
bool is_retryable(const error& e) { return e.code == code::unavailable || e.code == code::deadline_exceeded; }

std::optional<timespan> retry_after(const http_response& r) {
  const auto text = r.headers.get("Retry-After");
  std::uint32_t seconds = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || bad != std::errc{} || end != text.data() + text.size()) return {};
  return std::chrono::seconds{seconds};
}

// A number as protobuf's JSON writes it: 3 or "3".
std::uint64_t number_in(const boost::json::value& v) {
  if (v.is_int64()) return static_cast<std::uint64_t>(std::max<std::int64_t>(0, v.get_int64()));
  std::uint64_t n = 0;
  if (const auto* text = v.if_string()) std::from_chars(text->data(), text->data() + text->size(), n);
  return n;
}

struct partial_success {
  std::uint64_t rejected = 0;
  std::string why;
};

partial_success read_partial_success(const std::string& body) {
  partial_success p;
  constexpr std::size_t longest_answer = 64 * 1024;
  const auto parsed = parse_json(body, longest_answer);
  const auto* answer = parsed ? parsed->if_object() : nullptr;
  const auto* part = answer ? answer->if_contains("partialSuccess") : nullptr;
  if (!part || !part->is_object()) return p;
  for (const char* name : {"rejectedSpans", "rejectedDataPoints"})
    if (const auto* n = part->get_object().if_contains(name)) p.rejected += number_in(*n);
  if (const auto* text = part->get_object().if_contains("errorMessage"); text && text->is_string())
    p.why = std::string{text->get_string()};
  return p;
}

}  // namespace

void otlp_delivery::pop(std::size_t i) {
  bytes_ -= waiting_[i].body.size();
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
}

void otlp_delivery::add(otlp_batch batch) {
  const std::size_t first = under_way_ ? 1 : 0;
  if (batch.signal == otlp_signal::metrics)
    for (std::size_t i = first; i < waiting_.size(); ++i)
      if (waiting_[i].signal == otlp_signal::metrics) {
        if (i == 0) was_tried_ = false;
        pop(i);
        break;
      }
  while (waiting_.size() > first && bytes_ + batch.body.size() > limits_.max_bytes) {
    of(waiting_[first]).displaced += waiting_[first].items;
    if (first == 0) was_tried_ = false;
    pop(first);
  }
  if (bytes_ + batch.body.size() > limits_.max_bytes) {
    of(batch).displaced += batch.items;
    return;
  }
  bytes_ += batch.body.size();
  waiting_.push_back(std::move(batch));
}

const otlp_batch* otlp_delivery::next(monotonic now) {
  if (under_way_ || waiting_.empty() || now < not_before_) return nullptr;
  if (!std::exchange(was_tried_, true)) first_attempt_ = now;
  under_way_ = true;
  return &waiting_.front();
}

monotonic otlp_delivery::due() const { return under_way_ || waiting_.empty() ? monotonic::max() : not_before_; }

otlp_delivery::told otlp_delivery::answered(const result<http_response>& r, monotonic now, random_source& random) {
  if (!std::exchange(under_way_, false)) return {};
  auto& batch = waiting_.front();
  auto& counts = of(batch);
  const auto done = [&](told t) {
    was_tried_ = false;
    pop(0);
    return t;
  };
  if (r && r->status / 100 == 2) {
    wait_.reset();
    auto part = read_partial_success(r->body);
    part.rejected = std::min(part.rejected, batch.items);
    counts.exported += batch.items - part.rejected;
    counts.rejected += part.rejected;
    if (part.rejected == 0) return done({});
    return done({verdict::partly, "the collector rejected a part: " + part.why});
  }
  ++failed_attempts_;
  const auto why = r ? "status " + std::to_string(r->status) : to_string(r.error());
  if (r ? !is_retryable(r->status) : !is_retryable(r.error())) {
    counts.rejected += batch.items;
    return done({verdict::dropped, why});
  }
  const auto asked = r ? retry_after(*r) : std::nullopt;
  const auto own = wait_.next(now, random);
  not_before_ = now + (asked ? std::min(*asked, limits_.max_wait).count() : own);
  if (not_before_ - first_attempt_ > limits_.give_up_after.count()) {
    counts.expired += batch.items;
    return done({verdict::dropped, "retried for too long: " + why});
  }
  return {verdict::retried, why};
}

void otlp_delivery::drop_all() {
  for (const auto& b : waiting_) of(b).expired += b.items;
  waiting_.clear();
  bytes_ = 0;
  under_way_ = was_tried_ = false;
}

}  // namespace banyan
