// The one header that knows which CAF this is: 0.17.6 (Debian 12) or 1.1.0 (Conan Center). Included by the sources of actor/ and
// simulation/ only. CAF_VERSION itself is broken in 1.1.0 (it reads 0100), so CAF_MAJOR_VERSION decides.
#pragma once

#include <banyan/actor/message.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#if CAF_MAJOR_VERSION == 0
#  define BANYAN_CAF_0_17 1
#else
#  define BANYAN_CAF_0_17 0
#  include <caf/init_global_meta_objects.hpp>
#endif

#if BANYAN_CAF_0_17
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(banyan::letter_ptr)
#else
CAF_BEGIN_TYPE_ID_BLOCK(banyan, caf::first_custom_type_id)
  CAF_ADD_TYPE_ID(banyan, (banyan::letter_ptr))
CAF_END_TYPE_ID_BLOCK(banyan)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(banyan::letter_ptr)
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

// What CAF's mailboxes and workers order. Debian's libcaf_core is not instrumented, so ThreadSanitizer has to be told.
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

inline void set_deterministic(caf::actor_system_config& cfg) {
#if BANYAN_CAF_0_17
  cfg.set("scheduler.policy", caf::atom("testing"));
#else
  cfg.set("caf.scheduler.policy", "testing");
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

inline caf::mailbox_element_ptr element(letter_ptr l, bool urgent) {
  auto id = urgent ? caf::make_message_id(caf::message_priority::high) : caf::make_message_id();
#if BANYAN_CAF_0_17
  return caf::make_mailbox_element(nullptr, id, {}, std::move(l));
#else
  return caf::make_mailbox_element(nullptr, id, caf::make_message(std::move(l)));
#endif
}

inline void schedule(caf::actor_system& system, caf::actor_control_block* who, monotonic at, letter_ptr l, bool urgent) {
  caf::actor_clock::time_point t{std::chrono::duration_cast<caf::actor_clock::duration_type>(at.time_since_epoch())};
#if BANYAN_CAF_0_17
  system.clock().schedule_message(t, caf::strong_actor_ptr{who}, element(std::move(l), urgent));
#else
  system.clock().schedule_message(nullptr, caf::strong_actor_ptr{who}, t, caf::make_message_id(), caf::make_message(std::move(l)));
  (void)urgent;
#endif
}

}  // namespace caf_version
}  // namespace banyan
