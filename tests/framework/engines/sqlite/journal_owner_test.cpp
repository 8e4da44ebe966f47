// Who may open a SQLite journal: one writer at a time, and nobody but the owner of its files.
#include <tests/framework/engines/sqlite/journal_files.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

using namespace journal_test;

namespace {

int mode_of(const std::string& path) {
  struct stat is {};
  return ::stat(path.c_str(), &is) == 0 ? static_cast<int>(is.st_mode & 0777) : -1;
}

}  // namespace

TEST_CASE("A second writer is told who owns the journal; readers may look at any time") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  auto owner = open_sqlite_journal({.path = path}).value();
  append(*owner, to("s", expected::any(), {event(1)})).value();

  const auto second = open_sqlite_journal({.path = path});
  REQUIRE(second.has_error());
  CHECK(second.error().code == code::unavailable);
  CHECK(second.error().reason == "journal_owned");
  CHECK(second.error().message.find("process " + std::to_string(::getpid())) != std::string::npos);

  auto reader = open_sqlite_journal({.path = path, .read_only = true}).value();
  CHECK(read_all(*reader).value().size() == 1);
  append(*owner, to("s", expected::any(), {event(2)})).value();
  CHECK(load(*reader, {.stream = "s"}).value().version == 2);
  CHECK(append(*reader, to("s", expected::any(), {event(3)})).error().code == code::unimplemented);
  CHECK_FALSE(save(*reader, {"s", 1, "k", "{}"}).value());

  owner.reset();
  CHECK(read_all(*reader).value().size() == 2);
  reader.reset();
  reader = open_sqlite_journal({.path = path, .read_only = true}).value();  // nobody else has it open
  CHECK(read_all(*reader).value().size() == 2);
  CHECK(open_sqlite_journal({.path = path}));
}

TEST_CASE("A writer in another process is refused while the owner lives, and welcome when it was killed") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  channel ready;
  const auto child = in_another_process([&] {
    auto j = open_sqlite_journal({.path = path});
    ready.send(j.has_value());
    ::pause();
  });
  REQUIRE(ready.receive() == 1u);
  CHECK(open_sqlite_journal({.path = path}).error().message.find("process " + std::to_string(child)) != std::string::npos);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(open_sqlite_journal({.path = path}));
}

TEST_CASE("Files of a journal are for their owner alone, also those that were there before") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  const std::string files[] = {path, path + "-wal", path + "-shm", path + ".lock"};
  const auto old_mask = ::umask(0);
  for (int life = 0; life < 2; ++life) {
    auto j = open_sqlite_journal({.path = path}).value();
    append(*j, to("s", expected::any(), {event(1)})).value();
    for (const auto& file : files) CHECK(mode_of(file) == 0600);
    j.reset();
    for (const auto& file : files) ::chmod(file.c_str(), 0644);
  }
  ::umask(old_mask);
}

TEST_CASE("A lock file or a journal that is a symbolic link is refused, and where it leads nothing is touched") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  std::ofstream{folder.file("precious")} << "precious";
  std::filesystem::create_symlink(folder.file("precious"), path + GENERATE(as<std::string>{}, "", ".lock"));
  const auto refused = open_sqlite_journal({.path = path});
  REQUIRE(refused.has_error());
  CHECK(refused.error().reason == "symbolic_link");
  CHECK(mentions(refused.error(), "is a symbolic link"));
  CHECK(content_of(folder.file("precious")) == "precious");
}

TEST_CASE("A lock file that is no regular file is refused at once") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  REQUIRE(::mkfifo((path + ".lock").c_str(), 0600) == 0);
  CHECK(mentions(open_sqlite_journal({.path = path}).error(), "not a regular file"));
}

