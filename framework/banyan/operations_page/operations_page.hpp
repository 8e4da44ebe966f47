// The page of the operations port (runtime/admin.hpp), as files to serve: /index.html, and the rest below /page/.
//
// Its sources are in site/: HTML, CSS and JavaScript modules without a build step, embedded when the tree is
// configured. The page reads what the command line reads (/plan, /dead-letters, ...), is told what changes on /live
// (runtime/live_documents.hpp), and asks operator commands with the operator's token. A module per view: a new view is
// a module with `title`, `show` and `update`, and a line in app.js. Text becomes text nodes only (dom.js).
//
//   for (const static_file& f : operations_page()) ...
#pragma once

#include <banyan/http/static_files.hpp>

#include <vector>

namespace banyan {

const std::vector<static_file>& operations_page();

}  // namespace banyan
