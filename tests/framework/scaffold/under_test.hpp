// Projects as values: what is written to disk is written to a map.
#pragma once

#include <banyan/scaffold/embedded_template.hpp>
#include <banyan/scaffold/new_project.hpp>

#include <map>
#include <string>
#include <utility>

namespace banyan::scaffold {

inline const std::vector<template_file>& from() {
  static const auto read = read_template(embedded_template()).value();
  return read;
}

using project = std::map<std::string, std::string>;

inline project written(const changes& made, project p = {}) {
  for (const auto& f : made.created) p[f.path] = f.text;
  for (const auto& f : made.changed) p[f.path] = f.text;
  return p;
}

inline file_reader reader_of(const project& p) {
  return [&p](const std::string& path) -> std::optional<std::string> {
    const auto found = p.find(path);
    if (found == p.end()) return {};
    return found->second;
  };
}

inline service_request service(std::string name, std::string_view patterns, bool http = true) {
  return {std::move(name), {}, parse_patterns(patterns).value(), http};
}

inline project_record record_of(const project& p) { return read_record(p.at(record_path)).value(); }

template <class T>
std::string refusal(const result<T>& made) {
  return made ? "" : made.error().message;
}

inline bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

inline void replace(std::string& text, std::string_view what, std::string_view by) {
  text.replace(text.find(what), what.size(), by);
}

}  // namespace banyan::scaffold
