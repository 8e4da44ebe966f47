// Installs the link of a service's handlers to another service.
#include <banyan/ambassador/ambassador.hpp>
#include <banyan/assembly/assembly.hpp>

namespace banyan {

result<void> install(const link_spec& spec, assembly& a) {
  a.asks(spec.to, std::make_shared<plain_link>(*a.scope().directory, spec.deadline));
  return {};
}

}  // namespace banyan
