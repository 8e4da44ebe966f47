#include <banyan/service/context.hpp>

namespace banyan {

uuid context_base::command_id() {
  if (command_.is_nil()) command_ = received_ && !received_->command.is_nil() ? received_->command : uuid_v7(host_.now(), host_.random());
  return command_;
}

message_ptr context_base::prepare(message_ptr request, std::string_view operation, std::string_view natural_key) {
  auto own = command_id();
  auto travelling = std::make_shared<message_context>(received_ ? *received_ : message_context{});
  if (travelling->correlation.is_nil()) travelling->correlation = own;
  travelling->causation = own;
  travelling->cancelled = {};  // half of a command would be done
  travelling->command = natural_key.empty() ? derive(own, ++derived_, operation) : uuid_from_name(operation, natural_key);
  request->context = std::move(travelling);
  return request;
}

address context_base::find(message& request) const {
  auto* e = scope_.directory->find(request.type);
  return e ? e->for_message(request) : address{};
}

timespan context_base::limit_for(std::string_view service) const {
  auto i = scope_.links.find(service);
  return i == scope_.links.end() ? scope_.own_deadline : i->second.deadline;
}

}  // namespace banyan
