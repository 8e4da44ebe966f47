// `static_files{.files = page}`: files held in memory and served unchanged by the edge. "/" serves "/index.html".
#pragma once

#include <banyan/plan/plan.hpp>
#include <banyan/plan/required.hpp>

#include <string>
#include <vector>

namespace banyan {

struct static_file {
  std::string path;         // "/style.css"
  std::string media_type;   // "text/css; charset=utf-8"
  std::string content;
};

struct static_file_spec {
  std::vector<static_file> files;
};

struct static_files {
  required<"files", std::vector<static_file>> files;

  void contribute(plan& p) const {
    auto spec = p.add<static_file_spec>("static_files", "files", phase::edge);
    spec->files = *files;
    spec.read_by("the edge");
    for (auto& f : *files) spec.fact("file", f.path);
  }
};

}  // namespace banyan
