// One more pattern of a service that is there. Pure.
#pragma once

#include <banyan/scaffold/new_project.hpp>
#include <banyan/scaffold/wiring.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace banyan::scaffold {

struct added_piece {
  std::string path;
  wired what = wired::no_place;
  std::string lines;  // empty: the file itself, which the pattern alone needs
};

struct addition {
  changes made;                      // its to_paste is empty: `pieces` has what has no place
  std::vector<added_piece> pieces;   // in the order of the files
  std::vector<std::string> implied;  // patterns that were added because others need them
};

// `patterns` is a list as of `--with`. What is inserted is the difference between what the template makes with and
// without the patterns. A service that has all of them by its record is not changed: only files that are missing are
// made, and pieces that are not found have no place. Errors: an unknown pattern, a service that is unknown or was
// written by hand, another ambassador, and a project of an older template, which is to be upgraded first.
result<addition> add_patterns(const std::vector<template_file>& from, std::string_view patterns,
                              const std::string& service, const project_record& record, const file_reader& read);

}  // namespace banyan::scaffold
