// Writes a project's changes to disk: all of them, or none.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/scaffold/new_project.hpp>

#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

namespace banyan {

// Asked between any two files; true ends the writing.
using interrupted_function = std::function<bool()>;
inline constexpr std::string_view interrupted_reason = "interrupted";

// Makes the folder `target` with these files: written beside it under another name, then renamed. Errors: conflict when
// it exists, refused with interrupted_reason, unavailable with the system's words. Nothing is left behind then.
result<void> write_project(const std::filesystem::path& target, const std::vector<scaffold::text_file>& files,
                           const interrupted_function& interrupted);

// Adds files to a project, and replaces others: all are written below `root`/.banyan first, then renamed one by one.
// Errors as above; what was renamed by then is undone.
result<void> write_changes(const std::filesystem::path& root, const scaffold::changes& changes,
                           const interrupted_function& interrupted);

}  // namespace banyan
