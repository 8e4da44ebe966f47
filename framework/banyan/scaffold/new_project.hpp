// What a new application or service writes: new files, changed files, and lines that a person must paste because a
// file has no place for them. Pure.
#pragma once

#include <banyan/scaffold/record.hpp>
#include <banyan/scaffold/render.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace banyan::scaffold {

struct changes {
  std::vector<text_file> created;
  std::vector<text_file> changed;  // files that are there, with their new text
  std::vector<fragment> to_paste;
};

// An empty application.
result<changes> new_application(const std::vector<template_file>& from, const std::string& name);

struct service_request {
  std::string name;
  std::string aggregate = {};  // empty: made from the name
  chosen_patterns patterns = {};
  bool http = false;
};

// An application of its own for the service, which has its name. The service that an ambassador asks is made too.
result<changes> new_service_alone(const std::vector<template_file>& from, const service_request& wanted);

// The text of a file of the application; empty: there is none.
using file_reader = std::function<std::optional<std::string>(const std::string& path)>;

// One more service of an application. Errors: a service of that name, and an ambassador without a service to ask.
result<changes> new_service_inside(const std::vector<template_file>& from, const service_request& wanted,
                                   const project_record& record, const file_reader& read);

}  // namespace banyan::scaffold
