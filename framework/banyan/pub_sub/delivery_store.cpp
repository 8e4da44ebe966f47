#include <banyan/pub_sub/delivery_store.hpp>

namespace banyan {

std::string delivery_store_name(const delivery_options& of) {
  std::string name = "subscription";
  for (const auto* part : {&of.topic, &of.group}) {
    name += "__";
    for (const char c : *part) name += c == '.' ? '_' : c;
  }
  return name;
}

}  // namespace banyan
