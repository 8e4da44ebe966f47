#include <banyan/scaffold/names.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace banyan::scaffold {
namespace {

// [lex.key], [lex.digraph], and identifiers that are macros of the C library.
constexpr std::array keywords{
    "alignas",     "alignof",   "and",        "and_eq",    "asm",      "auto",         "bitand",
    "bitor",       "bool",      "break",      "case",      "catch",    "char",         "char8_t",
    "char16_t",    "char32_t",  "class",      "compl",     "concept",  "const",        "consteval",
    "constexpr",   "constinit", "const_cast", "continue",  "co_await", "co_return",    "co_yield",
    "decltype",    "default",   "delete",     "do",        "double",   "dynamic_cast", "else",
    "enum",        "explicit",  "export",     "extern",    "false",    "float",        "for",
    "friend",      "goto",      "if",         "inline",    "int",      "long",         "mutable",
    "namespace",   "new",       "noexcept",   "not",       "not_eq",   "nullptr",      "operator",
    "or",          "or_eq",     "private",    "protected", "public",   "register",     "reinterpret_cast",
    "requires",    "return",    "short",      "signed",    "sizeof",   "static",       "static_assert",
    "static_cast", "struct",    "switch",     "template",  "this",     "thread_local", "throw",
    "true",        "try",       "typedef",    "typeid",    "typename", "union",        "unsigned",
    "using",       "virtual",   "void",       "volatile",  "wchar_t",  "while",        "xor",
    "xor_eq"};

// Namespaces and macros that are there already, targets of CMake, and names of the project's own files and structs.
constexpr std::array taken{"std",     "banyan",     "boost",    "caf",      "posix",   "linux",         "unix",
                           "errno",   "assert",     "stdin",    "stdout",   "stderr",  "signbit",       "all",
                           "clean",   "edit_cache", "help",     "install",  "package", "rebuild_cache", "test",
                           "main",    "app",        "api",      "build",    "deploy",  "events",        "event",
                           "command", "state",      "service",  "services", "tests",   "application",   "template",
                           "routes",  "world",      "partition"};

// Functions of the C library, which are in the global namespace as an application's namespace is.
constexpr std::array functions{
    "abort",  "abs",   "accept", "access", "acos",   "alarm",    "asin",     "atan",   "atexit",  "basename",
    "bind",   "brk",   "calloc", "ceil",   "chdir",  "chmod",    "chown",    "clock",  "close",   "connect",
    "cos",    "creat", "crypt",  "daemon", "div",    "dup",      "environ",  "erf",    "exit",    "exp",
    "fabs",   "floor", "fork",   "free",   "gamma",  "getline",  "getopt",   "gets",   "index",   "ioctl",
    "kill",   "labs",  "ldiv",   "link",   "listen", "lock",     "log",      "lseek",  "malloc",  "mmap",
    "mount",  "nice",  "open",   "pause",  "pipe",   "poll",     "pow",      "printf", "profil",  "puts",
    "qsort",  "raise", "rand",   "random", "read",   "realloc",  "recv",     "remove", "rename",  "rewind",
    "rindex", "round", "scanf",  "select", "send",   "setenv",   "shutdown", "signal", "sin",     "sleep",
    "socket", "sqrt",  "srand",  "stat",   "stime",  "strcmp",   "strlen",   "sync",   "syscall", "system",
    "tan",    "tee",   "time",   "times",  "trunc",  "truncate", "umask",    "uname",  "unlink",  "vfork",
    "wait",   "write", "y0",     "y1",     "yn",     "j0",       "j1",       "jn"};

template <class Names>
bool holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What a person may have meant by a name with other characters: "Shop-Front" -> "shop_front".
std::string mended(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (is_lower(c) || is_digit(c))
      out += c;
    else if (is_upper(c))
      out += static_cast<char>(c - 'A' + 'a');
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out;
}

std::string with_capital(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::string in_prose(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return with_capital(std::move(text));
}

std::string in_capitals(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

result<void> check_name(std::string_view what, std::string_view name) {
  const auto quoted = "\"" + std::string{name.substr(0, 60)} + "\"";
  const auto refuse = [](std::string sentence) { return error{code::invalid_argument, std::move(sentence)}; };
  const auto of = "the name of " + std::string{what == "service"     ? "a service"
                                               : what == "aggregate" ? "an aggregate"
                                                                     : "an application"};
  if (name.empty()) return refuse("An empty text is not " + of + ".");
  if (name.find_first_of("/\\") != name.npos || name.front() == '.')
    return refuse(quoted + " is a path; " + of + " is one word, and --dir names the folder in which it is made.");
  if (name.size() > longest_name)
    return refuse("It has " + std::to_string(name.size()) + " letters; " + of + " has at most " +
                  std::to_string(longest_name) + ".");
  if (is_digit(name.front())) return refuse(quoted + " begins with a digit; " + of + " begins with a letter.");
  const bool characters =
      std::all_of(name.begin(), name.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
  if (!characters || !is_lower(name.front()) || name.back() == '_' || name.find("__") != name.npos) {
    const auto meant = mended(name);
    const bool is_good = !meant.empty() && meant != name && check_name(what, meant);
    return refuse(quoted + " can not be " + of + ": that is small letters, digits and single underscores" +
                  (is_good ? "; did you mean " + meant + "?" : "."));
  }
  if (holds(keywords, name)) return refuse(quoted + " is a keyword of C++, and " + of + " becomes an identifier.");
  if (holds(taken, name))
    return refuse(quoted + " is taken: something else in a project, a compiler or a library has this name.");
  if (what == "application" && holds(functions, name))
    return refuse(quoted + " is a function of the C library, and " + of + " becomes a namespace beside it.");
  return {};
}

std::string aggregate_of(const std::string& service) {
  std::string one = service;
  if (one.ends_with("ies") && one.size() > 4)
    one.replace(one.size() - 3, 3, "y");
  else if (one.ends_with("s") && !one.ends_with("ss") && !one.ends_with("us") && one.size() > 2)
    one.pop_back();
  if (one != service && check_name("aggregate", one)) return one;
  constexpr std::string_view ending = "_item";
  return service.substr(0, longest_name - ending.size()) + std::string{ending};
}

result<void> check_names(const service_names& n) {
  if (auto checked = check_name("application", n.application); !checked) return checked;
  if (auto checked = check_name("service", n.service); !checked) return checked;
  if (auto checked = check_name("aggregate", n.aggregate); !checked) return checked;
  if (n.aggregate == n.service || n.aggregate == n.application)
    return error{code::invalid_argument,
                 "The aggregate \"" + n.aggregate +
                     "\" has the name of its service or application; give it another one with --aggregate."};
  return {};
}

const service_names& template_names() {
  static const service_names names{"harbour", "moorings", "mooring", "pilots", "pilot"};
  return names;
}

std::string with_names(std::string_view text, const service_names& names) {
  const auto& own = template_names();
  std::vector<std::pair<std::string, std::string>> words;
  const auto add = [&](const std::string& word, const std::string& name) {
    words.emplace_back(word, name);
    words.emplace_back(with_capital(word), in_prose(name));
    words.emplace_back(in_capitals(word), in_capitals(name));
  };
  add(own.application, names.application);
  add(own.service, names.service);
  add(own.aggregate, names.aggregate);
  add(own.peer, names.peer);
  add(own.peer_aggregate, names.peer_aggregate);
  const auto is_letter = [](char c) { return is_lower(c) || is_upper(c) || is_digit(c); };
  std::string out;
  while (!text.empty()) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_letter);
    const auto word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    const auto found = std::find_if(words.begin(), words.end(), [&](const auto& w) { return w.first == word; });
    out += found == words.end() ? std::string{word} : found->second;
    text.remove_prefix(word.size());
    if (!text.empty()) {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace banyan::scaffold
