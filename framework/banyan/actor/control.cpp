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

letter_ptr detail::failure_letter(error e) {
  auto l = make_letter<error>(std::move(e));
  l->what = letter::kind::failure;
  return l;
}

letter_ptr detail::wake_up_letter(std::uint64_t id) {
  auto l = make_letter<wake_up>();
  l->what = letter::kind::timer;
  l->call = id;
  return l;
}

void order(const address& who, control c) {
  auto l = make_letter<control>(std::move(c));
  l->what = letter::kind::control;
  auto what = l->as<control>().what;
  l->urgent = what != control::stop_when_idle && what != control::run;
  deliver(who, std::move(l));
}

void restart_actor(const address& who, std::uint64_t number) { order(who, {.what = control::restart, .number = number}); }
void tell_restart_at(const address& who, monotonic at) {
  control c{control::restart_at};
  c.at = at;
  order(who, std::move(c));
}
void halt_actor(const address& who, std::uint64_t number) { order(who, {.what = control::halt, .number = number}); }
void stop_actor(const address& who, completion<done> stopped) {
  control c{control::stop};
  c.stopped = std::move(stopped);
  order(who, std::move(c));
}
void stop_actor_when_idle(const address& who) { order(who, {control::stop_when_idle}); }
void post_work(const address& who, std::function<void(actor_host&)> work) {
  control c{control::run};
  c.work = std::move(work);
  order(who, std::move(c));
}

}  // namespace banyan
