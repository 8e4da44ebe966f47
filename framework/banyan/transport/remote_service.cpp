#include <banyan/transport/remote_service.hpp>

#include <algorithm>

namespace banyan {

behavior remote_service::make_behavior() {
  return behavior{}.otherwise([this](message_ptr& m) {
    if (m->kind == message_kind::request)
      self().answer_by(std::move(m), [this](message& request) { return call(request); });
  });
}

const operation* remote_service::find(const message_type* request) const {
  const auto found =
      std::find_if(operations_.begin(), operations_.end(), [&](const operation* o) { return o->request == request; });
  return found == operations_.end() ? nullptr : *found;
}

task<result<message_ptr>> remote_service::call(message& request) {
  const auto* what = find(request.type);
  if (!what || !what->request_codec || !what->reply_codec)
    co_return error{code::unimplemented,
                    std::string{request.type->name} + " can not be asked of " + service_ + " on another node"};
  const auto nodes = nodes_->now();
  if (nodes->empty()) co_return error{code::unavailable, "no node answers for " + service_ + " now"};
  const auto& to = (*nodes)[next_++ % nodes->size()];
  std::unique_ptr<transport::attempt> under_way;  // destroyed with this task, which gives up the call
  auto start = [&](completion<remote_answer> answered) {
    under_way = transport_->send(to, *what, request, request.deadline, std::move(answered));
  };
  auto answer = co_await self().wait_for<remote_answer>(request.deadline - self().steady(), start);
  if (!answer) co_return answer.error();
  co_return std::move(answer->value);
}

}  // namespace banyan
