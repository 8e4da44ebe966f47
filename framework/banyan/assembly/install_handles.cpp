// Installs the workers of a `handles`: equal, stateless actors that share one handler.
#include <banyan/assembly/assembly.hpp>
#include <banyan/service/handles.hpp>

namespace banyan {

namespace {

class worker final : public actor {
 public:
  worker(const handler_spec& spec, const service_scope& scope) : spec_{spec}, scope_{scope} {}
  bool isolates_requests() const override { return true; }
  behavior make_behavior() override {
    behavior b;
    spec_.install(b, self(), scope_);
    return b;
  }

 private:
  const handler_spec& spec_;
  const service_scope& scope_;
};

}  // namespace

std::unique_ptr<actor> make_worker(const handler_spec& spec, const service_scope& scope) {
  return std::make_unique<worker>(spec, scope);
}

result<void> install(const handler_spec& spec, assembly& a) {
  const auto make = [&spec, &scope = a.scope()] { return make_worker(spec, scope); };
  const auto workers = a.add("handles." + spec.operation, spec.workers, [&](int) { return make; });
  a.answers(spec.request, {.choose = round_robin(workers), .validate = spec.validate});
  return {};
}

}  // namespace banyan
