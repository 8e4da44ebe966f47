#include <banyan/process_supervision/program_group.hpp>

#include <banyan/configuration/toml.hpp>
#include <banyan/http/message.hpp>
#include <banyan/plan/nearest.hpp>
#include <banyan/process_supervision/byte_size.hpp>
#include <banyan/process_supervision/http_probe.hpp>
#include <banyan/process_supervision/signal_name.hpp>

#include <algorithm>
#include <deque>
#include <map>

namespace banyan {
namespace {

constexpr double day = 86'400;

bool is_name(std::string_view text) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !text.empty() && text.size() <= 64 && text.find_first_not_of(allowed) == text.npos;
}
bool is_byte_size(std::string_view text) { return parse_byte_size(text).has_value(); }
// The loader needs at least this: with less, a program is killed or ends with code 127 at every start.
constexpr std::int64_t least_address_space = 4 << 20;
bool is_address_space(std::string_view text) { return parse_byte_size(text).value_or(0) >= least_address_space; }
bool is_readiness(std::string_view text) {
  if (text == "none" || text == "exit" || text == "notify") return true;
  const auto request = request_to("GET", text);
  return request && !request->https && loopback_endpoint(request->authority);
}
bool is_none(std::string_view text) { return text == "none"; }

// A table's options by name, and those that were set.
class table {
 public:
  template <class T>
  void key(std::string name, T& target, option_limits limits = {}) {
    options_.emplace_back(std::move(name), target, std::move(limits));
  }
  // A key that is not an option: the expected form.
  void also(std::string name, std::string form) { others_.emplace(std::move(name), std::move(form)); }

  void set(const std::string& name, const assignment& a, std::vector<problem>& problems) {
    const auto where = a.origin + ": " + a.path;
    const auto o = std::find_if(options_.begin(), options_.end(), [&](const option& x) { return x.name() == name; });
    if (o == options_.end()) {
      if (const auto other = others_.find(name); other != others_.end()) {
        problems.push_back({where, "expected " + other->second});
        return;
      }
      std::vector<std::string> names;
      for (const auto& [other, form] : others_) names.push_back(other);
      for (const auto& x : options_) names.push_back(x.name());
      const auto close = nearest(name, names);
      problems.push_back({where, "there is no such key" + (close.empty() ? "" : "; did you mean " + close + "?")});
      return;
    }
    places_.emplace(name, a.origin);
    if (auto wrong = mistake(a, *o))
      problems.push_back({where, std::move(*wrong)});
    else
      (void)o->set(a.value, a.origin);
  }

  const std::string* place_of(std::string_view name) const {
    const auto found = places_.find(name);
    return found == places_.end() ? nullptr : &found->second;
  }

 private:
  std::vector<option> options_;
  std::map<std::string, std::string> others_;
  std::map<std::string, std::string, std::less<>> places_;  // position of each key
};

// A [[program]] while it is read.
class program_draft {
 public:
  program_draft(std::string path, std::string origin) : path_{std::move(path)}, origin_{std::move(origin)} {
    keys_.key("name", spec_.name, {.fits = is_name, .form = "a name of letters, digits, '-', '_' and '.', at most 64 of them"});
    keys_.key("directory", spec_.directory);
    keys_.key("takes_arguments", spec_.takes_arguments);
    keys_.key("final_exit_code", final_exit_code_, {.min = 1, .max = 255});
    keys_.key("restart", restart_, {.one_of = {"permanent", "transient", "temporary"}});
    keys_.key("ready", ready_,
              {.fits = is_readiness, .form = "none, exit, notify or a URL of this machine such as http://127.0.0.1:8081/readyz"});
    keys_.key("ready_within", spec_.ready.within, {.min = 0.001, .max = day});
    keys_.key("ready_timeout", spec_.ready.timeout, {.min = 0.001, .max = day});
    keys_.key("heartbeat", heartbeat_, {.min = 0.01, .max = day});
    keys_.key("stop_signal", signal_, {.one_of = {"SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2"}});
    keys_.key("shutdown", spec_.shutdown, {.max = day});
    keys_.key("limits.open_files", open_files_, {.min = 8, .max = 1 << 30});
    keys_.key("limits.address_space", address_space_, {.fits = is_address_space, .form = "a size of at least 4MiB, such as 512MiB or 2GiB"});
    keys_.key("limits.core", core_, {.fits = is_byte_size, .form = "a size such as 0B, 64KiB, 512MiB or 2GiB"});
    keys_.key("limits.cpu", cpu_, {.min = 1, .max = 1e9});
    keys_.also("command", "the program and its arguments");
    keys_.also("environment", "a table of texts, such as { HOME = \"/\" }");
    keys_.also("limits", "a table of open_files, address_space, core and cpu");
  }

