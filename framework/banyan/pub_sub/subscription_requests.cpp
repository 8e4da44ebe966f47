// Operator requests to a subscription: reset to a position, replay a dead letter.
#include <banyan/pub_sub/subscription.hpp>

#include <banyan/actor/control.hpp>
#include <banyan/observability/log.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

namespace {

// Letters stored without event ids are identified by their stored stream, type and payload.
bool is_of(const dead_letter& d, const recorded_event& e) {
  if (d.event.empty()) return d.stream == e.stream && d.type == e.type && d.payload == e.payload;
  return d.event == to_string(e.id);
}

error another_event(const dead_letter& d, const std::vector<recorded_event>& now) {
  const auto has = now.empty() ? "ends before position " + std::to_string(d.position)
                               : "has another event at position " + std::to_string(d.position) + " (" + now.front().type + " of stream " +
                                     now.front().stream + ")";
  return error{code::conflict, "the journal " + has + ": the event that was given up there, " + d.type + " of stream " + d.stream +
                                   ", was lost when an older copy of the journal was restored, and can not be delivered again"}
      .because("another_event");
}

}  // namespace

// Counts are dropped by a reset: they are of the events that were about to be handled.
task<void> subscription::reset(message_ptr request) {
  auto info = co_await journal_state();
  if (!info) {
    request->fail(std::move(info.error()));
    co_return;
  }
  const auto head = info->head;
  const auto from = request->as<reset_subscription>().from;
  const auto at = from.kind == subscription_start::origin::start ? 0 : from.kind == subscription_start::origin::now ? head : from.at;
  if (at < 0 || at > head) {
    request->fail(error{code::invalid_argument, "the journal's last position is " + std::to_string(head)}.at("to"));
    co_return;
  }
  leaving_ = resetting_ = true;
  while (saving_) co_await self().sleep(poll_interval);
  auto begins = co_await self().wait_for<position>(port_limit, [&](completion<position> done) {
    store_.restart({info->history, head}, at, std::move(done));
  });
  if (begins) {
    logger{spec_.group}.warning("the subscription was reset by an operator", {{"topic", spec_.topic}, {"position", *begins}, {"head", head}});
    counts_.reset();
    answer<position>(*request, *begins);
  } else {
    request->fail(std::move(begins.error()));
  }
  self().stop();
}

task<result<delivered_again>> subscription::replay(position at, std::string event) {
  const auto name = "position " + std::to_string(at) + " of topic " + spec_.topic + ", group " + spec_.group;
  if (!window_) co_return error{code::unavailable, "the subscription has not read its checkpoint yet"};
  if (replaying_.count(at) > 0) co_return error{code::conflict, name + " is being delivered again already"}.because("under_way");
  replaying_.insert(at);
  auto letters = co_await self().wait_for<std::vector<dead_letter>>(
      port_limit, [&](completion<std::vector<dead_letter>> done) { store_.find(at, std::move(done)); });
  if (letters && !event.empty()) std::erase_if(*letters, [&](const dead_letter& d) { return d.event != event; });
  result<delivered_again> answer = error{code::not_found, "no dead letter at " + name};
  if (!letters)
    answer = letters.error();
  else if (!letters->empty())
    answer = co_await replay_known(*letters);
  replaying_.erase(at);
  co_return answer;
}

// Replays the one of these letters, all of one position, whose event the journal has there.
task<result<delivered_again>> subscription::replay_known(const std::vector<dead_letter>& letters) {
  const auto at = letters.front().position;
  auto read = co_await read_journal(at - 1, 1);
  if (!read) co_return read.error();
  const auto& there = read->events;
  if (!there.empty() && there.front().position != at)
    co_return error{code::corrupt, "the journal has no event at position " + std::to_string(at) + " any more"};
  const auto found = std::find_if(letters.begin(), letters.end(),
                                  [&](const dead_letter& d) { return !there.empty() && is_of(d, there.front()); });
  if (found == letters.end()) co_return another_event(letters.front(), there);
  co_return co_await replay_event(there.front(), *found);
}

task<result<delivered_again>> subscription::replay_event(const recorded_event& e, const dead_letter& letter) {
  const auto at = letter.position, attempts = letter.attempts + 1;
  co_await take_slot();
  auto span = begin_span(e);
  bounded_attempt under_way{self(), context_of(e, span), spec_.handle_within, spec_.handle(self(), scope_, e)};
  const auto ended = co_await under_way;
  end_span(span, ended);
  leave_slot();
  std::optional<error> refusal;
  if (ended.is_late)
    refusal = error{code::deadline_exceeded, "not handled within " + to_string(spec_.handle_within), outcome::unknown};
  else if (ended.thrown)
    refusal = error{code::internal, "it crashed its handler: " + detail::what_was_thrown(ended.thrown), outcome::unknown};
  else if (!*ended.answer)
    refusal = ended.answer->error();
  ended_replay how{{at, letter.event}, attempts, {}};
  if (refusal) how.stays = to_string(*refusal);
  auto written = co_await self().wait_for<done>(as_long_as_it_takes, [&](completion<done> done) {
    replayed_.emplace_back(std::move(how), std::move(done));
    if (!saving_) self().run(save());
  });
  if (!written) co_return written.error();
  const auto log = logger{spec_.group}.of(e.metadata.trace);
  if (refusal) {
    log.warning("a dead letter was delivered again and stays",
                {{"topic", spec_.topic}, {"stream", e.stream}, {"position", at}, {"attempts", attempts}, {"cause", *refusal}});
    auto why = *refusal;
    why.reason = "dead_letter_stays";
    co_return why;
  }
  log.info("a dead letter was delivered again and is handled",
           {{"topic", spec_.topic}, {"stream", e.stream}, {"position", at}, {"attempts", attempts}});
  co_return delivered_again{attempts};
}

}  // namespace banyan
