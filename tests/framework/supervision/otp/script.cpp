#include <tests/framework/supervision/otp/script.hpp>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace banyan::test::otp {

namespace {

std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream in{file};
  if (!in) throw std::runtime_error{"can not read " + file};
  std::vector<std::string> all;
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

void set(node& n, const std::string& option) {
  const auto is = option.find('=');
  const auto key = option.substr(0, is), value = is == std::string::npos ? "" : option.substr(is + 1);
  if (key == "permanent") {
    n.type = restart_type::permanent;
  } else if (key == "transient") {
    n.type = restart_type::transient;
  } else if (key == "temporary") {
    n.type = restart_type::temporary;
  } else if (key == "significant") {
    n.significant = true;
  } else if (key == "shutdown") {
    n.shutdown = value == "infinity" ? wait_forever : value == "brutal_kill" ? abandon_at_once : timespan{parse_time(value)};
  } else if (key == "ends_after") {
    n.ends_after = parse_time(value);
  } else if (key == "fails") {
    const auto dots = value.find("..");
    n.fails_from = std::stoi(value);
    n.fails_to = dots == std::string::npos ? n.fails_from : dots + 2 == value.size() ? 1'000'000 : std::stoi(value.substr(dots + 2));
  } else if (key == "intensity") {
    n.limit = {std::stoi(value), timespan{parse_time(value.substr(value.find('/') + 1))}};
  } else if (key == "auto_shutdown") {
    n.auto_shutdown = value == "any_significant" ? auto_shutdown::any_significant : auto_shutdown::all_significant;
  } else {
    throw std::runtime_error{"no such option in a script: " + option};
  }
}

}  // namespace

supervision_policy node::policy() const {
  return {.strategy = strategy == "one_for_all"    ? restart::one_for_all
                      : strategy == "rest_for_one" ? restart::rest_for_one
                                                   : restart::one_for_one,
          .backoff = no_backoff,
          .limit = limit,
          .auto_shutdown = auto_shutdown};
}

words split(const std::string& text, const std::string& by) {
  words all;
  for (std::size_t from = 0; from <= text.size();) {
    const auto to = std::min(text.find(by, from), text.size());
    if (to > from) all.push_back(text.substr(from, to - from));
    from = to + by.size();
  }
  return all;
}

nanoseconds parse_time(const std::string& text) {
  const auto n = std::stoll(text);
  return text.find("ms") != std::string::npos ? nanoseconds{std::chrono::milliseconds{n}} : nanoseconds{std::chrono::seconds{n}};
}

node parse_node(const words& w) {
  node n{.name = w.at(1)};
  std::size_t options = 2;
  if (w.at(0) == "supervisor") {
    n.strategy = w.at(options++);
    n.shutdown = wait_forever;
  }
  for (; options < w.size(); ++options) set(n, w[options]);
  return n;
}

std::vector<script> read_scripts(const std::string& file) {
  std::vector<script> all;
  std::vector<std::pair<std::size_t, node*>> path;  // from the root to the latest supervisor, with their indents
  for (const auto& line : lines_of(file)) {
    const auto w = split(line);
    if (w.empty() || w[0][0] == '#') continue;
    if (w[0] == "==") {
      all.push_back({line.substr(3), {}, {}});
      path.clear();
    } else if (w[0] == ">") {
      all.back().events.push_back(line.substr(2));
    } else {
      const auto indent = line.find_first_not_of(' ');
      while (!path.empty() && path.back().first >= indent) path.pop_back();
      auto n = parse_node(w);
      auto* place = path.empty() ? &(all.back().root = std::move(n)) : &path.back().second->children.emplace_back(std::move(n));
      if (place->is_supervisor()) path.emplace_back(indent, place);
    }
  }
  return all;
}

std::map<std::string, std::vector<std::string>> read_outcomes(const std::string& file) {
  std::map<std::string, std::vector<std::string>> all;
  std::vector<std::string>* current = nullptr;
  for (const auto& line : lines_of(file)) {
    if (line.rfind("== ", 0) == 0)
      current = &all[line.substr(3)];
    else if (current && !line.empty())
      current->push_back(line);
  }
  return all;
}

std::vector<std::string> world::play(const script& s) {
  std::vector<std::string> story;
  start(s.root);
  turn_page(story);
  story.push_back("= " + state());
  for (const auto& event : s.events) {
    story.push_back("> " + event);
    std::vector<words> together;
    for (const auto& e : split(event, " and ")) together.push_back(split(e));
    const auto answers = happen(together);
    turn_page(story);
    for (const auto& a : answers) story.push_back("answer: " + a);
    story.push_back("= " + state());
  }
  return story;
}

void world::turn_page(std::vector<std::string>& story) {
  auto is_pooled = [](const line& l) { return l.pooled_stop; };
  for (auto from = page_.begin(); from != page_.end();) {
    auto to = std::find_if_not(from, page_.end(), is_pooled);
    std::sort(from, to, [](const line& a, const line& b) { return a.text < b.text; });
    from = std::find_if(to, page_.end(), is_pooled);
  }
  for (auto& l : page_) story.push_back(std::move(l.text));
  page_.clear();
}

void world::started(const std::string& who) { page_.push_back({"started " + who}); }
void world::failed(const std::string& who) { page_.push_back({"failed " + who}); }
void world::stopped(const std::string& who, const std::string& why, bool pooled) {
  page_.push_back({"stopped " + who + " " + why, pooled});
}

bool world::next_start_fails(const node& child) {
  const int n = ++tries_[child.name];
  return n >= child.fails_from && n <= child.fails_to;
}

}  // namespace banyan::test::otp
