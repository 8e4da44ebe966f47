#include <banyan/plan/describe_forms.hpp>

#include <algorithm>

namespace banyan::detail {
namespace {

// A line below a heading: name, value, origin of the value.
struct row {
  std::string name, value, origin;
};
struct branch {
  std::string heading;
  std::vector<row> rows;
  std::vector<branch> branches;
};

constexpr std::size_t widest_value = 40;   // a longer value shifts its own origin only
constexpr std::size_t list_width = 84;     // columns before a list is wrapped

struct widths {
  std::size_t name = 0, value = 0;
  void fit(const branch& b) {
    for (const auto& r : b.rows) {
      name = std::max(name, r.name.size());
      if (!r.origin.empty()) value = std::max(value, std::min(r.value.size(), widest_value));
    }
    for (const auto& inner : b.branches) fit(inner);
  }
};

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

// A list as rows, with the name on the first only.
void add_list(std::vector<row>& rows, std::string name, const std::vector<std::string>& items) {
  std::string line;
  for (const auto& item : items) {
    if (!line.empty() && line.size() + item.size() + 2 > list_width) {
      rows.push_back({std::exchange(name, {}), line + ",", {}});
      line.clear();
    }
    line += (line.empty() ? "" : ", ") + item;
  }
  rows.push_back({std::move(name), std::move(line), {}});
}

branch describe_item(const plan_item& item) {
  branch b{item.kind() + " " + item.name(), {}, {}};
  for (const auto& o : item.options()) {
    const bool is_quoted = o.what() == option::kind::text && !o.is_secret();
    b.rows.push_back({o.name(), is_quoted ? '"' + o.value() + '"' : o.shown_value(), o.origin()});
  }
  for (const auto& group : group_facts(item)) add_list(b.rows, group.key, group.values);
  for (const auto& link : item.links()) b.rows.push_back({link.verb, link.target, {}});
  return b;
}

branch describe_operations(const plan& p) {
  branch b{"offers", {}, {}};
  for (const auto& operation : p.operations()) {
    std::string by;
    for (const auto& name : p.implementers(operation.request)) by += (by.empty() ? "" : ", ") + name;
    b.rows.push_back({operation.name.substr(operation.name.rfind('.') + 1), by.empty() ? "nobody" : by,
                      "idempotent " + std::string{to_string(operation.how)}});
  }
  return b;
}

void print(const branch& b, const widths& w, const std::string& indent, std::string& out) {
  for (const auto& r : b.rows) {
    out += indent + (b.branches.empty() ? "   " : "│  ") + padded(r.name, w.name) + "  ";
    out += (r.origin.empty() ? r.value : padded(r.value, w.value) + "  " + r.origin) + "\n";
  }
  for (const auto& inner : b.branches) {
    const bool last = &inner == &b.branches.back();
    out += indent + (last ? "└─ " : "├─ ") + inner.heading + "\n";
    print(inner, w, indent + (last ? "   " : "│  "), out);
  }
}

}  // namespace

std::string describe_as_text(const application& app) {
  branch root{app.name, {}, {}};
  for (const auto& service : app.services) {
    branch b{service.service(), {}, {}};
    if (!service.operations().empty()) b.branches.push_back(describe_operations(service));
    for (const auto& item : service.items()) b.branches.push_back(describe_item(*item));
    root.branches.push_back(std::move(b));
  }
  widths w;
  w.fit(root);
  auto out = root.heading + "\n";
  print(root, w, "", out);
  return out;
}

}  // namespace banyan::detail
