// A newer template for a project that people have edited: the three-way merge of each file. Pure.
#pragma once

#include <banyan/scaffold/new_project.hpp>

#include <string>
#include <vector>

namespace banyan::scaffold {

struct upgrade {
  changes made;                        // also of the record and the base
  std::vector<std::string> conflicts;  // merged files with marks in them
  std::vector<std::string> occupied;   // new files of the template that stay out: something else is there
  std::vector<std::string> deleted;    // files that people deleted; they stay so
  std::vector<std::string> dropped;    // files that the template has no more; they stay
  bool is_up_to_date() const { return made.created.empty() && made.changed.empty(); }
};

// The base is what the older template made, ours what is there, theirs what this template makes of the stored answers.
// Files that no template made are not looked at. Errors: there is no base.
result<upgrade> make_upgrade(const std::vector<template_file>& from, const project_record& record,
                             const file_reader& read);

}  // namespace banyan::scaffold
