#include <banyan/scaffold/new_project.hpp>

#include <banyan/scaffold/names.hpp>
#include <banyan/scaffold/wiring.hpp>

#include <algorithm>

namespace banyan::scaffold {
namespace {

error refused(std::string sentence) { return error{code::invalid_argument, std::move(sentence)}; }

std::string services_of(const project_record& record) {
  std::string all;
  for (const auto& s : record.services) all += (all.empty() ? "" : ", ") + s.name;
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

// Names the service to ask in `a`.
result<void> find_peer(answers& a, const project_record& record) {
  if (!a.patterns.asks) return {};
  const auto& peer = a.patterns.peer;
  const auto all = services_of(record);
  if (all.empty()) return refused("An ambassador asks another service, and this application has none yet.");
  if (peer.empty())
    return refused("An ambassador asks a service: --with ambassador:NAME, where NAME is one of: " + all + ".");
  const auto* found = record.find(peer);
  if (!found)
    return refused("This application has no service \"" + peer +
                   "\" that an ambassador could ask; its services are: " + all + ".");
  a.names.peer = found->name;
  a.names.peer_aggregate = found->aggregate;
  return {};
}

text_file* find(std::vector<text_file>& files, const std::string& path) {
  const auto found = std::find_if(files.begin(), files.end(), [&](const auto& f) { return f.path == path; });
  return found == files.end() ? nullptr : &*found;
}

// Adds the service's files and its lines in the application's.
void add_service(const std::vector<template_file>& from, const answers& a, project_record& record,
                 const file_reader& read, changes& to) {
  for (auto& file : render_service(from, a)) to.created.push_back(std::move(file));
  for (const auto& f : render_fragments(from, a)) {
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
  service_record made{a.names.service, a.names.aggregate, a.patterns.names, a.http, {}, template_version};
  if (a.patterns.asks) made.asks = a.names.peer;
  record.services.push_back(std::move(made));
}

std::optional<std::string> nothing(const std::string&) { return {}; }

}  // namespace

result<changes> new_application(const std::vector<template_file>& from, const std::string& name) {
  if (auto checked = check_name("application", name); !checked) return checked.error();
  changes made{render_application(from, name), {}, {}};
  made.created.push_back({record_path, to_text({name, template_version, {}})});
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
    add_service(from, *its, record, nothing, made);
    a->names.peer = its->names.service;
    a->names.peer_aggregate = its->names.aggregate;
  }
  add_service(from, *a, record, nothing, made);
  made.created.push_back({record_path, to_text(record)});
  return made;
}

result<changes> new_service_inside(const std::vector<template_file>& from, const service_request& wanted,
                                   const project_record& record, const file_reader& read) {
  auto a = answers_of(wanted, record.application);
  if (!a) return a.error();
  if (record.find(wanted.name))
    return refused("The application " + record.application + " has a service \"" + wanted.name + "\" already.");
  if (auto found = find_peer(*a, record); !found) return found.error();
  changes made;
  auto grown = record;
  add_service(from, *a, grown, read, made);
  made.changed.push_back({record_path, to_text(grown)});
  return made;
}

}  // namespace banyan::scaffold
