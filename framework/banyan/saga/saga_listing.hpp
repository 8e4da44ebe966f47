// A page of the sagas of a node, from their indexes.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/saga/running_saga.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace banyan {

struct saga_list_request {
  std::vector<std::shared_ptr<const running_saga>> of;  // by name; each has an index
  saga_filter filter = {};
  bool only_blocked = false;
  std::string after_saga = {}, after_id = {};  // behind this one
  std::size_t limit = 100;
  instant now = {};
  std::map<std::string, std::string> blocked = {};  // cause by stream
};

// Answers a sagas_page as JSON. Errors: unavailable while an index is not open, and those of reading it.
void list_sagas(saga_list_request r, completion<std::string> answer);

}  // namespace banyan
