// A newer template for a project that people have edited.
#include <tests/framework/scaffold/under_test.hpp>

#include <banyan/scaffold/upgrade.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::scaffold;

namespace {

// The real template, but for what an older one had in these files.
struct older_project {
  project files = written(new_service_alone(from(), service("orders", "cqrs")).value());
  std::vector<text_file> base = read_base(files.at(base_path)).value();
  project_record record = record_of(files);

  void had(const std::string& path, std::string_view now, std::string_view then) {
    for (auto& f : base)
      if (f.path == path) replace(f.text, now, then);
    replace(files[path], now, then);
  }
  void had_not(const std::string& path) {
    std::erase_if(base, [&](const auto& f) { return f.path == path; });
    files.erase(path);
  }
  result<upgrade> upgraded() {
    record.template_version = 0;
    for (auto& s : record.services) s.template_version = 0;
    files[base_path] = base_to_text(base);
    files[record_path] = to_text(record);
    return make_upgrade(from(), record, reader_of(files));
  }
};

const std::string file = "services/orders/service.cpp";
using paths = std::vector<std::string>;

}  // namespace

TEST_CASE("a project of the same template is up to date, edited or not") {
  auto made = written(new_service_alone(from(), service("orders", "cqrs")).value());
  made[file] = "// rewritten\n";
  made.erase("README.md");
  CHECK(make_upgrade(from(), record_of(made), reader_of(made)).value().is_up_to_date());
}

TEST_CASE("the template's changes come into edited files, and edits stay") {
  older_project p;
  p.had(file, "// Answers without state.", "// Stateless.");
  auto wanted = written(new_service_alone(from(), service("orders", "cqrs")).value());
  for (auto* f : {&p.files[file], &wanted[file]}) replace(*f, ".shards = 64", ".shards = 128");
  p.files["mine.txt"] = wanted["mine.txt"] = "mine\n";
  const auto up = p.upgraded().value();
  CHECK(up.conflicts.empty());
  const auto after = written(up.made, p.files);
  CHECK(after == wanted);
  CHECK(make_upgrade(from(), record_of(after), reader_of(after)).value().is_up_to_date());
}

TEST_CASE("lines that both changed stand in the file, and the next upgrade is none") {
  older_project p;
  p.had(file, ".shards = 64", ".shards = 32");
  replace(p.files[file], ".shards = 32", ".shards = 128");
  const auto up = p.upgraded().value();
  CHECK(up.conflicts == paths{file});
  const auto after = written(up.made, p.files);
  CHECK(has(after.at(file), "<<<<<<< yours\n"));
  CHECK(has(after.at(file), ".shards = 128"));
  CHECK(has(after.at(file), ".shards = 64"));
  CHECK(make_upgrade(from(), record_of(after), reader_of(after)).value().is_up_to_date());
}

TEST_CASE("new files are made, deleted ones stay deleted, and what is in the way stays") {
  older_project p;
  p.had_not("services/orders/order_list.hpp");
  p.had_not("services/orders/order_list.cpp");
  p.files["services/orders/order_list.cpp"] = "// mine\n";
  p.files.erase("README.md");
  p.base.push_back({"old.txt", "old\n"});
  p.files["old.txt"] = "old\n";
  const auto up = p.upgraded().value();
  CHECK(up.occupied == paths{"services/orders/order_list.cpp"});
  CHECK(up.deleted == paths{"README.md"});
  CHECK(up.dropped == paths{"old.txt"});
  const auto after = written(up.made, p.files);
  CHECK(after.contains("services/orders/order_list.hpp"));
  CHECK(after.at("services/orders/order_list.cpp") == "// mine\n");
  CHECK(after.at("old.txt") == "old\n");
  CHECK_FALSE(after.contains("README.md"));
}

TEST_CASE("an older project without its base is refused, and one of this template is not") {
  older_project p;
  p.files.erase(base_path);
  CHECK(make_upgrade(from(), p.record, reader_of(p.files)));
  p.record.template_version = 0;
  CHECK(has(refusal(make_upgrade(from(), p.record, reader_of(p.files))), "older template"));
}
