#include <banyan/plan/describe_forms.hpp>

#include <map>
#include <set>

namespace banyan::detail {
namespace {

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
  }
  return out += '"';
}

std::string api_node(std::string_view service) { return std::string{service} + ".api"; }

// A service is a box with its operations and its patterns.
void print_service(const plan& p, std::string& out) {
  out += "  subgraph " + quote("cluster_" + p.service()) + " {\n";
  out += "    label=" + quote(p.service()) + "; style=rounded; color=gray60; fontsize=14;\n";
  std::string offered = p.service() + " API";
  for (const auto& operation : p.operations()) offered += "\n" + operation.name.substr(operation.name.rfind('.') + 1);
  out += "    " + quote(api_node(p.service())) + " [label=" + quote(offered) + ", shape=component];\n";
  for (const auto& item : p.items())
    out += "    " + quote(item_path(p, *item)) + " [label=" + quote(item->kind() + "\n" + item->name()) + "];\n";
  out += "  }\n";
}

// Shape of a target that is not a service: a journal, a topic, a view, or other.
std::string_view shape_of_target(std::string_view target) {
  const auto kind = target.substr(0, target.find(' '));
  if (kind == "journal") return "cylinder";
  if (kind == "topic") return "cds";
  if (kind == "view") return "tab";
  return "ellipse";
}

// Arrows show the flow of data: towards the target, except for "reads", "subscribes" and "listens".
void print_link(const std::string& from, const plan_item::link& link, const std::string& to, std::string_view cluster, std::string& out) {
  const bool inward = link.verb == "reads" || link.verb == "subscribes" || link.verb == "listens";
  out += "  " + quote(inward ? to : from) + " -> " + quote(inward ? from : to) + " [label=" + quote(link.verb);
  if (!cluster.empty()) out += ", lhead=" + quote(cluster);
  out += "];\n";
}

}  // namespace

std::string describe_as_dot(const application& app) {
  std::string out = "digraph " + quote(app.name) +
                    " {\n  rankdir=LR; compound=true; fontname=\"Helvetica\";\n"
                    "  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11];\n"
                    "  edge [fontname=\"Helvetica\", fontsize=10, color=gray40];\n";
  std::set<std::string> services;
  for (const auto& service : app.services) {
    services.insert(service.service());
    print_service(service, out);
  }
  std::map<std::string, std::string_view> outside;
  std::string links;
  for (const auto& service : app.services) {
    for (const auto& item : service.items()) {
      for (const auto& link : item->links()) {
        const bool inside = link.verb == "asks" && services.contains(link.target);
        if (!inside) outside[link.target] = shape_of_target(link.target);
        const auto to = inside ? api_node(link.target) : link.target;
        print_link(item_path(service, *item), link, to, inside ? "cluster_" + link.target : "", links);
      }
    }
  }
  for (const auto& [target, shape] : outside) out += "  " + quote(target) + " [shape=" + std::string{shape} + ", style=solid];\n";
  return out + links + "}\n";
}

}  // namespace banyan::detail
