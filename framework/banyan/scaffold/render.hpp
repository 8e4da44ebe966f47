// Renders the template: drops the regions whose conditions do not hold, and replaces the names. Pure.
#pragma once

#include <banyan/scaffold/names.hpp>
#include <banyan/scaffold/patterns.hpp>
#include <banyan/scaffold/template_reader.hpp>
#include <banyan/scaffold/text_file.hpp>

#include <string>
#include <vector>

namespace banyan::scaffold {

struct answers {
  service_names names;
  chosen_patterns patterns;
  bool http = false;
};

// Files of the application, without any service.
std::vector<text_file> render_application(const std::vector<template_file>& from, const std::string& application);

// Files of a service alone: those with its name in their path.
std::vector<text_file> render_service(const std::vector<template_file>& from, const answers& a);

// What a service adds to a file of the application.
struct fragment {
  std::string path;
  std::string text;    // one or more lines
  std::string behind;  // the line above it in the template
  bool apart = false;  // whether an empty line is between them
};
std::vector<fragment> render_fragments(const std::vector<template_file>& from, const answers& a);

}  // namespace banyan::scaffold
