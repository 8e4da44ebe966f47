// The plan in one of its forms, as `describe` prints it and the operations port serves it at /plan?form=FORM.
#pragma once

#include <banyan/plan/plan.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace banyan {

// The text and the JSON have the node's settings too.
std::string describe(const application& app, const node_settings& settings, describe_form form);

std::optional<describe_form> parse_describe_form(std::string_view name);  // "text", "json", "dot"
std::string_view media_type(describe_form form);

}  // namespace banyan
