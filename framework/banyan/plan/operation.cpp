#include <banyan/plan/operation.hpp>

namespace banyan {

std::string_view to_string(idempotent i) {
  switch (i) {
    case idempotent::never: return "never";
    case idempotent::by_key: return "by_key";
    case idempotent::always: return "always";
  }
  return {};
}

}  // namespace banyan
