#include <banyan/scaffold/add_pattern.hpp>
#include <banyan/scaffold/pieces.hpp>
#include <banyan/scaffold/refusal.hpp>

#include <banyan/plan/nearest.hpp>

#include <algorithm>

namespace banyan::scaffold {
namespace {

bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

error no_service(const std::string& name, const project_record& record, const file_reader& read) {
  if (read("services/" + name + "/service.cpp"))
    return refused("The service \"" + name + "\" was not made by `banyan new`; add the pattern to services/" + name +
                   "/service.cpp by hand.");
  std::vector<std::string> names;
  std::string all;
  for (const auto& s : record.services) {
    names.push_back(s.name);
    all += (all.empty() ? "" : ", ") + s.name;
  }
  const auto meant = nearest(name, names);
  return refused("The application " + record.application + " has no service \"" + name + "\"" +
                 (!meant.empty() ? "; did you mean " + meant + "?"
                  : !all.empty() ? "; " + services_known(record) + all + "."
                  : record.tree  ? ": `banyan new` has added none yet."
                                 : ": it has none yet."));
}

// Completes the ambassador that is asked for. Errors: it would be the second one, or ask its own service.
result<void> find_peer(chosen_patterns& chosen, const service_record& service) {
  if (!chosen.asks) return {};
  if (chosen.peer.empty()) chosen.peer = service.asks.value_or("");
  if (chosen.peer == service.name) return refused("An ambassador asks another service than its own.");
  if (service.asks && *service.asks != chosen.peer)
    return refused("The service " + service.name + " has an ambassador to " + *service.asks +
                   ", and one is made; add the other one by hand.");
  return {};
}

service_record& service_of(project_record& record, const std::string& name) {
  return *std::find_if(record.services.begin(), record.services.end(), [&](const auto& s) { return s.name == name; });
}

// The record with the patterns of the service that `is_kept` keeps, of all that there are.
template <class Predicate>
project_record with_patterns(project_record record, const std::string& service, const chosen_patterns& chosen,
                             Predicate is_kept) {
  auto& s = service_of(record, service);
  s.patterns.clear();
  for (const auto& p : all_patterns())
    if (is_kept(p)) s.patterns.push_back(p);
  const bool asks = is_among(s.patterns, "ambassador");
  if (asks && chosen.asks) s.asks = chosen.peer;
  if (!asks) s.asks.reset();
  return record;
}

void add_file(const text_file* former, const text_file& wanted, bool is_inserting, const file_reader& read,
              addition& to) {
  const auto ours = read(wanted.path);
  if (!former) {
    if (!ours) to.made.created.push_back(wanted);
    to.pieces.push_back({wanted.path, ours ? wired::already_there : wired::inserted, ""});
    return;
  }
  if (former->text == wanted.text) return;
  auto done = insert_pieces(former->text, wanted.text, ours.value_or(""), is_inserting && ours);
  for (auto& p : done.all) to.pieces.push_back({wanted.path, p.what, std::move(p.lines)});
  if (ours && done.text != *ours) to.made.changed.push_back({wanted.path, std::move(done.text)});
}

}  // namespace

result<addition> add_patterns(const std::vector<template_file>& from, std::string_view patterns,
                              const std::string& service, const project_record& record, const file_reader& read) {
  auto chosen = parse_patterns(patterns);
  if (!chosen) return chosen.error();
  if (chosen->names.empty()) return refused("No pattern is named.");
  const auto* found = record.find(service);
  if (!found) return no_service(service, record, read);
  if (auto checked = find_peer(*chosen, *found); !checked) return checked.error();
  if (!is_current(record))
    return refused("The application " + record.application +
                   " was made from an older template; `banyan upgrade` comes first.");

  addition to;
  const auto had = found->patterns;
  for (const auto& p : chosen->implied)
    if (!is_among(had, p)) to.implied.push_back(p);
  const bool is_recorded =
      std::all_of(chosen->names.begin(), chosen->names.end(), [&](const auto& p) { return is_among(had, p); });
  const auto was_asked = [&](const std::string& p) { return is_among(chosen->names, p) && !is_among(chosen->implied, p); };
  const auto with =
      with_patterns(record, service, *chosen, [&](const auto& p) { return is_among(had, p) || is_among(chosen->names, p); });
  const auto without = with_patterns(record, service, *chosen,
                                     [&](const auto& p) { return is_among(had, p) && !(is_recorded && was_asked(p)); });
  const auto former = render_project(from, without);
  if (!former) return former.error();
  const auto wanted = render_project(from, with);
  if (!wanted) return wanted.error();
  for (const auto& file : *wanted) {
    const auto before =
        std::find_if(former->begin(), former->end(), [&](const auto& f) { return f.path == file.path; });
    add_file(before == former->end() ? nullptr : &*before, file, !is_recorded, read, to);
  }
  if (is_recorded) return to;
  to.made.changed.push_back({record_path, to_text(with)});
  (read(base_path) ? to.made.changed : to.made.created).push_back({base_path, base_to_text(*wanted)});
  return to;
}

}  // namespace banyan::scaffold
