#include <banyan/service/service_link.hpp>

#include <banyan/actor/control.hpp>

namespace banyan {

task<result<message_ptr>> service_link::ask(actor_host& host, const operation*, message_ptr request,
                                            monotonic deadline) {
  const auto to = direct(*request);
  co_return co_await host.ask_message<message_ptr>(to, deadline - host.steady(), std::move(request));
}

message_ptr kept_request::take() {
  auto request = std::move(large_);
  if (request) {
    codec_ = nullptr;  // nothing is in room_
  } else {
    request = copy_message(*codec_, static_cast<const void*>(room_));
    drop();
  }
  if (request) request->context = std::move(context_);
  return request;
}

bool service_link::admit(actor_host&, observed_call& call, message& request) {
  call.limit = call.deadline = std::min(call.deadline, add_saturating(call.began, deadline()));
  call.chosen = direct(request);
  call.to = &call.chosen;
  return true;
}
bool service_link::settle(actor_host&, observed_call&, const message&) { return false; }
task<result<message_ptr>> service_link::carry_on(actor_host&, observed_call&, message_ptr, std::optional<error> last) {
  co_return last ? std::move(*last) : error{code::unimplemented, "this link does not carry calls on"};
}
void service_link::leave(actor_host&, observed_call&) noexcept {}

namespace detail {

link_call::link_call(actor_host& host, service_link& through, const directory& where, message_ptr request,
                     monotonic until)
    : host_{host}, link_{through}, task_{host.current_task()} {
  const auto mode = through.mode();
  if (mode == link_mode::observed) {
    auto& call = observed_.emplace();
    call.began = host.steady();
    call.deadline = std::min(until, host.deadline());
    observe(std::move(request));
    return;
  }
  const auto limit = std::min(until, host.until(through.deadline()));
  if (mode == link_mode::direct) {
    const auto to = through.direct(*request);
    send(to, std::move(request), limit);
    return;
  }
  const auto* answered = where.find(request->type);
  intercept(answered ? answered->of : nullptr, std::move(request), std::min(limit, host.deadline()));
}

link_call::~link_call() {
  if (call_) {
    host_.cancel(call_);
    if (context_) give_up(to_, context_);
  }
  middle_.reset();  // before the call that it refers to
  if (observed_) link_.leave(host_, *observed_);
}

void link_call::observe(message_ptr&& request) {
  auto& call = *observed_;
  if (link_.admit(host_, call, *request)) return send(*call.to, std::move(request), call.limit);
  if (call.refused) {
    answer_ = failure_message(std::move(*call.refused));
    observed_.reset();
    return;
  }
  middle_.emplace(link_.carry_on(host_, call, std::move(request), {}));
  middle_->resume();
}

void link_call::send(const address& to, message_ptr&& request, monotonic limit) {
  if (request->context && request->context->is_of_one_request) context_ = request->context, to_ = to;
  call_ = host_.call(to, std::move(request), *this, limit);
}

void link_call::intercept(const operation* what, message_ptr request, monotonic limit) {
  middle_.emplace(link_.ask(host_, what, std::move(request), limit));
  middle_->resume();
}

void link_call::complete(message_ptr answer) {
  call_ = 0;
  const bool goes_on = observed_ && link_.settle(host_, *observed_, *answer);
  if (!goes_on) observed_.reset();
  // Without a task there is nowhere to run what follows.
  if (goes_on && task_) {
    context_.reset();
    middle_.emplace(link_.carry_on(host_, *observed_, {}, std::move(answer->as<error>())));
    if (handle_) middle_->continue_with(handle_);
    return host_.resume(*task_, middle_->handle());
  }
  answer_ = std::move(answer);
  if (handle_) host_.resume(*task_, handle_);
}

void link_call::expire(message_ptr failure) {
  if (context_) give_up(to_, context_);
  complete(std::move(failure));
}

message_ptr link_call::take() {
  if (middle_) {
    auto answer = middle_->take();
    answer_ = answer ? std::move(*answer) : failure_message(std::move(answer.error()));
  }
  host_.has_seen(answer_->position);
  return std::move(answer_);
}

}  // namespace detail

}  // namespace banyan
