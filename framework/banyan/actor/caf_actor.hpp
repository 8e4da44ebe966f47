// The CAF side of a cell (cell.cpp), the CAF actor that contains one actor of ours: control block, id, monitors, and
// the system's count of actors.
//
// CAF 0.17's base class for actors that share threads, scheduled_actor, takes 800 bytes more: a mailbox of five
// queues, a stack of behaviours, tables of awaited responses and of streams. A cell uses none of these, and there is
// one cell per active entity. So it derives from the class below that, monitorable_actor, and does here what
// scheduled_actor does for messages from raw CAF actors. With CAF 1.x a cell is an event_based_actor.
#pragma once

#include <banyan/actor/caf_version.hpp>

#include <utility>

namespace banyan::caf_version {

#if BANYAN_CAF_0_17

class cell_base : public caf::monitorable_actor {
 public:
  using resume_result = caf::resumable::resume_result;
  explicit cell_base(caf::actor_config& cfg) : caf::monitorable_actor{cfg} {}

  void on_destroy() override { end(caf::exit_reason::unreachable, nullptr); }
  // Whether no address of the actor is left, so that CAF is destroying it.
  bool is_unreachable() const noexcept { return ctrl()->strong_refs.load() == 0; }

 protected:
  virtual void begin() = 0;  // called before the first message
  virtual void leave() = 0;  // called at the end

  // Whether the actor has begun and not ended.
  bool activated(execution_context*) {
    if (!std::exchange(has_begun_, true)) begin();
    return true;
  }
  void end(execution_context* on) { end(caf::exit_reason::normal, on); }

  // Handles a message of CAF's own. False: it ended the actor.
  bool take_raw(execution_context* on, caf::mailbox_element& x) {
    auto& content = x.content();
    if (content.match_elements<caf::exit_msg>()) {
      auto& order = content.get_mutable_as<caf::exit_msg>(0);
      unlink_from(order.source);
      if (!order.reason) return true;  // normal exit of a linked actor
      end(std::move(order.reason), on);
      return false;
    }
    if (content.match_elements<caf::error>() && !x.mid.is_request() && !x.mid.is_response()) {
      end(std::move(content.get_mutable_as<caf::error>(0)), on);
      return false;
    }
    if (!handle_system_message(x, on, true) && x.mid.is_request() && x.sender)
      refuse(on, x);
    return true;
  }

 private:
  void refuse(execution_context* on, caf::mailbox_element& request) {
    auto why = caf::make_error(caf::sec::unexpected_message);
    request.sender->enqueue(caf::make_mailbox_element(ctrl(), request.mid.response_id(), {}, std::move(why)), on);
  }
  void end(caf::error reason, execution_context* on) {
    if (getf(is_cleaned_up_flag)) return;
    leave();
    unregister_from_system();
    cleanup(std::move(reason), on);
  }
  bool has_begun_ = false;
};

// Creates an actor that runs on CAF's workers.
template <class Cell, class... Args>
address spawn(caf::actor_system& system, Args&&... args) {
  caf::actor_config cfg;
  auto made = caf::make_actor<Cell, caf::strong_actor_ptr>(system.next_actor_id(), system.node(), &system, cfg,
                                                           std::forward<Args>(args)...);
  auto& cell = static_cast<Cell&>(*made->get());
  cell.register_at_system();
  intrusive_ptr_add_ref(made.get());
  run_later(nullptr, system, cell.first_job());
  return address_access::from(made.get());
}

#else

class cell_base : public caf::event_based_actor {
 public:
  explicit cell_base(caf::actor_config& cfg) : caf::event_based_actor{cfg} {}

  caf::behavior make_behavior() final {
    begin();
    // CAF treats an actor without a behaviour as ended. Its own handler of other messages also prints them.
    return {[](message_ptr&) {},
            [](const caf::message&) -> caf::result<void> { return make_error(caf::sec::unexpected_message); }};
  }
  void on_exit() final { leave(); }
  void on_unreachable() final {
    is_unreachable_ = true;
    caf::event_based_actor::on_unreachable();
  }
  bool is_unreachable() const noexcept { return is_unreachable_; }
  // Called once, when CAF launches the actor.
  resume_result resume(caf_version::execution_context* on, std::size_t most) final {
    return first_job()->resume(on, most);
  }
  virtual caf::resumable* first_job() = 0;

 protected:
  virtual void begin() = 0;  // called before the first message
  virtual void leave() = 0;  // called at the end

  // Whether the actor has begun and not ended.
  bool activated(caf_version::execution_context* on) { return getf(is_initialized_flag) || activate(on); }
  void end(caf_version::execution_context* on) {
    context(on);
    quit(caf::exit_reason::normal);
    finalize();
  }

  // Handles a message of CAF's own. False: it ended the actor.
  bool take_raw(caf_version::execution_context* on, caf::mailbox_element& x) {
    return activate(on, x) != activation_result::terminated;
  }

 private:
  bool is_unreachable_ = false;
};

// Creates an actor that runs on CAF's workers.
template <class Cell, class... Args>
address spawn(caf::actor_system& system, Args&&... args) {
  auto made = system.spawn<Cell>(std::forward<Args>(args)...);
  return address_access::from(caf::actor_cast<caf::strong_actor_ptr>(made).get());
}

#endif

}  // namespace banyan::caf_version
