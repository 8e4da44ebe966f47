#include <banyan/runtime/open_engines.hpp>

#include <banyan/engines/sqlite/journal.hpp>
#include <banyan/engines/sqlite/private_files.hpp>
#include <banyan/engines/sqlite/view_store.hpp>
#include <banyan/observability/log.hpp>

#include <filesystem>
#include <future>

namespace banyan {

std::optional<error> check_journal_url(std::string_view url) {
  constexpr std::string_view scheme = "sqlite:";
  if (url.starts_with(scheme) && url.size() > scheme.size()) return std::nullopt;
  return error{code::invalid_argument, "\"" + std::string{url} + "\" is no journal: write sqlite:FILE, such as sqlite:shop.db"}.at("journal");
}

result<open_engines> open(std::string_view journal_url, const std::string& data_folder, bool read_only) {
  if (auto wrong = check_journal_url(journal_url)) return std::move(*wrong);
  std::filesystem::path folder{data_folder};
  if (!read_only) {
    if (auto made = sqlite::private_folder(data_folder); !made) return error{made.error().code, "the data folder: " + made.error().message};
    if (auto warning = sqlite::folder_is_open_to_others(data_folder); !warning.empty()) logger{"data"}.warning(warning);
  }
  auto file = folder / std::filesystem::path{journal_url.substr(journal_url.find(':') + 1)};
  auto journal = open_sqlite_journal({.path = file.string(), .read_only = read_only});
  if (!journal) return journal.error();
  open_engines opened;
  opened.journal = std::move(*journal);
  std::promise<result<journal_info>> asked;
  auto answer = asked.get_future();
  opened.journal->info([&](result<journal_info> r) { asked.set_value(std::move(r)); });
  auto info = answer.get();
  if (!info) return info.error();
  opened.incarnation = info->incarnation;
  opened.head = info->head;
  opened.open_view = [views = (folder / "views").string()](const view_options& v) { return open_sqlite_view_store({.view = v, .folder = views}); };
  return opened;
}

}  // namespace banyan
