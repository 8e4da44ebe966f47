// `ambassador<payments_api>{.deadline = 800ms}`: the link for all calls of a service to another one. A handler that
// asks a service without an ambassador does not compile.
#pragma once

#include <banyan/plan/plan.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/service/context.hpp>

namespace banyan {

struct link_spec {
  std::string to;
  timespan deadline = std::chrono::seconds{1};
};

result<void> install(const link_spec& spec, assembly& a);

template <class Api>
struct ambassador {
  static_assert(service_api<Api>,
                "an ambassador is for an API: a struct with `static constexpr std::string_view name` and `using "
                "operations = ...`");
  using link_to = Api;
  timespan deadline = std::chrono::seconds{1};   // for the whole call; the caller's own deadline also applies

  void contribute(plan& p) const {
    auto spec = p.add<link_spec>("ambassador", std::string{Api::name}, phase::outbound);
    spec->to = std::string{Api::name};
    spec->deadline = deadline;
    spec.option("deadline", &link_spec::deadline, {.min = 0.001, .max = 86'400}).links_to("asks", spec->to)
        .installed_by(&install);
  }
};

}  // namespace banyan
