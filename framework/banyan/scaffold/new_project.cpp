#include <banyan/scaffold/new_project.hpp>

#include <banyan/scaffold/names.hpp>
#include <banyan/scaffold/refusal.hpp>
#include <banyan/scaffold/wiring.hpp>

#include <algorithm>

namespace banyan::scaffold {
namespace {

std::string services_besides(const std::string& service, const project_record& record) {
  std::string all;
  for (const auto& s : record.services)
    if (s.name != service) all += (all.empty() ? "" : ", ") + s.name;
  return all;
}

result<answers> answers_of(const service_request& wanted, const std::string& application) {
  if (auto checked = check_name("service", wanted.name); !checked) return checked.error();
  answers a;
  a.names.application = application;
  a.names.service = wanted.name;
  a.names.aggregate = wanted.aggregate.empty() ? aggregate_of(wanted.name) : wanted.aggregate;
  a.patterns = wanted.patterns;
  a.http = wanted.http;
  if (auto checked = check_names(a.names); !checked) return checked.error();
  return a;
}

text_file* find(std::vector<text_file>& files, const std::string& path) {
  const auto found = std::find_if(files.begin(), files.end(), [&](const auto& f) { return f.path == path; });
  return found == files.end() ? nullptr : &*found;
}

// What the service adds to files of the project.
std::vector<fragment> fragments_of(const std::vector<template_file>& from, const answers& a,
                                   const std::optional<tree_record>& tree) {
  auto all = render_fragments(from, a);
  if (!tree) return all;
  std::erase_if(all, [&](const auto& f) { return !tree->wired.contains(f.path); });
  for (auto& f : all) f.path = tree->wired.at(f.path);
  return all;
}

// Adds the service's files and its lines in the application's.
void add_files(const std::vector<template_file>& from, const answers& a, const std::optional<tree_record>& tree,
               const file_reader& read, changes& to) {
  for (auto& file : render_service(from, a)) to.created.push_back(std::move(file));
  for (const auto& f : fragments_of(from, a, tree)) {
    auto* file = find(to.created, f.path);
    if (!file) file = find(to.changed, f.path);
    const auto text = file ? std::optional{file->text} : read(f.path);
    const auto wiring = text ? wire(*text, f, a.names.service) : scaffold::wiring{};
    if (wiring.what == wired::no_place) to.to_paste.push_back(f);
    if (wiring.what != wired::inserted) continue;
    if (file)
      file->text = wiring.text;
    else
      to.changed.push_back({f.path, wiring.text});
  }
}

void add_record(project_record& record, const answers& a) {
  service_record made{a.names.service, a.names.aggregate, a.patterns.names, a.http, {}, template_version};
  if (a.patterns.asks) made.asks = a.names.peer;
  record.services.push_back(std::move(made));
}

std::optional<std::string> nothing(const std::string&) { return {}; }

void add_records(changes& to, const project_record& record) {
  auto base = base_to_text(to.created);
  to.created.push_back({record_path, to_text(record)});
  to.created.push_back({base_path, std::move(base)});
}

}  // namespace

result<void> find_peer(answers& a, const project_record& record) {
  if (!a.patterns.asks) return {};
  const auto& peer = a.patterns.peer;
  const auto all = services_besides(a.names.service, record);
  if (all.empty())
    return refused(record.tree ? "An ambassador asks a service that `banyan new` added, and there is none yet."
                               : "An ambassador asks another service, and this application has none yet.");
  if (peer.empty())
    return refused("An ambassador asks a service: ambassador:NAME, where NAME is one of: " + all + ".");
  const auto* found = record.find(peer);
  if (!found)
    return refused("This application has no service \"" + peer + "\" that an ambassador could ask; " +
                   services_known(record) + all + ".");
  a.names.peer = found->name;
  a.names.peer_aggregate = found->aggregate;
  return {};
}

result<answers> answers_of(const service_record& service, const project_record& record) {
  service_request wanted{service.name, service.aggregate, {}, service.http};
  wanted.patterns.names = service.patterns;
  wanted.patterns.asks = service.asks.has_value();
  wanted.patterns.peer = service.asks.value_or("");
  auto a = answers_of(wanted, record.application);
  if (!a) return a;
  if (auto found = find_peer(*a, record); !found) return found.error();
  return a;
}

result<std::vector<text_file>> render_project(const std::vector<template_file>& from, const project_record& record) {
  if (auto checked = check_name("application", record.application); !checked) return checked.error();
  changes made;
  if (!record.tree) made.created = render_application(from, record.application);
  for (const auto& s : record.services) {
    const auto a = answers_of(s, record);
    if (!a) return a.error();
    add_files(from, *a, record.tree, nothing, made);
  }
  return std::move(made.created);
}

result<std::vector<text_file>> find_base(const std::vector<template_file>& from, const project_record& record,
                                         const file_reader& read) {
  const auto text = read(base_path);
  if (!text && !is_current(record))
    return refused("It was made from an older template and has no " + std::string{base_path} +
                   ", the files as they were made.");
  if (!text) return render_project(from, record);
  auto files = read_base(*text);
  if (!files) return refused(std::string{base_path} + ": " + files.error().message);
  return files;
}

std::string services_known(const project_record& record) {
  return record.tree ? "those that `banyan new` added are: " : "its services are: ";
}

bool is_current(const project_record& record) {
  return record.template_version == template_version &&
         std::all_of(record.services.begin(), record.services.end(),
                     [](const auto& s) { return s.template_version == template_version; });
}

result<changes> new_application(const std::vector<template_file>& from, const std::string& name) {
  if (auto checked = check_name("application", name); !checked) return checked.error();
  changes made{render_application(from, name), {}, {}};
  add_records(made, {name, template_version, {}});
  return made;
}

result<changes> new_service_alone(const std::vector<template_file>& from, const service_request& wanted) {
  auto a = answers_of(wanted, wanted.name);
  if (!a) return a.error();
  if (auto checked = check_name("application", wanted.name); !checked) return checked.error();
  changes made{render_application(from, wanted.name), {}, {}};
  project_record record{wanted.name, template_version, {}};
  if (a->patterns.asks) {
    service_request peer{a->patterns.peer.empty() ? "partners" : a->patterns.peer, {}, {}, wanted.http};
    if (peer.name == wanted.name) return refused("An ambassador asks another service than its own.");
    const auto its = answers_of(peer, wanted.name);
    if (!its) return its.error();
    add_files(from, *its, {}, nothing, made);
    add_record(record, *its);
    a->names.peer = its->names.service;
    a->names.peer_aggregate = its->names.aggregate;
  }
  add_files(from, *a, {}, nothing, made);
  add_record(record, *a);
  add_records(made, record);
  return made;
}

result<changes> new_service_inside(const std::vector<template_file>& from, const service_request& wanted,
                                   const project_record& record, const file_reader& read) {
  auto a = answers_of(wanted, record.application);
  if (!a) return a.error();
  if (record.find(wanted.name))
    return refused("The application " + record.application + " has a service \"" + wanted.name + "\" already.");
  if (auto found = find_peer(*a, record); !found) return found.error();
  auto files = find_base(from, record, read);
  if (!files) return files.error();
  changes made, base{std::move(*files), {}, {}};
  add_files(from, *a, record.tree, read, made);
  add_files(from, *a, record.tree, nothing, base);
  auto grown = record;
  add_record(grown, *a);
  made.changed.push_back({record_path, to_text(grown)});
  (read(base_path) ? made.changed : made.created).push_back({base_path, base_to_text(std::move(base.created))});
  return made;
}

}  // namespace banyan::scaffold
