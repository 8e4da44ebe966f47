// Adapter to the two CAF versions: 0.17.6 (Debian 12) and 1.1.0 (Conan Center). Included by the sources of actor/
// only. CAF_VERSION is broken in 1.1.0 (it reads 0100), so CAF_MAJOR_VERSION is tested.
#pragma once

#include <banyan/actor/control.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#if CAF_MAJOR_VERSION == 0
#  define BANYAN_CAF_0_17 1
#else
#  define BANYAN_CAF_0_17 0
#  include <caf/init_global_meta_objects.hpp>
#  include <caf/scheduler.hpp>
#endif

#if BANYAN_CAF_0_17
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(banyan::message_ptr)
#else
CAF_BEGIN_TYPE_ID_BLOCK(banyan, caf::first_custom_type_id)
  CAF_ADD_TYPE_ID(banyan, (banyan::message_ptr))
CAF_END_TYPE_ID_BLOCK(banyan)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(banyan::message_ptr)
#endif

#ifdef __SANITIZE_THREAD__
extern "C" void __tsan_acquire(void*);
extern "C" void __tsan_release(void*);
#endif

namespace banyan {

struct address_access {
  static caf::actor_control_block* get(const address& a) noexcept { return static_cast<caf::actor_control_block*>(a.block_); }
  static address from(caf::actor_control_block* block) noexcept {
    address a;
    if (block) {
      intrusive_ptr_add_ref(block);
      a.block_ = block;
    }
    return a;
  }
};

namespace caf_version {

// The happens-before edges of CAF's mailboxes and workers. Debian's libcaf_core is not instrumented, so
// ThreadSanitizer is told of them.
#ifdef __SANITIZE_THREAD__
inline void ordered_before(void* actor) { __tsan_release(actor); }
inline void ordered_after(void* actor) { __tsan_acquire(actor); }
#else
inline void ordered_before(void*) {}
inline void ordered_after(void*) {}
#endif

inline void init() {
#if !BANYAN_CAF_0_17
  static const bool once = [] {
    caf::core::init_global_meta_objects();
    caf::init_global_meta_objects<caf::id_block::banyan>();
    return true;
  }();
  (void)once;
#endif
}

inline void set_threads(caf::actor_system_config& cfg, std::size_t n) {
#if BANYAN_CAF_0_17
  cfg.set("scheduler.max-threads", n);
#else
  cfg.set("caf.scheduler.max-threads", n);
#endif
}

// The number of messages that an actor handles before its worker turns to another actor. CAF's default is unlimited,
// with which one flooded actor would occupy a worker.
constexpr std::size_t messages_per_turn = 300;
inline void take_turns(caf::actor_system_config& cfg) {
#if BANYAN_CAF_0_17
  cfg.set("scheduler.max-throughput", messages_per_turn);
#else
  cfg.set("caf.scheduler.max-throughput", messages_per_turn);
#endif
}

// For CAF 1.x, see make_deterministic (caf_deterministic.hpp).
inline void set_deterministic([[maybe_unused]] caf::actor_system_config& cfg) {
#if BANYAN_CAF_0_17
  cfg.set("scheduler.policy", caf::atom("testing"));
#endif
}

inline void be_quiet(caf::actor_system_config& cfg) {
#if BANYAN_CAF_0_17
  cfg.set("logger.verbosity", caf::atom("quiet"));
#else
  cfg.set("caf.logger.console.verbosity", "quiet");
#endif
}

#if BANYAN_CAF_0_17
using execution_context = caf::execution_unit;
#else
using execution_context = caf::scheduler;
#endif

#if BANYAN_CAF_0_17
using enqueued = void;
inline void run_later(execution_context* on, caf::actor_system& system, caf::resumable* job) {
  on ? on->exec_later(job) : system.scheduler().enqueue(job);
}
#else
using enqueued = bool;
inline void run_later(execution_context* on, caf::actor_system& system, caf::resumable* job) {
  on ? on->delay(job) : system.scheduler().schedule(job);
}
#endif

// The message_ptr inside a CAF message, or the one that it stands for (an alarm, below); empty for any other CAF
// message.
inline message_ptr message_in(caf::mailbox_element& x) {
#if BANYAN_CAF_0_17
  auto& content = x.content();
  if (content.match_elements<caf::timeout_msg>()) return detail::wake_up_message(content.get_as<caf::timeout_msg>(0).timeout_id);
#else
  auto& content = x.payload;
#endif
  if (!content.match_elements<message_ptr>()) return {};
  return std::move(content.get_mutable_as<message_ptr>(0));
}

// A CAF message without a message_ptr, from a raw actor or from CAF itself. A request that is dropped is answered,
// as by CAF's own mailboxes.
class raw_message {
 public:
  explicit raw_message(caf::mailbox_element_ptr e) : element_{std::move(e)} {}
  raw_message(raw_message&&) noexcept = default;
  ~raw_message() {
    if (element_) caf::detail::sync_request_bouncer{caf::make_error(caf::sec::request_receiver_down)}(*element_);
  }
  caf::mailbox_element_ptr take() { return std::move(element_); }

