#include <banyan/event_sourcing/command_forgetter.hpp>

#include <banyan/observability/log.hpp>

namespace banyan {

namespace {

constexpr auto port_limit = std::chrono::seconds{30};

}  // namespace

task<void> command_forgetter::work() {
  for (;;) {
    co_await self().sleep(every);
    co_await forget_all();
  }
}

// When the journal is full, busy or unavailable the next attempt is an hour later: nobody waits for this.
task<void> command_forgetter::forget_all() {
  forget_request request;
  request.category = category_;
  request.horizon = horizon_;
  for (;;) {
    auto ask_step = [this, &request](completion<forgotten> done) {
      journal_.forget_commands(request, std::move(done));
    };
    auto step = co_await self().wait_for<forgotten>(port_limit, ask_step);
    if (!step) {
      logger{"journal"}.warning("answers to old commands are kept for now",
                                {{"category", category_}, {"cause", step.error()}});
      co_return;
    }
    forgotten_commands_.add(static_cast<std::uint64_t>(step->commands));
    request.from = std::move(step->next);
    if (request.from.empty()) co_return;
    co_await self().sleep(between_steps);
  }
}

}  // namespace banyan