  void set(const std::string& key, const assignment& a, std::vector<problem>& problems) {
    if (key == "command")
      set_command(a, problems);
    else if (key.starts_with("environment."))
      set_environment(key.substr(key.find('.') + 1), a, problems);
    else
      keys_.set(key, a, problems);
  }

  // `names`, `places`: for what must be unique, with its first position.
  program_spec finish(std::map<std::string, std::string>& names, std::map<std::string, std::string>& places,
                      std::vector<problem>& problems) {
    const auto at = [&](std::string_view key) { return *keys_.place_of(key) + ": " + path_ + "." + std::string{key}; };
    if (!keys_.place_of("name"))
      missing("name", problems);
    else if (const auto [first, is_new] = names.emplace(spec_.name, *keys_.place_of("name")); !is_new && !spec_.name.empty())
      problems.push_back({at("name"), "two programs are named " + spec_.name + ": also at " + first->second});
    if (!has_command_) missing("command", problems);
    if (keys_.place_of("directory")) spec_.directory_place = at("directory");
    if (spec_.takes_arguments && keys_.place_of("directory"))
      problems.push_back({at("directory"), "a program that takes arguments runs where they are given"});
    if (spec_.takes_arguments)
      if (const auto [first, is_new] = places.emplace("takes_arguments", *keys_.place_of("takes_arguments")); !is_new)
        problems.push_back({at("takes_arguments"), "one program can take the arguments: there is another at " + first->second});

    spec_.ready.when = ready_ == "none"     ? readiness::kind::started
                       : ready_ == "exit"   ? readiness::kind::exited
                       : ready_ == "notify" ? readiness::kind::notified
                                            : readiness::kind::answered;
    if (spec_.ready.when == readiness::kind::answered) spec_.ready.url = ready_;
    else if (keys_.place_of("ready_timeout"))
      problems.push_back({at("ready_timeout"), "only a program whose readiness is a URL has attempts that can time out"});
    if (keys_.place_of("heartbeat")) spec_.heartbeat = heartbeat_;
    if (keys_.place_of("final_exit_code")) spec_.final_exit_code = final_exit_code_;
    if (spec_.ready.when == readiness::kind::exited) {
      if (restart_.empty()) restart_ = "transient";
      if (restart_ == "permanent")
        problems.push_back(
            {at("restart"), "a program that is ready when it has ended can not be permanent: it would start again for ever"});
      if (spec_.heartbeat)
        problems.push_back({at("heartbeat"), "a program that is ready when it has ended has ready_within, and no heartbeat"});
    }
    spec_.restart = restart_ == "transient"   ? restart_type::transient
                    : restart_ == "temporary" ? restart_type::temporary
                                              : restart_type::permanent;
    spec_.stop_signal = *signal_number(signal_);
    if (keys_.place_of("limits.open_files")) spec_.limits.open_files = open_files_;
    spec_.limits.address_space = parse_byte_size(address_space_);
    spec_.limits.core = parse_byte_size(core_);
    if (keys_.place_of("limits.cpu")) spec_.limits.cpu = cpu_;
    for (const auto* key : {"limits.open_files", "limits.address_space", "limits.core", "limits.cpu"})
      if (keys_.place_of(key)) spec_.limit_places.emplace(key, at(key));
    return std::move(spec_);
  }

