// The scripts of scripts.txt, read, and what they are played on: a world with supervisors and children, whose story is told in the words of
// outcomes.txt.
#pragma once

#include <banyan/supervision/policy.hpp>

#include <map>
#include <string>
#include <vector>

namespace banyan::test::otp {

using words = std::vector<std::string>;

struct node {  // a child, or a supervisor with its children
  std::string name;
  std::string strategy = {};  // of a supervisor; empty: a child
  restart_type type = restart_type::permanent;
  bool significant = false;
  timespan shutdown = std::chrono::seconds{5};
  nanoseconds ends_after{0};
  int fails_from = 0, fails_to = 0;
  intensity limit{10, std::chrono::seconds{10}};
  banyan::auto_shutdown auto_shutdown = banyan::auto_shutdown::never;
  std::vector<node> children = {};

  bool is_supervisor() const { return !strategy.empty(); }
  bool is_pool() const { return strategy == "simple_one_for_one"; }
  supervision_policy policy() const;
  child_policy as_child() const { return {name, type, shutdown, significant}; }
};

struct script {
  std::string title;
  node root;
  std::vector<std::string> events;  // a line each
};

node parse_node(const words& w);
words split(const std::string& text, const std::string& by = " ");
nanoseconds parse_time(const std::string& text);
std::vector<script> read_scripts(const std::string& file);
std::map<std::string, std::vector<std::string>> read_outcomes(const std::string& file);  // by title

class world {
 public:
  virtual ~world() = default;

  std::vector<std::string> play(const script& s);

  // What the children's lives write down. Pooled ones that end in a row are listed by name, for they end together.
  void started(const std::string& who);
  void failed(const std::string& who);
  void stopped(const std::string& who, const std::string& why, bool pooled = false);

  bool next_start_fails(const node& child);  // one more try

 protected:
  virtual void start(const node& root) = 0;
  virtual std::vector<std::string> happen(const std::vector<words>& together) = 0;  // until all is at rest; the answers
  virtual std::string state() = 0;

 private:
  struct line {
    std::string text;
    bool pooled_stop = false;
  };
  void turn_page(std::vector<std::string>& story);

  std::vector<line> page_;
  std::map<std::string, int> tries_;
};

}  // namespace banyan::test::otp
