// What a topic is: the events of given types that given services store. Found by looking at a whole application,
// because publishers and subscribers do not know each other.
//
//   for (auto& p : check_topics(app)) std::cerr << p.where << ": " << p.sentence << '\n';
//   resolve_topics(app);   // each subscription learns whose events are its own
#pragma once

#include <banyan/event_sourcing/event.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/pub_sub/pub_sub.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// All that is wrong between publishers and subscribers: an event that no aggregate of its publisher stores; a handler
// of an event that its topic does not carry; two subscriptions that would share a checkpoint; names that are none.
std::vector<problem> check_topics(const application& app);

// Tells every subscription of the application which journals its topic's publishers write. After the configuration,
// which may rename them.
void resolve_topics(const application& app);

// Is it one of the events of a subscription's topic, of the type that its handler takes?
bool is_for(const subscription_spec& s, const recorded_event& e);

// What should be known of the subscriptions before they run: where a new group begins, when nobody said so.
std::vector<std::string> subscription_notes(const application& app);

// Tokens of letters, digits, '_' and '-', joined by dots: "orders.placed".
bool is_topic_name(std::string_view text);

// The name of the store where a group keeps its checkpoint and its dead letters. A store's name has no dots.
std::string store_name_of(const subscription_spec& s);

}  // namespace banyan
