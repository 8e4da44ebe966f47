#include <banyan/actor/control.hpp>

namespace banyan {

std::string detail::what_was_thrown() {
  try {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

std::string detail::what_was_thrown(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (...) {
    return what_was_thrown();
  }
}

message_ptr detail::failure_message(error e) {
  auto l = make_message<error>(std::move(e));
  l->kind = message_kind::failure;
  return l;
}

message_ptr detail::wake_up_message(std::uint64_t id) {
  auto l = make_message<wake_up>();
  l->kind = message_kind::timer;
  l->call = id;
  return l;
}

void order(const address& who, control c) {
  auto l = make_message<control>(std::move(c));
  l->kind = message_kind::control;
  auto what = l->as<control>().kind;
  l->urgent = what != control::stop_when_idle && what != control::run;
  deliver(who, std::move(l));
}

void restart_actor(const address& who, std::uint64_t number) { order(who, {.kind = control::restart, .number = number}); }
void tell_restart_at(const address& who, monotonic at) {
  control c{control::restart_at};
  c.at = at;
  order(who, std::move(c));
}
void suspend_actor(const address& who, std::uint64_t number) { order(who, {.kind = control::suspend, .number = number}); }
void stop_actor(const address& who, completion<done> stopped) {
  control c{control::stop};
  c.stopped = std::move(stopped);
  order(who, std::move(c));
}
void stop_actor_when_idle(const address& who) { order(who, {control::stop_when_idle}); }
void give_up(const address& to, const context_ptr& context) {
  if (!context || !context->is_of_one_request) return;
  context->given_up.cancel();
  if (!context->ends_when_given_up) return;
  control c{control::give_up};
  c.context = context;
  order(to, std::move(c));
}
void post_work(const address& who, std::function<void(actor_host&)> work) {
  control c{control::run};
  c.work = std::move(work);
  order(who, std::move(c));
}

}  // namespace banyan