 private:
  void missing(const std::string& key, std::vector<problem>& problems) const {
    problems.push_back({origin_ + ": " + path_, "it has no " + key});
  }

  void set_command(const assignment& a, std::vector<problem>& problems) {
    has_command_ = true;
    spec_.command = a.texts;
    spec_.command_place = a.origin + ": " + a.path;
    const auto has_nul = [](const std::string& word) { return word.find('\0') != word.npos; };
    if (a.how != assignment::literal::texts || a.texts.empty() || a.texts.front().empty() ||
        std::any_of(a.texts.begin(), a.texts.end(), has_nul))
      problems.push_back({a.origin + ": " + a.path, "expected the program and its arguments, such as [\"bin/shop\", \"serve\"]"});
  }

  void set_environment(const std::string& name, const assignment& a, std::vector<problem>& problems) {
    const auto where = a.origin + ": " + a.path;
    if (a.how != assignment::literal::text)
      problems.push_back({where, "expected a text, in quotes"});
    else if (name.empty() || name.find_first_of(std::string_view{"=\0", 2}) != name.npos || a.value.find('\0') != a.value.npos)
      problems.push_back({where, "no variable can be named or set like this"});
    else if (name == "NOTIFY_SOCKET" || name.starts_with("WATCHDOG_"))
      problems.push_back({where, "the supervisor sets this itself"});
    else
      spec_.environment.emplace_back(name, a.value);
  }

  std::string path_, origin_;
  program_spec spec_;
  std::string restart_, ready_ = "none", signal_ = "SIGTERM", address_space_, core_;
  std::int64_t open_files_ = 0;
  int final_exit_code_ = 0;
  timespan heartbeat_, cpu_;
  bool has_command_ = false;
  table keys_;
};

class group_draft {
 public:
  group_draft() {
    keys_.key("strategy", strategy_, {.one_of = {"one_for_one", "one_for_all", "rest_for_one"}});
    keys_.key("backoff", no_backoff_, {.fits = is_none, .form = "\"none\", or a table of first, min, max, jitter and quiet"});
    keys_.key("backoff.first", backoff_.first, {.max = day});
    keys_.key("backoff.min", backoff_.min, {.max = day});
    keys_.key("backoff.max", backoff_.max, {.max = day});
    keys_.key("backoff.jitter", backoff_.jitter, {.max = 1});
    keys_.key("backoff.quiet", backoff_.quiet, {.max = day});
    keys_.key("intensity.restarts", intensity_.restarts, {.max = 1e6});
    keys_.key("intensity.within", intensity_.within, {.min = 0.001, .max = day});
    keys_.also("intensity", "a table of restarts and within");
  }

  void set(const assignment& a, std::vector<problem>& problems) {
    const auto no_such_key = [&] { problems.push_back({a.origin + ": " + a.path, "there is no such key"}); };
    const auto open = a.path.find('['), close = a.path.find(']');
    if (a.how == assignment::literal::element && a.path == "program[" + std::to_string(programs_.size()) + "]") {
      programs_.emplace_back(a.path, a.origin);
    } else if (a.path == "program" || a.path.starts_with("program.")) {
      problems.push_back({a.origin + ": " + a.path, "each program is a table of its own: write [[program]] above it"});
    } else if (open == a.path.npos || close == a.path.npos) {
      keys_.set(a.path, a, problems);
    } else {
      const auto prefix = programs_.empty() ? "" : "program[" + std::to_string(programs_.size() - 1) + "].";
      if (!prefix.empty() && a.path.starts_with(prefix))
        programs_.back().set(a.path.substr(prefix.size()), a, problems);
      else
        no_such_key();
    }
  }

