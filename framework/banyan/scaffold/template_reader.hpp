// Reads the template: a project that compiles as it stands, in which optional regions are bracketed by line markers.
//
//   // banyan: begin cqrs http
//   banyan::query<get_mooring>("GET /moorings/{id}", {.summary = "The mooring"}),
//   // banyan: end cqrs http
//
// A marker is a comment of its own line, in the comment syntax of its file (//, #, ; or <!-- -->). A region is kept
// when all conditions hold that its marker names; "!http" holds without --http. Regions nest. `banyan: file cqrs` as
// the first line is a condition of the whole file. The conditions:
//
//   event_sourcing, sharding, cqrs, pub_sub,   the service has the pattern
//   saga, ambassador, circuit_breaker
//   http                                       the service has routes
//   service                                    in a file of the application: what a new service adds to it
//   template                                   never: only what the template itself needs to compile
//
// A region with a negated condition would not compile beside its counterpart, so its lines are comments in the
// template; their comment sign is dropped.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/scaffold/text_file.hpp>

#include <string>
#include <vector>

namespace banyan::scaffold {

using conditions = std::vector<std::string>;  // all must hold; "!" negates

struct template_line {
  std::string text;
  conditions kept_if;  // of all regions around it
};

struct template_file {
  std::string path;
  conditions kept_if;                // of the file
  std::vector<template_line> lines;  // without markers
};

// Errors: invalid_argument for a marker that is malformed, unbalanced or names an unknown condition, with all
// mistakes, each as "path:line: sentence".
result<std::vector<template_file>> read_template(const std::vector<text_file>& files);

}  // namespace banyan::scaffold
