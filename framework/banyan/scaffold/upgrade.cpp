#include <banyan/scaffold/merge.hpp>
#include <banyan/scaffold/upgrade.hpp>

#include <algorithm>

namespace banyan::scaffold {
namespace {

const text_file* find(const std::vector<text_file>& files, const std::string& path) {
  const auto found = std::find_if(files.begin(), files.end(), [&](const auto& f) { return f.path == path; });
  return found == files.end() ? nullptr : &*found;
}

void add_new(const text_file& theirs, const file_reader& read, upgrade& to) {
  const auto ours = read(theirs.path);
  if (!ours)
    to.made.created.push_back(theirs);
  else if (*ours != theirs.text)
    to.occupied.push_back(theirs.path);
}

void add_merged(const text_file& base, const text_file& theirs, const file_reader& read, upgrade& to) {
  const auto ours = read(theirs.path);
  if (!ours) {
    to.deleted.push_back(theirs.path);
    return;
  }
  auto both = merge(base.text, *ours, theirs.text);
  if (both.conflicts > 0) to.conflicts.push_back(theirs.path);
  if (both.text != *ours) to.made.changed.push_back({theirs.path, std::move(both.text)});
}

project_record current(project_record record) {
  record.template_version = template_version;
  for (auto& s : record.services) s.template_version = template_version;
  return record;
}

}  // namespace

result<upgrade> make_upgrade(const std::vector<template_file>& from, const project_record& record,
                             const file_reader& read) {
  const auto base = find_base(from, record, read);
  if (!base) return base.error();
  const auto theirs = render_project(from, record);
  if (!theirs) return theirs.error();
  upgrade to;
  for (const auto& file : *theirs) {
    if (const auto* former = find(*base, file.path))
      add_merged(*former, file, read, to);
    else
      add_new(file, read, to);
  }
  for (const auto& file : *base)
    if (!find(*theirs, file.path) && read(file.path)) to.dropped.push_back(file.path);
  if (!is_current(record)) to.made.changed.push_back({record_path, to_text(current(record))});
  const auto stored = read(base_path);
  auto renewed = base_to_text(*theirs);
  if (stored != renewed) (stored ? to.made.changed : to.made.created).push_back({base_path, std::move(renewed)});
  return to;
}

}  // namespace banyan::scaffold
