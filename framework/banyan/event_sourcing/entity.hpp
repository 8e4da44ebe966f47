// The actor of one event-sourced entity: activated from the journal, decides one command at a time, answers when the
// events are durable. Commands are pipelined: the next one is decided on the new state while the events of the last
// are being written, so a hot entity is limited by group commit and not by one fsync per command. Answers keep their
// order; events that are not durable are visible to nobody.
//
// The journal answers in any order (a refusal overtakes waiting appends), so each append has a number that its
// answer repeats. After a failed append, the commands decided on top of it are decided again on what is stored.
//
// A stream should have one writer, its entity, but others may write to it, and two instances may exist while a shard
// moves. So an append requires that the stream ends with the last event of the state it was decided on
// (expected::after). That event may not be stored yet: its id is known before, and covers all that was decided up to
// it. Commands that lose such a race are decided again, in order, on what is stored.
//
// A command whose decision throws is answered `internal`; others go on. An event at which the aggregate throws is
// treated like one that does not decode: every command is refused, and the error names the trace under which the log
// describes the event.
//
// An entity does not exist while its stream has no event and no remembered command. A refusal by such an entity is
// not recorded: a retry is decided again, with the same answer as long as the entity does not exist. When idle it
// asks its shard to end it (nothing_stored), so that commands for unknown ids leave nothing behind, in memory or in
// the journal.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/event_sourcing/command_meters.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/event_sourcing/known_commands.hpp>
#include <banyan/event_sourcing/passivation.hpp>
#include <banyan/event_sourcing/unreadable_streams.hpp>
#include <banyan/observability/tracer.hpp>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// Data shared by the entities of a shard. The references must outlive them.
struct entity_surroundings {
  const entity_spec& spec;
  banyan::journal& journal;
  command_meters meters = {};
  std::shared_ptr<unreadable_streams> unreadable = {};  // null: not reported
};

class entity final : public actor {
 public:
  // Commands: stashed while loading or full; and awaiting their answer.
  static constexpr std::size_t max_waiting = 1000;
  static constexpr std::size_t remembered = known_commands::most;  // command ids per entity
  static constexpr std::size_t page = 1000;            // events per read during activation

  // `stream` is "<category>-<entity id>", shared with the creator of the entity.
  entity(std::shared_ptr<const std::string> stream, std::shared_ptr<const entity_surroundings> around);

  behavior make_behavior() override;
  void started() override;

 private:
  struct loaded {
    std::uint32_t incarnation;
    result<loaded_stream> stream;
  };
  struct page_read {            // of a stream too long for one read
    std::uint32_t incarnation;
    result<std::vector<recorded_event>> events;
  };
  struct settled {
    std::uint32_t incarnation;
    std::uint64_t number;       // the append's number
    result<append_result> appended;
  };
  struct pending {              // to be answered in order, when durable
    std::uint64_t number;
    message_ptr request;
    monotonic since;
    message_ptr reply;           // null: taken from the append's answer (repeat of a forgotten command)
    bool appends = false;       // false: only waits for earlier ones
    result<append_result> appended = error{};
    bool is_settled = false;
    span_scope span = {};         // of the command, and ...
    span_scope storing = {};      // ... of its append
    bool is_displaced() const { return is_settled && !appended && appended.error().reason == "wrong_version"; }
  };
  struct waiting {  // a stashed command
    message_ptr request;
    monotonic since;  // arrival
  };

  void load();
  void activate(loaded& m);
  void read_on();
  void give_up(error why);  // the stream can not be read: refuses every command
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
  bool exists() const { return version_ > 0 || !known_.empty(); }  // includes decisions that are not stored yet

  const address& shard() const { return self().parent(); }  // null: without a shard
  const entity_spec& spec() const noexcept { return around_->spec; }
  const std::string& stream() const noexcept { return *stream_; }
  std::string id() const { return stream_->substr(spec().journal.size() + 1); }

  // Entities are many: large parts are shared, or allocated at first use.
  std::shared_ptr<const std::string> stream_;
  std::shared_ptr<const entity_surroundings> around_;
  std::unique_ptr<erased_entity> state_;
  version version_ = 0, snapshot_version_ = 0;
  uuid last_event_;                       // the event of version_
  version loaded_version_ = 0;            // the version to reach before it is active
  position loaded_position_ = 0;          // position of that event
  position position_ = 0;                 // of the last known event: stamped on answers to repeats
  std::list<pending> pending_;            // oldest first
  std::uint64_t last_number_ = 0;
  std::size_t in_flight_ = 0;             // appends not yet answered
  std::list<waiting> waiting_;
  known_commands known_;
  std::unique_ptr<const error> broken_;   // set when the stream can not be read: the refusal of every command
  std::optional<std::uint64_t> passivation_asked_;
  bool loading_ = false, tainted_ = false, bad_snapshot_ = false;
  bool offered_to_end_ = false;           // nothing_stored was sent since its last command
};

}  // namespace banyan
