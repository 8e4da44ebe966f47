// What a topic is: the events of given types that given services store. Found by looking at a whole application,
// because publishers and subscribers do not know each other.
//
//   for (auto& p : check_topics(app)) std::cerr << p.where << ": " << p.sentence << '\n';
//   resolve_topics(app);   // each subscription learns whose events are its own
#pragma once

#include <banyan/journal/event.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/pub_sub/pub_sub.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// All that is wrong between publishers and subscribers: an event that no aggregate of its publisher stores, or not in
// this version; a handler of an event that its topic does not carry; a version of it that no handler of the service
// takes; two subscriptions that would share a checkpoint, or the commands of one event; names that are none.
void check_topics(const application& app, std::vector<problem>& out);

// Tells every subscription of the application which journals its topic's publishers write, and which versions of its
// event it leaves to others. After the configuration, which may rename journals.
void resolve_topics(const application& app);

// Is it one of the events of a subscription's topic, of the type that its handler takes? Of a version that no handler
// takes it is too: the subscription has to say that it can not handle it.
bool is_for(const subscription_spec& s, const recorded_event& e);

// What should be known of the subscriptions before they run: where a new group begins, when nobody said so; which
// versions of its event a subscription leaves to another one.
void subscription_notes(const application& app, std::vector<std::string>& out);

// Tokens of letters, digits, '_' and '-', joined by dots: "orders.placed".
bool is_topic_name(std::string_view text);

}  // namespace banyan
