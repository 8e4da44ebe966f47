#include <banyan/runtime/open_engines.hpp>

#include <banyan/engines/http_upstream/http_upstream_transport.hpp>
#include <banyan/engines/memory/memory_journal.hpp>
#include <banyan/engines/sqlite/delivery_store.hpp>
#include <banyan/engines/sqlite/journal.hpp>
#include <banyan/engines/sqlite/private_files.hpp>
#include <banyan/engines/sqlite/view_store.hpp>
#include <banyan/observability/log.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <future>

namespace banyan {

namespace {

bool has_views(const std::filesystem::path& folder) {
  std::error_code failed;
  for (std::filesystem::directory_iterator file{folder, failed}, end; !failed && file != end; file.increment(failed))
    if (file->path().extension() == ".db") return true;
  return false;
}

// Whether the file does not exist or has no journal in it: the tables of a running journal may all be in its WAL, and
// then a copy of the main file alone has none.
bool has_no_journal(const std::filesystem::path& file) {
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) return !failed;  // errors are reported when it is opened
  auto looked = open_sqlite_journal({.path = file.string(), .read_only = true, .readers = 1});
  return !looked && looked.error().reason == "not_a_journal";
}

// Starting a new journal here is refused: its orders could not be merged with the old one's when that is found again.
error journal_is_missing(const std::string& file, const std::string& folder) {
  return error{code::unavailable, "the journal " + file + " is not there, or is empty, but views of one are in " + folder +
                                      "/views: put it back, or remove the folder " + folder + "/views to begin with an empty journal"}
      .because("journal_missing");
}

// The ports of an open journal, with its info.
result<open_engines> as_ports(std::shared_ptr<journal> j) {
  open_engines opened;
  opened.journal = std::move(j);
  std::promise<result<journal_info>> asked;
  auto answer = asked.get_future();
  opened.journal->info([&](result<journal_info> r) { asked.set_value(std::move(r)); });
  auto info = answer.get();
  if (!info) return info.error();
  opened.info = std::move(*info);
  opened.ports.provide<journal>([j = opened.journal](const auto&) -> result<std::shared_ptr<journal>> { return j; });
  opened.ports.provide<upstream_transport>(open_http_upstream);
  return opened;
}

template <class Port>
result<std::shared_ptr<Port>> shared(result<std::unique_ptr<Port>> store) {
  if (!store) return store.error();
  return std::shared_ptr<Port>{std::move(*store)};
}

void provide_stores_in_memory(ports& p) {
  p.provide<view_store>([](const view_options&) { return shared(open_memory_view_store()); });
  p.provide<delivery_store>([](const delivery_options& of) { return shared(open_memory_delivery_store(of)); });
}

result<open_engines> open_sqlite(const std::string& name, const std::string& data_folder, bool read_only) {
  const std::filesystem::path folder{data_folder};
  if (!read_only) {
    if (auto made = sqlite::private_folder(data_folder); !made)
      return error{made.error().code, "the data folder: " + made.error().message};
    if (auto warning = sqlite::folder_is_open_to_others(data_folder); !warning.empty()) logger{"data"}.warning(warning);
  }
  const auto file = folder / name;
  if (!read_only && has_no_journal(file) && has_views(folder / "views"))
    return journal_is_missing(file.string(), folder.string());
  auto journal = open_sqlite_journal({.path = file.string(), .read_only = read_only});
  if (!journal) return journal.error();
  auto opened = as_ports(std::move(*journal));
  if (!opened) return opened;
  const auto views = (folder / "views").string();
  opened->ports.provide<view_store>(
      [views](const view_options& v) { return shared(open_sqlite_view_store({.view = v, .folder = views})); });
  opened->ports.provide<delivery_store>([views, read_only](const delivery_options& of) {
    return shared(open_sqlite_delivery_store({.of = of, .folder = views, .read_only = read_only}));
  });
  return opened;
}

// Stores nothing, and does not use the data folder.
result<open_engines> open_memory(const std::string&, const std::string&, bool read_only) {
  if (read_only)
    return error{code::unavailable,
                 "a journal in memory is known to its own process alone: ask the running node by its operations port"}
        .because("journal_in_memory");
  logger{"data"}.warning("the journal is in memory: all that is stored is lost when this process ends");
  auto opened = as_ports(std::make_shared<memory_journal>());
  if (opened) provide_stores_in_memory(opened->ports);
  return opened;
}

// Journal engines by URL scheme. To add an engine, add a row.
struct journal_engine {
  std::string_view scheme, form;
  bool (*takes)(std::string_view rest);
  result<open_engines> (*open)(const std::string& rest, const std::string& data_folder, bool read_only);
};
constexpr std::array journal_engines{journal_engine{"sqlite:", "sqlite:FILE, such as sqlite:shop.db",
                                                    [](std::string_view file) { return !file.empty(); }, &open_sqlite},
                                     journal_engine{"memory:", "memory: to keep nothing",
                                                    [](std::string_view rest) { return rest.empty(); }, &open_memory}};

const journal_engine* engine_of(std::string_view url) {
  const auto found = std::find_if(journal_engines.begin(), journal_engines.end(),
                                  [&](const auto& e) { return url.starts_with(e.scheme); });
  return found == journal_engines.end() ? nullptr : &*found;
}

}  // namespace

ports engines_in_memory() {
  ports p;
  provide_stores_in_memory(p);
  return p;
}

std::optional<error> check_journal_url(std::string_view url) {
  const auto* engine = engine_of(url);
  if (engine && engine->takes(url.substr(engine->scheme.size()))) return std::nullopt;
  std::string forms;
  for (const auto& known : journal_engines) forms += (forms.empty() ? "" : ", or ") + std::string{known.form};
  return error{code::invalid_argument, "\"" + std::string{url} + "\" is no journal: write " + forms}.at("journal");
}

std::optional<error> check_data_folder(const std::string& path) {
  std::filesystem::path so_far;
  for (const auto& part : std::filesystem::path{path}) {
    so_far /= part;
    std::error_code failed;
    const auto there = std::filesystem::status(so_far, failed);
    if (there.type() == std::filesystem::file_type::not_found) break;
    if (failed || std::filesystem::is_directory(there)) continue;  // errors are reported when it is opened
    auto why = so_far.string() + " is no folder: name one, or a path where one can be made";
    return error{code::invalid_argument, std::move(why)}.at("data");
  }
  return std::nullopt;
}

result<open_engines> open(std::string_view journal_url, const std::string& data_folder, bool read_only) {
  if (auto wrong = check_journal_url(journal_url)) return std::move(*wrong);
  const auto* engine = engine_of(journal_url);
  return engine->open(std::string{journal_url.substr(engine->scheme.size())}, data_folder, read_only);
}

}  // namespace banyan
