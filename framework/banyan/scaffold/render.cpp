#include <banyan/scaffold/render.hpp>

#include <algorithm>

namespace banyan::scaffold {
namespace {

bool holds(const std::string& condition, const answers& a, bool in_service) {
  if (condition.starts_with('!')) return !holds(condition.substr(1), a, in_service);
  if (condition == "template") return false;
  if (condition == "service") return in_service;
  return condition == "http" ? a.http : a.patterns.has(condition);
}

bool hold(const conditions& all, const answers& a, bool in_service) {
  return std::all_of(all.begin(), all.end(), [&](const auto& c) { return holds(c, a, in_service); });
}

bool is_of_service(const template_file& file) {
  const auto& own = template_names();
  return with_names(file.path, {own.application, "", own.aggregate, own.peer, own.peer_aggregate}) != file.path;
}

bool names_service(const conditions& all) { return std::find(all.begin(), all.end(), "service") != all.end(); }

// Dropped regions leave no empty line at the end, and none next to another one.
void add_line(std::string& text, const std::string& line) {
  if (line.empty() && (text.empty() || text.ends_with("\n\n"))) return;
  text += line + '\n';
}

std::string without_last_empty_line(std::string text) {
  if (text.ends_with("\n\n")) text.pop_back();
  return text;
}

std::string render(const template_file& file, const answers& a) {
  std::string text;
  for (const auto& line : file.lines)
    if (hold(line.kept_if, a, false)) add_line(text, line.text);
  return with_names(without_last_empty_line(std::move(text)), a.names);
}

}  // namespace

std::vector<text_file> render_application(const std::vector<template_file>& from, const std::string& application) {
  answers a;
  a.names = template_names();
  a.names.application = application;
  std::vector<text_file> files;
  for (const auto& file : from)
    if (!is_of_service(file) && hold(file.kept_if, a, false))
      files.push_back({with_names(file.path, a.names), render(file, a)});
  return files;
}

std::vector<text_file> render_service(const std::vector<template_file>& from, const answers& a) {
  std::vector<text_file> files;
  for (const auto& file : from)
    if (is_of_service(file) && hold(file.kept_if, a, true))
      files.push_back({with_names(file.path, a.names), render(file, a)});
  return files;
}

std::vector<fragment> render_fragments(const std::vector<template_file>& from, const answers& a) {
  std::vector<fragment> fragments;
  for (const auto& file : from) {
    if (is_of_service(file)) continue;
    std::string above;
    bool inside = false, apart = false;
    for (const auto& line : file.lines) {
      const bool begins = names_service(line.kept_if) && !inside;
      inside = names_service(line.kept_if);
      if (begins) fragments.push_back({with_names(file.path, a.names), "", with_names(above, a.names), apart});
      if (!hold(line.kept_if, a, inside)) continue;
      if (inside)
        add_line(fragments.back().text, with_names(line.text, a.names));
      else if (apart = line.text.empty(); !apart)
        above = line.text;
    }
  }
  for (auto& f : fragments) f.text = without_last_empty_line(std::move(f.text));
  std::erase_if(fragments, [](const auto& f) { return f.text.empty(); });
  return fragments;
}

}  // namespace banyan::scaffold
