#include <banyan/service/context.hpp>

namespace banyan {

uuid context_base::command_id() {
  if (command_.is_nil()) command_ = received_ && !received_->command.is_nil() ? received_->command : uuid_v7(host_.now(), host_.random());
  return command_;
}

message_ptr context_base::prepare(message_ptr request, std::string_view operation, std::string_view natural_key,
                                  idempotent how) {
  auto own = command_id();
  auto travelling = std::make_shared<message_context>(received_ ? *received_ : message_context{});
  if (travelling->correlation.is_nil()) travelling->correlation = own;
  travelling->causation = own;
  travelling->cancelled = {};  // not inherited: a begun command is completed
  travelling->is_of_one_request = true;
  travelling->ends_when_given_up = how == idempotent::always;
  travelling->command = natural_key.empty() ? derive(own, ++derived_, operation) : uuid_from_name(operation, natural_key);
  request->context = std::move(travelling);
  return request;
}

service_link& context_base::link_to(std::string_view service) const {
  const auto i = scope_.links.find(service);
  return i == scope_.links.end() ? *scope_.own : *i->second;
}

}  // namespace banyan
