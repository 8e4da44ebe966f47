// `.banyan/scaffold.json`: what a project was made from, kept in the project. Later commands read it: to know the
// services that are there, and to merge a newer template with what people have changed since.
#pragma once

#include <banyan/core/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace banyan::scaffold {

// Raised with every change of the template's text.
inline constexpr int template_version = 1;

inline constexpr const char* record_path = ".banyan/scaffold.json";

struct service_record {
  std::string name, aggregate;
  std::vector<std::string> patterns;
  bool http = false;
  std::optional<std::string> asks{};  // the service behind the ambassador
  int template_version = 1;           // of the template that this service was made from
};
BOOST_DESCRIBE_STRUCT(service_record, (), (name, aggregate, patterns, http, asks, template_version))

// A source tree that no `banyan new app` made, and to which services can be added: they alone are of the template.
struct tree_record {
  // Files of an application that name its services, each with the path of the file that does so here.
  std::map<std::string, std::string> wired;
  std::vector<std::string> apart;  // folders at the top that do not belong to the tree, as one of builds
  std::vector<std::string> next;   // commands for when a service was added; NAME stands for it
};
BOOST_DESCRIBE_STRUCT(tree_record, (), (wired, apart, next))

struct project_record {
  std::string application;
  int template_version = 1;  // of the application's own files
  std::vector<service_record> services;
  std::optional<tree_record> tree{};
  const service_record* find(const std::string& service) const;
};
BOOST_DESCRIBE_STRUCT(project_record, (), (application, template_version, services, tree))

// JSON with one service a line, for small differences in version control.
std::string to_text(const project_record& record);

// Errors: invalid_argument, also for the record of a newer program than this one.
result<project_record> read_record(std::string_view text);

}  // namespace banyan::scaffold
