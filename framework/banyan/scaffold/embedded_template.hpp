// The template (framework/template), as it was when this library was built.
#pragma once

#include <banyan/scaffold/text_file.hpp>

#include <vector>

namespace banyan::scaffold {

const std::vector<text_file>& embedded_template();

}  // namespace banyan::scaffold
