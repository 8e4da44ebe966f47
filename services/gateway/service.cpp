#include <services/gateway/service.hpp>

#include <banyan/plan/service.hpp>

namespace shop::gateway {

banyan::plan describe(std::vector<banyan::static_file> page) {
  return banyan::service<gateway_api>(banyan::static_files{.files = std::move(page)});
}

}  // namespace shop::gateway
