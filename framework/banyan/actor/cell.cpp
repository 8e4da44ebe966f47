// The adapter to CAF: a cell is a CAF actor that contains an actor_host and passes its messages on.
#include <banyan/actor/caf_actor.hpp>
#include <banyan/actor/control.hpp>
#include <banyan/actor/host_parts.hpp>
#include <banyan/actor/mailbox.hpp>
#include <banyan/actor/native_system.hpp>
#include <banyan/actor/system.hpp>

#include <typeinfo>

namespace banyan {

namespace {
// The execution context of the actor that is sending now: its receiver is scheduled on the same worker.
thread_local caf_version::execution_context* current_execution = nullptr;
}  // namespace

// Messages have a mailbox of their own, without CAF's allocation, five queues and bookkeeping per message. The
// workers are given a small job instead of the actor (CAF 0.17 casts each job down a deep hierarchy, for its log).
class cell final : public caf_version::cell_base {
 public:
  cell(caf::actor_config& cfg, actor_system& system, actor_factory make, spawn_options options, banyan::address parent)
      : cell_base{cfg}, host_{*this, system, std::move(make), std::move(options), std::move(parent)}, work_{*this} {
    caf_version::ordered_before(ctrl());
  }
  ~cell() override { caf_version::ordered_after(ctrl()); }

  const char* name() const override { return "banyan.actor"; }
  caf::resumable* first_job() { return &work_; }

  // CAF's entry point: for its clock and for messages of raw CAF actors.
  caf_version::enqueued enqueue(caf::mailbox_element_ptr x, caf_version::execution_context* on) override {
    auto l = caf_version::message_in(*x);
    if (!l) {
      l = make_message<caf_version::raw_message>(std::move(x));
      l->kind = message_kind::envelope;
    }
    x.reset();
    return caf_version::enqueued(post(std::move(l), on));
  }

  bool post(message_ptr l, caf_version::execution_context* on) {
    if (l->is_shared()) {
      const auto urgent = l->urgent;
      l = make_message<message_ptr>(std::move(l));
      l->kind = message_kind::envelope;
      l->urgent = urgent;
    }
    caf_version::ordered_before(ctrl());
    switch (messages_.push(l)) {
      case banyan::mailbox::pushed::queued:
        return true;
      case banyan::mailbox::pushed::first:
        intrusive_ptr_add_ref(ctrl());
        caf_version::run_later(on, home_system(), &work_);
        return true;
      default:
        return false;
    }
  }

 private:
  void begin() override { host_.start(); }
  void leave() override {
    messages_.close();  // first: whoever is notified of the end finds every request answered
    host_.cleanup();
    caf_version::ordered_before(ctrl());
  }

  class host final : public actor_host {
   public:
    host(cell& c, actor_system& system, actor_factory make, spawn_options options, banyan::address parent)
        : actor_host{system, c.id(), std::move(make), std::move(options), std::move(parent)}, cell_{c} {}
    // No new reference to an actor that is being destroyed: it would be destroyed twice.
    banyan::address me() const override {
      return cell_.is_unreachable() ? banyan::address{} : address_access::from(cell_.ctrl());
    }
    using actor_host::cleanup;
    using actor_host::receive;
    using actor_host::start;

   protected:
    void wake_at(monotonic at, std::uint64_t id) override {
      caf_version::ordered_before(cell_.ctrl());
      cell_.alarm_.set(cell_, at, id);
    }
    void sleep_on() override { cell_.alarm_.cancel(cell_); }
    void quit() override { cell_.ends_ = true; }
    void run_inline(bool may) override { cell_.work_.run_inline(may); }

   private:
    cell& cell_;
  };

  struct work final : caf_version::job {
    explicit work(cell& c) : job{c.ctrl()} {}
    resume_result resume(caf_version::execution_context* on, std::size_t most) override {
      return static_cast<cell*>(owner()->get())->run(on, most);
    }
  };

  resume_result run(caf_version::execution_context* on, std::size_t most) {
    caf_version::ordered_after(ctrl());
    auto* outer = std::exchange(current_execution, on);
    auto result = activated(on) ? handle(on, most) : caf::resumable::done;
    current_execution = outer;
    return result;
  }

  // Once the mailbox sleeps, another worker may run this actor: nothing of it may be touched after that.
  resume_result handle(caf_version::execution_context* on, std::size_t most) {
    for (std::size_t n = 0; n < most;) {
      auto l = messages_.pop();
      if (!l) {
        caf_version::ordered_before(ctrl());
        if (messages_.try_sleep()) return caf::resumable::awaiting_message;
        continue;
      }
      ++n;
      if (l->kind != message_kind::envelope) {
        host_.receive(std::move(l));
      } else if (l->type == type_of<message_ptr>()) {
        host_.receive(std::move(l->as<message_ptr>()));
      } else if (auto raw = l->as<caf_version::raw_message>().take(); !take_raw(on, *raw)) {
        return caf::resumable::done;
      }
      if (ends_) {
        end(on);
        return caf::resumable::done;
      }
    }
    caf_version::ordered_before(ctrl());
    return messages_.try_sleep() ? caf::resumable::awaiting_message : caf::resumable::resume_later;
  }

  bool ends_ = false;
  caf_version::alarm alarm_;
  host host_;
  work work_;
  banyan::mailbox messages_;
};

void deliver(const address& to, message_ptr l) {
  auto* block = address_access::get(to);
  if (!block) return;
  auto* who = block->get();
  if (&typeid(*who) == &typeid(cell)) {
    static_cast<cell*>(who)->post(std::move(l), current_execution);
    return;
  }
  auto urgent = l->urgent;
  who->enqueue(caf_version::element(std::move(l), urgent), current_execution);  // a proxy for an actor of another node
}

void actor_system::run_inline(const std::function<void()>& act) {
  auto* worker = current_execution ? nullptr : native_->inline_workers.of_this_thread(native_->caf);
  if (!worker) return act();
  struct inline_run {
    ~inline_run() {
      caf_version::inline_workers::run(current_execution);
      current_execution = nullptr;
    }
  };
  current_execution = worker;
  const inline_run after_it;
  act();
}

void address::retain(void* block) noexcept { intrusive_ptr_add_ref(static_cast<caf::actor_control_block*>(block)); }
void address::release(void* block) noexcept { intrusive_ptr_release(static_cast<caf::actor_control_block*>(block)); }
std::uint64_t address::id() const noexcept { return block_ ? static_cast<caf::actor_control_block*>(block_)->id() : 0; }

address actor_host::spawn(actor_factory make, spawn_options options) {
  const bool kept = options.outlives_restart;
  auto a = caf_version::spawn<cell>(system_.get_native().caf, system_, std::move(make), std::move(options), me());
  (kept ? relatives().kept_children : relatives().children).add(a);
  return a;
}

address actor_system::spawn(actor_factory make, spawn_options options) {
  std::lock_guard lock{mutex_};  // held before it runs: it may end, and be removed, at once
  auto a = caf_version::spawn<cell>(native_->caf, *this, std::move(make), std::move(options), address{});
  if (closing_)
    stop_actor(a);
  else
    roots_.emplace(a.id(), a);
  return a;
}

}  // namespace banyan
