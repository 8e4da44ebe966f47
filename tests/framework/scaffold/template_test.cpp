// The template itself: what it embeds is what is there, and nothing of it is left in a project.
#include <banyan/scaffold/embedded_template.hpp>
#include <banyan/scaffold/new_project.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

using namespace banyan;
using namespace banyan::scaffold;

namespace {

std::string file(const std::string& path) {
  std::ifstream in{std::string{TEMPLATE} + "/" + path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::vector<template_file> from() { return read_template(embedded_template()).value(); }

// All that the tool can make: each set of patterns, with and without routes.
std::vector<service_request> all_services() {
  std::vector<service_request> all;
  for (const auto* stored : {"", "event_sourcing", "cqrs", "pub_sub", "saga", "cqrs,pub_sub", "cqrs,saga",
                             "pub_sub,saga", "cqrs,pub_sub,saga"})
    for (const std::string link : {"", "ambassador", "circuit_breaker"})
      for (const bool http : {false, true}) {
        const auto patterns = stored + std::string{*stored && !link.empty() ? "," : ""} + link;
        all.push_back({"orders", "order", parse_patterns(patterns).value(), http});
      }
  return all;
}

}  // namespace

TEST_CASE("the markers are sound, and the embedded files are those that are there") {
  CHECK(read_template(embedded_template()));
  for (const auto& f : embedded_template()) {
    CAPTURE(f.path);
    CHECK(file(f.path) == f.text);
  }
}

TEST_CASE("no word of the template is left in a project, and no marker") {
  const std::regex left{"harbour|mooring|pilot|banyan: (begin|end|file)", std::regex::icase};
  for (const auto& wanted : all_services()) {
    CAPTURE(wanted.patterns.names, wanted.http);
    for (const auto& f : new_service_alone(from(), wanted).value().created) {
      CAPTURE(f.path);
      CHECK_FALSE(std::regex_search(f.path, left));
      std::smatch found;
      const bool is_left = std::regex_search(f.text, found, left);
      CAPTURE(found.str());
      CHECK_FALSE(is_left);
    }
  }
}

TEST_CASE(
    "no file of a project is empty, ends without a line, has empty lines in a row or spaces at the end of a line") {
  for (const auto& wanted : all_services())
    for (const auto& f : new_service_alone(from(), wanted).value().created) {
      CAPTURE(wanted.patterns.names, wanted.http, f.path);
      CHECK(f.text.size() > 1);
      CHECK(f.text.ends_with('\n'));
      CHECK_FALSE(f.text.ends_with("\n\n"));
      CHECK(f.text.find("\n\n\n") == f.text.npos);
      CHECK(f.text.find(" \n") == f.text.npos);
    }
}

TEST_CASE("the service that the template asks is what the template makes of a service with routes alone") {
  answers a;
  a.names = {"harbour", "pilots", "pilot", "", ""};
  a.http = true;
  std::size_t compared = 0;
  for (const auto& f : render_service(from(), a)) {
    if (!f.path.starts_with("services/")) continue;
    CAPTURE(f.path);
    CHECK(f.text == file(f.path));
    ++compared;
  }
  std::size_t there = 0;
  for (const auto& entry : std::filesystem::directory_iterator{std::string{TEMPLATE} + "/services/pilots"})
    there += entry.is_regular_file();
  CHECK(compared == there);
}
