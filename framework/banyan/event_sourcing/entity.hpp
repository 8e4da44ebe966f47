// The actor of one event-sourced entity. It is activated from the journal, decides one command after the other, and answers when the events
// are durable. Commands are pipelined: the next one is decided on the new state while the events of the last are being written, so a hot
// entity is bound by group commit and not by one fsync per command; answers keep their order, and what is not yet durable is
// never told to anybody.
//
// The journal's answers come in any order (a refusal is told at once, ahead of appends that wait), so every append has a number, and its
// answer carries it. After an append that failed, what was decided on top of its events is decided again on what is really stored.
//
// A stream should have one writer, its entity; but others may write to it, and the entity may exist twice while its shard moves. So every
// append is accepted only after the very event that its decision's state ended with (expected::after). That event may itself be
// still on its way: its id is known before it is stored, and names all that was decided up to it. What is displaced by another's append
// is decided again, in order, on what is really stored.
//
// A command whose decision throws is answered `internal`, alone. An event at which the aggregate throws is like one that
// does not decode: every command is refused, and told under which trace the log says what is wrong with which event.
//
// An entity does not exist while its stream has no event and no remembered command. What is refused then is not recorded: asked again it is
// decided again, with the same answer as long as the entity does not exist. When it has nothing to do it offers its shard to end
// (nothing_stored), so that commands for ids that do not exist leave nothing behind, neither in memory nor in the journal.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/event_sourcing/command_meters.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/event_sourcing/known_commands.hpp>
#include <banyan/event_sourcing/unreadable_streams.hpp>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// Passivation: the shard asks the entity to end once it is idle; the entity acknowledges with the number of commands it had been sent.
struct passivate {
  std::uint64_t forwarded = 0;
};
struct passivated {
  std::string entity;
  std::uint64_t forwarded = 0;
};
// It crashed and runs again: what it was asked before is forgotten.
struct entity_restarted {
  std::string entity;
};
// It has nothing to do, and waking it up again costs nothing: it does not exist.
struct nothing_stored {
  std::string entity;
};

// What the entities of a shard have in common. What the references refer to outlives them.
struct entity_surroundings {
  const entity_spec& spec;
  banyan::journal& journal;
  command_meters meters = {};
  std::shared_ptr<unreadable_streams> unreadable = {};  // null: nobody wants to know
};

class entity final : public actor {
 public:
  static constexpr std::size_t max_waiting = 1000;     // commands while it loads or is full; and commands that wait for their answer
  static constexpr std::size_t remembered = known_commands::most;  // command ids per entity
  static constexpr std::size_t page = 1000;            // events read at once while it wakes up

  // `stream` is the category, a dash, and the entity's id. It is shared with whoever made the entity.
  entity(std::shared_ptr<const std::string> stream, std::shared_ptr<const entity_surroundings> around);

  behavior make_behavior() override;
  void started() override;

 private:
  struct loaded {
    std::uint32_t incarnation;
    result<loaded_stream> stream;
  };
  struct page_read {            // of a stream too long to be loaded at once
    std::uint32_t incarnation;
    result<std::vector<recorded_event>> events;
  };
  struct settled {
    std::uint32_t incarnation;
    std::uint64_t number;       // of the append that this is the answer to
    result<append_result> appended;
  };
  struct pending {              // answered in order, when durable
    std::uint64_t number;
    message_ptr request;
    monotonic since;
    message_ptr reply;           // null: the append's own (a repeat of a forgotten command)
    bool appends = false;       // false: waits only for those before it
    result<append_result> appended = error{};
    bool is_settled = false;
    bool is_displaced() const { return is_settled && !appended && appended.error().reason == "wrong_version"; }
  };
  struct waiting {  // for its turn
    message_ptr request;
    monotonic since;  // when it came
  };

  void load();
  void activate(loaded& m);
  void read_on();
  void give_up(error why);  // the stream can not be read
  void is_broken(error why);
  void fold(const std::vector<recorded_event>& events);
  void take(message_ptr& m);
  void decide(waiting w);
  void identify(std::vector<new_event>& events, const uuid& command);
  void append(append_request request, pending p);
  pending& pending_of(std::uint64_t number);
  void settle(settled& s);
  void release();
  void complete(pending& p);
  void fail(message& request, error why);
  void fail_alone(message& request);
  void fail_unusable(message& request, const error& cause);
  void fail_unread(message& request);
  result<done> apply(const recorded_event& e);
  void drain_waiting();
  void reload();
  void maybe_snapshot();
  void maybe_passivate();
  bool is_idle() const { return !loading_ && pending_.empty() && waiting_.empty(); }
  bool exists() const { return version_ > 0 || !known_.empty(); }  // as far as it has decided: some of that may still be on its way

  const address& shard() const { return self().parent(); }  // nobody: it is alone
  const entity_spec& spec() const noexcept { return around_->spec; }
  const std::string& stream() const noexcept { return *stream_; }
  std::string id() const { return stream_->substr(spec().journal.size() + 1); }

  // There are many of these: what takes memory is shared, or is allocated when it is needed.
  std::shared_ptr<const std::string> stream_;
  std::shared_ptr<const entity_surroundings> around_;
  std::unique_ptr<erased_entity> state_;
  version version_ = 0, snapshot_version_ = 0;
  uuid last_event_;                       // the event of version_
  version loaded_version_ = 0;            // what it has to reach before it is active
  position loaded_position_ = 0;          // of the event of loaded_version_
  position position_ = 0;                 // of the last event that is known here: what the answer to a repeat includes
  std::list<pending> pending_;            // oldest first
  std::uint64_t last_number_ = 0;
  std::size_t in_flight_ = 0;             // appends under way
  std::list<waiting> waiting_;
  known_commands known_;
  std::unique_ptr<const error> broken_;   // its events can not be read: every command is refused for this
  std::optional<std::uint64_t> passivation_asked_;
  bool loading_ = false, tainted_ = false, bad_snapshot_ = false;
  bool offered_to_end_ = false;           // since it last had something to do
};

}  // namespace banyan
