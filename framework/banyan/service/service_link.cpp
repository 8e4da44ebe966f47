#include <banyan/service/service_link.hpp>

namespace banyan {

task<result<message_ptr>> service_link::ask(actor_host& host, const operation*, message_ptr request,
                                            monotonic deadline) {
  const auto to = direct(*request);
  co_return co_await host.ask_message<message_ptr>(to, deadline - host.steady(), std::move(request));
}

}  // namespace banyan
