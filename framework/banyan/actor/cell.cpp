// The only place where our actors meet CAF: a cell is a CAF actor that hands its letters to the host it contains.
#include <banyan/actor/caf_version.hpp>
#include <banyan/actor/control.hpp>
#include <banyan/actor/native_system.hpp>
#include <banyan/actor/system.hpp>

#include <typeinfo>

namespace banyan {

namespace {
// Where the actor runs that is sending right now: its receiver is then scheduled on the same worker.
thread_local caf_version::execution_context* current_execution = nullptr;
}  // namespace

class cell final : public caf::event_based_actor {
 public:
  cell(caf::actor_config& cfg, actor_system& system, actor_factory make, spawn_options options, banyan::address parent)
      : caf::event_based_actor{cfg}, host_{*this, system, std::move(make), std::move(options), std::move(parent)} {
    caf_version::ordered_before(ctrl());
  }

  ~cell() override { caf_version::ordered_after(ctrl()); }

  const char* name() const override { return "banyan.actor"; }

  caf::behavior make_behavior() override {
    caf_version::ordered_after(ctrl());
    auto* outer = std::exchange(current_execution, context());
    host_.start();
    current_execution = outer;
    caf_version::ordered_before(ctrl());
    return {[this](letter_ptr& l) { take(std::move(l)); }};
  }
  void on_exit() override {
    caf_version::ordered_after(ctrl());
    host_.cleanup();
    caf_version::ordered_before(ctrl());
  }

#if BANYAN_CAF_0_17
  // Before CAF looks at the message: the shortest way, and ours is the only message that matters. (Not virtual in CAF 1.)
  caf::invoke_message_result consume(caf::mailbox_element& x) override {
    caf_version::ordered_after(ctrl());
    auto& content = x.content();
    if (content.size() == 1 && content.type(0).second == &typeid(letter_ptr)) {
      take(std::move(*static_cast<letter_ptr*>(content.get_mutable(0))));
      return caf::invoke_message_result::consumed;
    }
    return caf::event_based_actor::consume(x);
  }
#endif

 private:
  class host final : public actor_host {
   public:
    host(cell& c, actor_system& system, actor_factory make, spawn_options options, banyan::address parent)
        : actor_host{system, std::move(make), std::move(options), std::move(parent)}, cell_{c} {}
    banyan::address me() const override { return address_access::from(cell_.ctrl()); }
    using actor_host::cleanup;
    using actor_host::receive;
    using actor_host::start;

   protected:
    void schedule(monotonic at, letter_ptr l) override {
      auto urgent = l->urgent;
      caf_version::ordered_before(cell_.ctrl());
      caf_version::schedule(cell_.system(), cell_.ctrl(), at, std::move(l), urgent);
    }
    void quit() override { cell_.quit(caf::exit_reason::normal); }

   private:
    cell& cell_;
  };

  void take(letter_ptr l) {
    auto* outer = std::exchange(current_execution, context());
    host_.receive(std::move(l));
    current_execution = outer;
    caf_version::ordered_before(ctrl());
  }

  host host_;
};

void deliver(const address& to, letter_ptr l) {
  auto* block = address_access::get(to);
  if (!block) return;
  auto urgent = l->urgent;
  auto element = caf_version::element(std::move(l), urgent);
  caf_version::ordered_before(block);
  block->get()->enqueue(std::move(element), current_execution);
}

void address::retain(void* block) noexcept { intrusive_ptr_add_ref(static_cast<caf::actor_control_block*>(block)); }
void address::release(void* block) noexcept { intrusive_ptr_release(static_cast<caf::actor_control_block*>(block)); }
std::uint64_t address::id() const noexcept { return block_ ? static_cast<caf::actor_control_block*>(block_)->id() : 0; }

address actor_host::spawn(actor_factory make, spawn_options options) {
  const bool kept = options.outlives_restart;
  auto handle = system_.get_native().caf.spawn<cell>(std::ref(system_), std::move(make), std::move(options), me());
  auto a = address_access::from(caf::actor_cast<caf::strong_actor_ptr>(handle).get());
  (kept ? kept_children_ : children_).insert(a);
  return a;
}

address actor_system::spawn(actor_factory make, spawn_options options) {
  std::lock_guard lock{mutex_};  // from before it runs: it may end, and be forgotten, at once
  auto handle = native_->caf.spawn<cell>(std::ref(*this), std::move(make), std::move(options), address{});
  auto a = address_access::from(caf::actor_cast<caf::strong_actor_ptr>(handle).get());
  if (closing_)
    stop_actor(a);
  else
    roots_.emplace(a.id(), a);
  return a;
}

}  // namespace banyan
