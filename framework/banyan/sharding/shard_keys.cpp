#include <banyan/actor/control.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/sharding/sharded.hpp>

namespace banyan {

namespace {

result<std::string> key_of(const std::function<std::string(message&)>& function, message& m,
                           const std::string& aggregate) {
  try {
    return function(m);
  } catch (const result_error& e) {
    return error{code::invalid_argument, e.get().message}.because(e.get().reason).at(e.get().field);
  } catch (...) {
    logger{"shard." + aggregate}
        .of(m.context ? m.context->trace : std::string{})
        .warning("a key function threw: the command is refused",
                 {{"command", m.type->name}, {"cause", detail::what_was_thrown()}});
    return error{code::invalid_argument, "the command does not say which " + aggregate + " it is for"};
  }
}

}  // namespace

result<std::string> shard_spec::entity_of(message& m) const { return key_of(entity, m, aggregate); }
result<std::string> shard_spec::place_of(message& m) const { return key_of(place, m, aggregate); }

}  // namespace banyan
