#include <banyan/runtime/otlp_exporter.hpp>

#include <banyan/http/client.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/observability/log_folding.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace banyan {

namespace {

constexpr auto longest_pause = std::chrono::minutes{1};

// What other threads tell the exporter's. Shared with the tracer and with completions, which may outlive the exporter.
struct mailbox_of_exporter {
  std::mutex lock;
  std::condition_variable changed;
  std::atomic<bool> batch_ready{false};
  bool flushing = false, stopping = false, ended = false, all_sent = false;
  monotonic flush_until{};
  std::optional<result<http_response>> answer;
};

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

struct meters {
  explicit meters(metrics_registry& m) {
    recorded = m.counter("banyan_spans_recorded_total", "Spans that were queued for export.");
    dropped = m.counter("banyan_spans_dropped_total", "Spans dropped because the exporter's queue was full.");
    failed =
        m.counter("banyan_otlp_failed_attempts_total", "Requests to the collector that failed, also those retried.");
    bytes = m.gauge("banyan_otlp_waiting_bytes", "Encoded spans and metrics that wait for the collector.");
    for (const auto s : {otlp_signal::traces, otlp_signal::metrics}) {
      const auto i = static_cast<std::size_t>(s);
      const std::string signal = otlp_signal_names[i];
      exported[i] = m.counter("banyan_otlp_exported_total", "Spans and series that the collector has accepted.",
                              {{"signal", signal}});
      const auto lost = [&](const char* reason) {
        return m.counter("banyan_otlp_lost_total", "Spans and series that did not reach the collector.",
                         {{"signal", signal}, {"reason", reason}});
      };
      rejected[i] = lost("rejected");
      expired[i] = lost("expired");
      displaced[i] = lost("queue_full");
    }
  }
  void update(const tracer& t, const otlp_delivery& d) const {
    recorded.raise_to(t.counters().recorded);
    dropped.raise_to(t.counters().dropped);
    failed.raise_to(d.failed_attempts());
    bytes.set(static_cast<double>(d.waiting_bytes()));
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& c = d.counters(static_cast<otlp_signal>(i));
      exported[i].raise_to(c.exported);
      rejected[i].raise_to(c.rejected);
      expired[i].raise_to(c.expired);
      displaced[i].raise_to(c.displaced);
    }
  }
  counter recorded, dropped, failed;
  gauge bytes;
  std::array<counter, 2> exported, rejected, expired, displaced;
};

}  // namespace

struct otlp_exporter::impl {
  impl(banyan::tracer& t, metrics_registry& m, otlp_options o)
      : spans{t}, metrics{m}, options{std::move(o)}, delivery{options.delivery}, counted{m} {}

  banyan::tracer& spans;
  metrics_registry& metrics;
  const otlp_options options;
  const banyan::clock& clock = system_clock();
  const instant started = clock.now();
  std::array<http_request, 2> requests;  // by signal, without body
  std::shared_ptr<mailbox_of_exporter> mail = std::make_shared<mailbox_of_exporter>();
  otlp_delivery delivery;                // from here: of the thread
  meters counted;
  log_folding complaints{{.every = std::chrono::minutes{1}}};
  monotonic next_spans{}, next_metrics{};
  bool has_told_last_metrics = false;
  http_client client{{.max_connections_per_endpoint = 1, .max_endpoints = 4, .max_calls = 4}};
  std::thread thread;

  void run() {
    auto now = clock.steady();
    next_spans = now + options.span_interval.count();
    next_metrics = with_metrics() ? now + options.metric_interval.count() : monotonic::max();
    for (;;) {
      std::unique_lock lock{mail->lock};
      const auto until = std::min({next_spans, next_metrics, delivery.due(), clock.steady() + longest_pause});
      mail->changed.wait_until(lock, std::min(until, mail->flushing ? mail->flush_until : monotonic::max()), [&] {
        return mail->batch_ready || mail->answer || mail->stopping || (mail->flushing && !has_told_last_metrics);
      });
      if (mail->stopping) break;
      const bool ready = mail->batch_ready.exchange(false), flushing = mail->flushing;
      const auto flush_until = mail->flush_until;
      const auto answer = std::exchange(mail->answer, std::nullopt);
      lock.unlock();
      now = clock.steady();
      if (answer) judge(*answer, now);
      if (ready || flushing || now >= next_spans) collect_spans(now);
      if (now >= next_metrics || (flushing && !std::exchange(has_told_last_metrics, true))) collect_metrics(now);
      send(now);
      counted.update(spans, delivery);
      if (flushing && ((delivery.is_idle() && spans.waiting() == 0) || now >= flush_until)) break;
    }
    // What did not go out by the end of a flush has expired, and is no longer in the queue.
    const bool all_sent = delivery.is_idle() && now < (mail->flushing ? mail->flush_until : monotonic::max());
    delivery.drop_all();
    counted.update(spans, delivery);
    const std::lock_guard guard{mail->lock};
    mail->ended = true;
    mail->all_sent = all_sent;
    mail->changed.notify_all();
  }

