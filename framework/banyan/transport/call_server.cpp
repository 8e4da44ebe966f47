#include <banyan/transport/call_server.hpp>

#include <atomic>

namespace banyan {

namespace {

class served_call final : public transport::attempt {
 public:
  served_call(address to, context_ptr context, std::shared_ptr<const std::atomic<bool>> answered)
      : to_{std::move(to)}, context_{std::move(context)}, answered_{std::move(answered)} {}
  ~served_call() override {
    if (!answered_->load(std::memory_order_relaxed)) give_up(to_, context_);
  }

 private:
  address to_;
  context_ptr context_;
  std::shared_ptr<const std::atomic<bool>> answered_;
};

result<const directory::endpoint*> find(const directory& here, const encoded_call& call) {
  const auto* found = here.find(std::string_view{call.operation});
  if (!found) return error{code::unimplemented, "no service of this node has an operation " + call.operation};
  if (found->of->version != call.version)
    return error{code::unimplemented, call.operation + " is here in version " + std::to_string(found->of->version) +
                                          ", not " + std::to_string(call.version)}
        .because("other_version");
  if (!found->of->request_codec || !found->of->reply_codec)
    return error{code::unimplemented,
                 call.operation + " is answered on its own node only: its messages are not described"};
  if (found->is_remote)
    return error{code::unavailable, call.operation + " is answered by another node"}.because("not_here");
  return found;
}

context_ptr context_of(const encoded_call& call, const operation& what, const span_scope& span) {
  auto context = std::make_shared<message_context>();
  context->trace = span.is_recorded() ? span.traceparent() : call.trace;
  if (!call.trace_state.empty()) context->trace_state = std::make_shared<const std::string>(call.trace_state);
  context->correlation = call.correlation;
  context->command = call.command;
  context->causation = call.causation;
  context->caller = call.caller;
  context->is_of_one_request = true;
  context->ends_when_given_up = what.how == idempotent::always;
  return context;
}

encoded_answer encode_answer(const operation& what, const message& reply) {
  if (reply.type != what.reply)
    return refused_call(
        {code::internal, "the answer of " + what.name + " is a " + std::string{reply.type->name}, outcome::applied});
  return {encode(*what.reply_codec, reply), reply.position, {}};
}

}  // namespace

std::unique_ptr<transport::attempt> serve_call(actor_system& system, const directory& here, const encoded_call& call,
                                               timespan time_left, completion<encoded_answer> answer) {
  const auto refuse = [&](error why) {
    answer(refused_call(std::move(why)));
    return nullptr;
  };
  if (time_left.count().count() <= 0)
    return refuse({code::deadline_exceeded, "the deadline had passed before the call arrived"});
  const auto found = find(here, call);
  if (!found) return refuse(found.error());
  const auto& what = *(*found)->of;
  auto request = decode_message(*what.request_codec, call.payload);
  if (!request) return refuse(request.error());
  auto span = system.tracer().begin(call.trace, span_kind::server, what.name);
  span.set("rpc.system", "banyan").set("rpc.method", what.name);
  const auto context = context_of(call, what, span);
  (*request)->context = context;
  (*request)->position = call.position;
  const auto to = (*found)->for_message(**request);
  const auto answered = std::make_shared<std::atomic<bool>>(false);
  system.ask_message(to, std::move(*request), time_left,
                     [&what, answered, span = std::move(span),
                      answer = std::move(answer)](result<message_ptr> reply) mutable {
                       answered->store(true, std::memory_order_relaxed);
                       const bool is_answer = reply && (*reply)->kind != message_kind::failure;
                       if (is_answer) {
                         span.end();
                         return answer(encode_answer(what, **reply));
                       }
                       auto why = reply ? std::move((*reply)->as<error>()) : std::move(reply.error());
                       span.end(why);
                       answer(refused_call(std::move(why)));
                     });
  return std::make_unique<served_call>(to, context, answered);
}

}  // namespace banyan
