#include <banyan/actor/control.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/sharding/sharded.hpp>

namespace banyan {

namespace {

result<std::string> key_of(const std::function<std::string(letter&)>& function, letter& l, const std::string& aggregate) {
  try {
    return function(l);
  } catch (const result_error& e) {
    return error{code::invalid_argument, e.get().message}.because(e.get().reason).at(e.get().field);
  } catch (...) {
    logger{"shard." + aggregate}
        .of(l.context ? l.context->trace : std::string{})
        .warning("a key function threw: the command is refused", {{"command", l.type->name}, {"cause", detail::what_was_thrown()}});
    return error{code::invalid_argument, "the command does not say which " + aggregate + " it is for"};
  }
}

}  // namespace

result<std::string> shard_spec::entity_of(letter& l) const { return key_of(entity, l, aggregate); }
result<std::string> shard_spec::place_of(letter& l) const { return key_of(place, l, aggregate); }

}  // namespace banyan
