#include <banyan/test_kit/handler_of.hpp>

#include <stdexcept>

namespace banyan::test_kit::detail {

answer_of_run run_handler(handler_node& node, const handler_spec& spec, message_ptr request,
                          const request_of_test& how) {
  const auto worker =
      node.system().spawn([&spec, &scope = node.scope()] { return make_worker(spec, scope); }, {.name = handler_name});
  auto context = std::make_shared<message_context>();
  context->command = how.command;
  context->correlation = how.command;
  context->caller = how.caller;
  request->context = std::move(context);
  const auto answer = std::make_shared<std::optional<result<message_ptr>>>();
  const auto began = node.now();
  node.system().ask_message(worker, std::move(request), how.within,
                            [answer](result<message_ptr> r) { *answer = std::move(r); });
  constexpr std::chrono::seconds grace{1};  // timers are not exact
  node.run_until([&] { return answer->has_value(); }, add_saturating(how.within, grace));
  node.check();
  if (!*answer) throw expectation_failed{"the handler does not answer, although nothing is left to do"};
  return {std::move(**answer), timespan{node.now() - began}, node.last_failure()};
}

const handler_spec& handler_in(const plan& service, const message_type* request) {
  for (const auto& [item, spec] : service.all<handler_spec>())
    if (spec->request == request) return *spec;
  throw std::invalid_argument{"the plan of " + service.service() + " has no handles<...>{} for " +
                              std::string{request->name} + ": pass the plan of the service whose handler is tested"};
}

}  // namespace banyan::test_kit::detail
