// The actor of one event-sourced entity. It wakes up from the journal, decides one command after the other, and answers when the events
// are durable. Commands are pipelined: the next one is decided on the new state while the events of the last are being written, so a hot
// entity is bound by group commit and not by one fsync per command; answers keep their order, and what is not yet durable is
// never told to anybody.
//
// A stream has one writer, its entity. A foreign append shows as a wrong version, and what it displaced is decided again; but one that
// lands between two pipelined appends with exactly as many events as the first would have had is not seen by the second. A stream
// that others write too needs `max_in_flight = 1`.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/event_sourcing/command_meters.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>

#include <deque>
#include <string>
#include <unordered_map>

namespace banyan {

// The entity's side of passivation: the shard asks whether everything it forwarded is done; the answer repeats the count.
struct prepare_to_sleep {
  std::uint64_t forwarded = 0;
};
struct ready_to_sleep {
  std::string entity;
  std::uint64_t forwarded = 0;
};

class entity final : public actor {
 public:
  static constexpr std::size_t max_waiting = 1000;     // commands while it loads or is full
  static constexpr std::size_t remembered = 1000;      // command ids per entity

  entity(std::string id, const entity_spec& spec, banyan::journal& j, address shard, const command_meters& meters = {});

  behavior make_behavior() override;
  void started() override;

 private:
  struct loaded {
    std::uint32_t incarnation;
    result<loaded_stream> stream;
  };
  struct settled {
    std::uint32_t incarnation;
    result<append_result> appended;
  };
  struct pending {              // answered in order, when durable
    letter_ptr request;
    monotonic since;
    letter_ptr reply;           // null: the append's own (a repeat of a forgotten command)
    bool appends = false;       // false: waits only for those before it
    result<append_result> appended = error{};
    bool is_settled = false;
  };
  struct waiting {  // for its turn
    letter_ptr request;
    monotonic since;  // when it came
  };
  struct known_command {
    std::uint64_t fingerprint = 0;
    std::string reply;
  };

  void load();
  void wake_up(loaded& l);
  void take(letter_ptr& l);
  void decide(waiting w);
  void settle(settled& s);
  void release();
  void answer(pending& p);
  void fail(letter& request, error why);
  void work_off();
  void reload();
  void remember(const uuid& id, known_command c);
  void maybe_snapshot();
  void maybe_sleep();

  std::string id_, stream_;
  const entity_spec& spec_;
  banyan::journal& journal_;
  address shard_;
  command_meters meters_;
  std::unique_ptr<erased_entity> state_;
  version version_ = 0, snapshot_version_ = 0;
  position position_ = 0;                 // of the last event that is known here: what the answer to a repeat includes
  std::deque<pending> pending_;
  std::size_t in_flight_ = 0;             // appends under way
  std::size_t next_settle_ = 0;           // index in pending_ of the oldest unsettled append
  std::deque<waiting> waiting_;
  std::unordered_map<uuid, known_command> known_;
  std::deque<uuid> known_order_;
  std::optional<error> broken_;           // its events can not be read: every command is answered with this
  std::optional<std::uint64_t> sleep_asked_;
  bool loading_ = false, tainted_ = false, bad_snapshot_ = false;
};

}  // namespace banyan
