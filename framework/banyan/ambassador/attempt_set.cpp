#include <banyan/ambassador/attempt_set.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

attempt_set::~attempt_set() {
  stop_alarm();
  for (std::size_t i = 0; i < most; ++i) give_up(i);
}

void attempt_set::start(std::size_t i, const address& to, message_ptr request, monotonic limit) {
  auto& s = slots_[i];
  s.answer = {};
  s.context = request->context && request->context->is_of_one_request ? request->context : nullptr;
  s.to = to;
  s.call = host_.call(to, std::move(request), s, limit);
}

void attempt_set::start(std::size_t i, transport& by, const endpoint& to, const operation& what, const message& request,
                        monotonic limit) {
  auto& s = slots_[i];
  s.answer = {};
  s.context = nullptr;
  limit = std::min(limit, host_.deadline());
  s.call = host_.expect(s, limit);
  const auto id = s.call;
  // The answer may come before send() returns: as a message to this actor, so not within this call.
  s.remote = by.send(to, what, request, limit, [me = host_.me(), id](result<remote_answer> r) {
    auto answer = r ? std::move(r->value) : make_message<error>(std::move(r.error()));
    answer->kind = r ? message_kind::response : message_kind::failure;
    answer->call = id;
    deliver(me, std::move(answer));
  });
}

void attempt_set::give_up(std::size_t i) {
  auto& s = slots_[i];
  if (!s.call) return;
  host_.cancel(std::exchange(s.call, 0));
  if (s.context) banyan::give_up(s.to, s.context);
  s.remote.reset();
}

result<message_ptr> attempt_set::take(std::size_t i) {
  auto answer = std::exchange(slots_[i].answer, {});
  return detail::take_answer<message_ptr>(answer);
}

std::optional<std::size_t> attempt_set::finished() const noexcept {
  for (std::size_t i = 0; i < most; ++i)
    if (slots_[i].answer) return i;
  return std::nullopt;
}

void attempt_set::wait_until(monotonic until) {
  is_late_ = false;
  stop_alarm();
  if (until != monotonic::max() && !finished()) alarm_.call = host_.expect(alarm_, until);
}

void attempt_set::stop_alarm() noexcept {
  if (alarm_.call) host_.cancel(std::exchange(alarm_.call, 0));
}

void attempt_set::wake() {
  if (const auto h = std::exchange(handle_, {})) host_.resume(*task_, h);
}

void attempt_set::slot::complete(message_ptr m) {
  call = 0;
  answer = std::move(m);
  remote.reset();
  set.wake();
}

void attempt_set::slot::expire(message_ptr failure) {
  if (context) banyan::give_up(to, context);
  complete(std::move(failure));
}

void attempt_set::alarm::complete(message_ptr) {
  call = 0;
  set.is_late_ = true;
  set.wake();
}

}  // namespace banyan