  program_group finish(const std::string& file, std::vector<problem>& problems) {
    program_group g;
    g.policy.strategy = strategy_ == "one_for_all"    ? restart::one_for_all
                        : strategy_ == "rest_for_one" ? restart::rest_for_one
                                                      : restart::one_for_one;
    g.policy.backoff = keys_.place_of("backoff") ? std::nullopt : std::optional{backoff_};
    if (keys_.place_of("intensity.restarts") || keys_.place_of("intensity.within")) g.policy.limit = intensity_;
    const auto* place = keys_.place_of("backoff.max") ? keys_.place_of("backoff.max") : keys_.place_of("backoff.min");
    for (auto& sentence : check(g.policy, {})) problems.push_back({(place ? *place : file) + ": backoff", std::move(sentence)});
    if (programs_.empty()) problems.push_back({file, "there is no [[program]] in it"});
    std::map<std::string, std::string> names, places;
    for (auto& p : programs_) g.programs.push_back(p.finish(names, places, problems));
    return g;
  }

 private:
  std::string strategy_ = "one_for_one", no_backoff_;
  backoff_policy backoff_;
  intensity intensity_;
  table keys_;
  std::deque<program_draft> programs_;  // stays in place: options refer into it
};

}  // namespace

std::vector<child_policy> policies_of(const program_group& group) {
  std::vector<child_policy> all;
  for (const auto& p : group.programs) all.push_back({p.name, p.restart, std::max(nanoseconds{p.shutdown}, nanoseconds{1})});
  return all;
}

std::vector<std::string> names_of(const program_group& group, std::string last) {
  std::vector<std::string> all;
  for (const auto& p : group.programs) all.push_back(p.name);
  all.push_back(std::move(last));
  return all;
}

program_group read_program_group(const configuration_file& file, std::vector<problem>& problems) {
  constexpr std::size_t most_problems = 100;
  std::vector<problem> found;
  group_draft draft;
  for (const auto& a : read_toml(file.name, file.text, found)) {
    if (a.how != assignment::literal::table) draft.set(a, found);
    if (found.size() >= most_problems) break;
  }
  program_group group;
  // A syntax error has a position, but no key.
  const bool readable = found.empty() || found.front().where.find(": ") != std::string::npos;
  if (readable) group = draft.finish(file.name, found);
  for (auto& p : found) {
    make_printable(p);
    problems.push_back(std::move(p));
  }
  return group;
}

bool sends_notifications(const program_spec& p) { return p.ready.when == readiness::kind::notified || p.heartbeat; }

namespace {

// Resolves links and dots as far as the path exists; the rest stays as written.
std::filesystem::path real(const std::filesystem::path& path) {
  std::error_code failed;
  auto real = std::filesystem::weakly_canonical(path, failed);
  return failed ? path : real;
}

}  // namespace

std::filesystem::path folder_of(const std::filesystem::path& file) {
  std::error_code failed;
  auto whole = std::filesystem::absolute(file, failed);
  return real(failed ? file : whole).parent_path();
}

result<void> resolve(program_group& group, const std::filesystem::path& folder, const std::vector<std::string>& arguments) {
  // A command that is a link stays one: some programs depend on the name they are called by.
  const auto from_folder = [&](const std::filesystem::path& path) {
    return path.has_filename() ? (real((folder / path).parent_path()) / path.filename()).string() : real(folder / path).string();
  };
  bool taken = arguments.empty();
  for (auto& p : group.programs) {
    if (!p.takes_arguments) {
      p.directory = p.directory.empty() ? folder.string() : real(folder / p.directory).string();
      continue;
    }
    if (p.command.front().find('/') != std::string::npos) p.command.front() = from_folder(p.command.front());
    p.command.insert(p.command.end(), arguments.begin(), arguments.end());
    taken = true;
  }
  if (!taken)
    return error{code::invalid_argument,
                 "nobody takes the arguments from \"" + arguments.front() + "\" on: no program has takes_arguments = true"};
  return {};
}

}  // namespace banyan
