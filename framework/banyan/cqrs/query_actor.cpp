#include <banyan/cqrs/query_actor.hpp>

#include <banyan/actor/control.hpp>
#include <banyan/actor/system.hpp>
#include <banyan/cqrs/projection_actor.hpp>

#include <algorithm>
#include <atomic>

namespace banyan {

namespace {

constexpr auto longest_answer = std::chrono::seconds{30};
// Time limit for the projection's answer whether a passed position is held back. It knows at once, unless it
// restarts.
constexpr auto held_known_within = std::chrono::seconds{1};

// Filled in on the view's thread, read after the store has completed the read; records an exception also when the
// deadline passed first.
struct view_answer {
  void take(view_reader& v, const query_spec::query& q, message& request) {
    has_thrown = true;
    answer = q.answer(v, request);
    has_thrown = false;
  }
  message_ptr answer;
  std::atomic<bool> has_thrown = false;
};

}  // namespace

behavior query_actor::make_behavior() {
  behavior b;
  for (auto& q : spec_.queries) b.add_message_handler(q.request, [this, &q](message_ptr& m) { self().run(answer(q, std::move(m))); });
  return b;
}

// Any exception on the way fails this query alone, and it is answered.
task<void> query_actor::answer(const query_spec::query& q, message_ptr request) {
  auto span = begin_span(q, *request);
  try {
    co_await answer_from_view(q, request, span);
  } catch (...) {
    fail(*request, without_details(*request, {code::internal, detail::what_was_thrown()}), span);
  }
}

span_scope query_actor::begin_span(const query_spec::query& q, const message& request) const {
  auto& tracer = self().system().tracer();
  if (!tracer.is_recording()) return {};
  auto operation = q.request->name;
  if (const auto colon = operation.rfind(':'); colon != operation.npos) operation.remove_prefix(colon + 1);
  auto span = tracer.begin(trace_of(request.context), span_kind::internal, spec_.view + " " + std::string{operation});
  span.set("banyan.view", spec_.view).set("banyan.operation", operation);
  return span;
}

task<void> query_actor::answer_from_view(const query_spec::query& q, message_ptr request, span_scope& span) {
  auto begun = self().steady();
  const read_limits limits{std::min(request->deadline, begun + longest_answer),
                           request->context ? request->context->cancelled : nullptr, &q};
  if (!shows(request->position)) {
    auto fresh = co_await catch_up(request->position, limits.deadline - begun);
    if (!fresh) {
      fail(*request, std::move(fresh.error()), span);
      co_return;
    }
  }
  auto slot = std::make_shared<view_answer>();
  auto read = co_await self().wait_for<position>(limits.deadline - self().steady(), [&](completion<position> done) {
    store_.read([slot, request, &q](view_reader& v) { slot->take(v, q, *request); }, std::move(done), limits);
  });
  if (!read) {
    if (read.error().reason == "view_damaged") self().send(projection_.now(), projection_actor::view_damaged{});
    const bool is_plain = !slot->has_thrown && (read.error().code == code::exhausted || read.error().code == code::deadline_exceeded);
    fail(*request, is_plain ? std::move(read.error()) : without_details(*request, std::move(read.error())), span);
    co_return;
  }
  // The view was emptied after `catch_up`: its file was damaged and is being rebuilt.
  if (*read < request->position) {
    fail(*request, stale(), span);
    co_return;
  }
  meters_.seconds.observe(self().steady() - begun);
  span.end();
  request->answer(std::move(slot->answer));
}

void query_actor::fail(message& request, error why, span_scope& span) {
  meters_.failed.add();
  span.end(why);
  request.fail(std::move(why));
}

error query_actor::without_details(const message& request, error why) const {
  self().report_failure(request, why);
  auto told = failed_request(request.context);
  why.message = "the view " + spec_.view + (why.code == code::deadline_exceeded ? " took too long to answer" : " could not answer") +
                told.message.substr(told.message.find(';'));
  why.field.clear();
  return why;
}

// Whether the view is known to include this position.
bool query_actor::shows(position wanted) const {
  return progress_->applied.load() >= wanted && (wanted == 0 || progress_->parked.load() == 0);
}

task<result<done>> query_actor::catch_up(position wanted, nanoseconds limit) {
  const auto applied = progress_->applied.load() >= wanted;
  auto patience = std::min<nanoseconds>(limit, applied ? timespan{held_known_within} : spec_.fresh_within);
  auto seen = co_await self().ask<projection_actor::await_position>(projection_.now(), patience, wanted);
  if (seen && *seen == freshness::fresh) co_return done{};
  if (seen && *seen == freshness::parked)
    co_return error{code::unavailable, "the view " + spec_.view + " holds your last write back: an event of its stream can not be applied"}
        .because("parked")
        .after(std::chrono::seconds{10});
  if (!seen && seen.error().code == code::exhausted) co_return std::move(seen.error());
  if (progress_->applied.load() < 0)
    co_return error{code::unavailable, "the view " + spec_.view + " is not open yet"}.after(std::chrono::milliseconds{200});
  co_return stale();
}

error query_actor::stale() const {
  return error{code::deadline_exceeded, "the view " + spec_.view + " has not caught up with your last write yet"}
      .because("stale_view")
      .after(std::chrono::milliseconds{200});
}

}  // namespace banyan
