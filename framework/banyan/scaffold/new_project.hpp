// What a new application or service writes: new files, changed files, and lines that a person must paste because a
// file has no place for them. Pure.
#pragma once

#include <banyan/scaffold/base.hpp>
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

// One more service of an application, or of another source tree. Errors: a service of that name, and an ambassador
// without a service to ask.
result<changes> new_service_inside(const std::vector<template_file>& from, const service_request& wanted,
                                   const project_record& record, const file_reader& read);

// What was answered for a service of the record. Errors: its ambassador's service is not there.
result<answers> answers_of(const service_record& service, const project_record& record);

// Names the service that the ambassador of `a` asks, if it has one. Errors: it is not said, or not there.
result<void> find_peer(answers& a, const project_record& record);

// How a sentence goes on that lists the services of the record.
std::string services_known(const project_record& record);

// All that this template makes of an application and its services, without what is below .banyan.
result<std::vector<text_file>> render_project(const std::vector<template_file>& from, const project_record& record);

// The same as it was when the project was made: stored in it, or rendered when this template is the one. Errors:
// neither, or the stored text is broken.
result<std::vector<text_file>> find_base(const std::vector<template_file>& from, const project_record& record,
                                         const file_reader& read);

// Whether all of a project was made from this template.
bool is_current(const project_record& record);

}  // namespace banyan::scaffold