 private:
  caf::mailbox_element_ptr element_;
};

// A job on CAF's workers. It holds a reference count of its actor, as CAF expects.
class job : public caf::resumable {
 public:
  explicit job(caf::actor_control_block* owner) : owner_{owner} {}
#if BANYAN_CAF_0_17
  subtype_t subtype() const override { return function_object; }
  void intrusive_ptr_add_ref_impl() override { intrusive_ptr_add_ref(owner_); }
  void intrusive_ptr_release_impl() override { intrusive_ptr_release(owner_); }
#else
  subtype_t subtype() const noexcept override { return function_object; }
  void ref_resumable() const noexcept override { intrusive_ptr_add_ref(owner_); }
  void deref_resumable() const noexcept override { intrusive_ptr_release(owner_); }
#endif
  caf::actor_control_block* owner() const noexcept { return owner_; }
  bool runs_inline() const noexcept { return runs_inline_.load(std::memory_order_relaxed); }
  void run_inline(bool may) noexcept { runs_inline_.store(may, std::memory_order_relaxed); }

 private:
  caf::actor_control_block* owner_;
  std::atomic<bool> runs_inline_{false};  // actor::runs_inline() of the current incarnation
};

inline caf::mailbox_element_ptr element(message_ptr m, bool urgent) {
  auto id = urgent ? caf::make_message_id(caf::message_priority::high) : caf::make_message_id();
#if BANYAN_CAF_0_17
  return caf::make_mailbox_element(nullptr, id, {}, std::move(m));
#else
  return caf::make_mailbox_element(nullptr, id, caf::make_message(std::move(m)));
#endif
}

// An actor's wake-up by CAF's clock: one at a time, a new one replaces it. Cancelled at the actor's end, otherwise
// CAF's clock would keep the actor in memory until then.
class alarm {
 public:
#if BANYAN_CAF_0_17
  void set(caf::monitorable_actor& who, monotonic at, std::uint64_t id) {
    who.home_system().clock().set_ordinary_timeout(time_of(at), &who, kind(), id);
  }
  void cancel(caf::monitorable_actor& who) { who.home_system().clock().cancel_ordinary_timeout(&who, kind()); }
  static caf::atom_value kind() { return caf::atom("banyan"); }
#else
  void set(caf::local_actor& who, monotonic at, std::uint64_t id) {
    pending_.dispose();
    pending_ = who.clock().schedule_message(nullptr, caf::strong_actor_ptr{who.ctrl()}, time_of(at), caf::make_message_id(),
                                            caf::make_message(detail::wake_up_message(id)));
  }
  void cancel(caf::local_actor&) { pending_.dispose(); }
#endif

 private:
  static caf::actor_clock::time_point time_of(monotonic at) {
    return caf::actor_clock::time_point{std::chrono::duration_cast<caf::actor_clock::duration_type>(at.time_since_epoch())};
  }
#if !BANYAN_CAF_0_17
  caf::disposable pending_;
#endif
};

}  // namespace caf_version
}  // namespace banyan