  bool with_metrics() const { return options.metric_interval.count().count() > 0; }

  void collect_spans(monotonic now) {
    next_spans = now + options.span_interval.count();
    // Not more than the queue's capacity at once, so that a flood of spans does not keep the thread here.
    for (std::size_t taken = 0; taken < options.capacity;) {
      const auto batch = spans.take(options.batch);
      if (batch.empty()) break;
      taken += batch.size();
      delivery.add({otlp_signal::traces, encode_traces(options.resource, batch), batch.size()});
      if (batch.size() < options.batch) break;
    }
  }

  void collect_metrics(monotonic now) {
    if (!with_metrics()) return;
    next_metrics = now + options.metric_interval.count();
    counted.update(spans, delivery);
    const auto read = metrics.read();
    std::uint64_t series = 0;
    for (const auto& f : read) series += f.points.size();
    delivery.add({otlp_signal::metrics, encode_metrics(options.resource, read, started, clock.now()), series});
  }

  void send(monotonic now) {
    const auto* batch = delivery.next(now);
    if (!batch) return;
    auto request = requests[static_cast<std::size_t>(batch->signal)];
    request.body = batch->body;
    client.send(std::move(request), now + options.timeout.count(), [to = mail](result<http_response> r) {
      const std::lock_guard guard{to->lock};
      to->answer = std::move(r);
      to->changed.notify_all();
    });
  }

  void judge(const result<http_response>& answer, monotonic now) {
    using verdict = otlp_delivery::verdict;
    const auto told = delivery.answered(answer, now, system_random());
    if (told.kind == verdict::delivered) return;
    const auto* what = told.kind == verdict::retried  ? "the collector of traces and metrics is tried again"
                       : told.kind == verdict::partly ? "the collector of traces and metrics rejected a part"
                                                      : "traces or metrics were dropped";
    if (const auto held_back = complaints.admit(what, now))
      logger{"otlp"}.warning(what, {{"endpoint", options.endpoint}, {"cause", told.why}, {"held_back", *held_back}});
  }
};

otlp_exporter::otlp_exporter(std::unique_ptr<impl> i) : impl_{std::move(i)} {}

result<std::unique_ptr<otlp_exporter>> otlp_exporter::start(tracer& tracer, metrics_registry& metrics,
                                                            otlp_options options) {
  auto made = std::make_unique<impl>(tracer, metrics, std::move(options));
  const auto base = without_slash(made->options.endpoint);
  for (std::size_t i = 0; i < otlp_signal_names.size(); ++i) {
    auto request = request_to("POST", base + "/v1/" + otlp_signal_names[i]);
    if (!request) return request.error();
    for (const auto& [name, value] : made->options.headers) request->headers.set(name, value);
    request->headers.set("Content-Type", "application/json");
    request->headers.set("User-Agent", "banyan-otlp/" + made->options.resource.scope_version);
    made->requests[i] = std::move(*request);
  }
  const auto& o = made->options;
  tracer.record({.capacity = o.capacity,
                 .sampling = o.sampling,
                 .batch = o.batch,
                 .batch_ready = [to = made->mail] {
                   // Without the lock, so that no request waits for it. A wake-up that is missed is made up for by the
                   // next batch, or by the interval.
                   to->batch_ready = true;
                   to->changed.notify_all();
                 }});
  made->thread = std::thread{[i = made.get()] { i->run(); }};
  return std::unique_ptr<otlp_exporter>{new otlp_exporter{std::move(made)}};
}

bool otlp_exporter::flush(timespan within) {
  auto& mail = *impl_->mail;
  impl_->spans.stop();
  std::unique_lock lock{mail.lock};
  mail.flush_until = add_saturating(impl_->clock.steady(), within);
  mail.flushing = true;
  mail.changed.notify_all();
  mail.changed.wait(lock, [&] { return mail.ended; });
  lock.unlock();
  impl_->thread.join();
  return mail.all_sent;
}

otlp_exporter::~otlp_exporter() {
  impl_->spans.stop();
  {
    const std::lock_guard guard{impl_->mail->lock};
    impl_->mail->stopping = true;
    impl_->mail->changed.notify_all();
  }
  if (impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace banyan
