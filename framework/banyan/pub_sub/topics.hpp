// A topic: the events of given types that given services store. Derived from the whole application, because publishers
// and subscribers do not know each other.
//
//   std::vector<problem> problems;
//   check_topics(app, problems);
//   resolve_topics(app);   // sets the journals of each subscription
#pragma once

#include <banyan/journal/event.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/topic/topic_name.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// Reports all problems between publishers and subscribers: an event that no aggregate of its publisher stores, or not
// in this version; a handler of an event that is not in its topic; a version of it that no handler of the service
// takes; two subscriptions that would share a checkpoint, or the command ids of an event; malformed names.
void check_topics(const application& app, std::vector<problem>& out);

// Sets, in every subscription, the journals of its topic's publishers, and the event versions that other subscriptions
// take. Call it after the configuration was read, which may rename journals.
void resolve_topics(const application& app);

// Whether an event is of the subscription's topic, and of its handler's type. True also for a version that no handler
// takes: the subscription must report that it can not handle it.
bool is_for(const subscription_spec& s, const recorded_event& e);

// The categories of the streams that may have such events (category.hpp), for a filtered read; empty: all.
std::vector<std::string> categories_of(const subscription_spec& s);

// Notes for the start-up log: where a new group begins by default; which event versions a subscription leaves to
// another.
void subscription_notes(const application& app, std::vector<std::string>& out);

}  // namespace banyan