TEST_CASE("A journal that is no regular file is refused before anything opens it, also for reading") {
  const temporary_folder folder;
  const auto path = folder.file("j.db"), irregular = path + GENERATE(as<std::string>{}, "", "-wal", "-shm");
  const bool is_folder = GENERATE(false, true), read_only = GENERATE(false, true);
  CAPTURE(irregular, is_folder, read_only);
  if (irregular != path) open_sqlite_journal({.path = path}).value();
  REQUIRE((is_folder ? ::mkdir(irregular.c_str(), 0700) : ::mkfifo(irregular.c_str(), 0600)) == 0);
  const auto refused = open_sqlite_journal({.path = path, .read_only = read_only});
  REQUIRE(refused.has_error());
  CHECK(refused.error().message == irregular + " is not a regular file");
  CHECK(std::filesystem::exists(irregular));
}

TEST_CASE("A file with several names is not written through any of them, since each would have a lock of its own, but it can be read") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  std::filesystem::create_directory(folder.file("copy"));
  const auto copy = folder.file("copy/j.db");
  append(*open_sqlite_journal({.path = path}).value(), to("s", expected::any(), {event(1)})).value();
  std::filesystem::create_hard_link(path, copy);
  for (const auto& name : {path, copy}) {
    const auto refused = open_sqlite_journal({.path = name});
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == code::unavailable);
    CHECK(refused.error().reason == "hard_link");
    CHECK(mentions(refused.error(), name + " is one of 2 names"));
    CHECK(read_all(*open_sqlite_journal({.path = name, .read_only = true}).value()).value().size() == 1);
  }
  std::filesystem::remove(copy);
  CHECK(open_sqlite_journal({.path = path}));
}

TEST_CASE("A file that gets another name while it is open is told, and stored to, since nobody else can open it") {
  const temporary_folder folder;
  const auto path = folder.file("j.db"), linked = path + GENERATE(as<std::string>{}, "", "-wal"), other = folder.file("other");
  auto j = open_sqlite_journal({.path = path}).value();
  append(*j, to("s", expected::any(), {event(1)})).value();
  CHECK(j->status().warning.empty());
  std::filesystem::create_hard_link(linked, other);
  CHECK(j->status().warning.starts_with(linked + " has got another name"));
  CHECK_FALSE(j->status().trouble);
  CHECK(append(*j, to("s", expected::any(), {event(2)})));
  std::filesystem::remove(other);
  CHECK(j->status().warning.empty());
}

TEST_CASE("Whoever has no descriptor left is told so, whichever file could not be opened, and with the limit") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  open_sqlite_journal({.path = path}).value();
  channel told;
  const auto child = in_another_process([&] {
    std::uint64_t refused = 0;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    for (limit.rlim_cur = static_cast<rlim_t>(::open("/dev/null", O_RDONLY | O_CLOEXEC)) + 1; ; ++limit.rlim_cur) {
      if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return;
      const auto opened = open_sqlite_journal({.path = path});
      if (opened) break;
      const auto wanted = "too many open files (limit " + std::to_string(limit.rlim_cur);
      if (!mentions(opened.error(), wanted) || !mentions(opened.error(), path)) return told.send(1000);
      ++refused;
    }
    told.send(refused);
  });
  told.close_sending();
  const auto refused = told.receive();
  ::waitpid(child, nullptr, 0);
  REQUIRE(refused);
  CHECK(*refused >= 4);  // the lock, the database, its log, its log's index
  CHECK(*refused < 1000);
}

TEST_CASE("A process that only left its number in the lock file is not named as its holder") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  const auto gone = in_another_process([] {});
  ::waitpid(gone, nullptr, 0);
  auto owner = open_sqlite_journal({.path = path}).value();
  std::ofstream{path + ".lock"} << GENERATE_REF(as<pid_t>{}, gone, ::getppid()) << '\n';
  const auto refused = open_sqlite_journal({.path = path}).error();
  CHECK(refused.reason == "journal_owned");
  CHECK(mentions(refused, "is being written by another process"));
}

TEST_CASE("Nothing is written to a lock file before its lock is held") {
  const temporary_folder folder;
  const auto path = folder.file("j.db");
  auto owner = open_sqlite_journal({.path = path}).value();
  const auto before = content_of(path + ".lock");
  const auto other = in_another_process([&] { (void)open_sqlite_journal({.path = path}); });
  ::waitpid(other, nullptr, 0);
  CHECK(content_of(path + ".lock") == before);
}
