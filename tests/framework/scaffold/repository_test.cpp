// Services that are added to this repository, whose record and lists are read as they are.
#include <tests/framework/scaffold/under_test.hpp>

#include <banyan/scaffold/add_pattern.hpp>
#include <banyan/scaffold/upgrade.hpp>

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

using namespace banyan;
using namespace banyan::scaffold;

namespace {

const char* const lists[] = {"samples/shop/application.cpp", "services/CMakeLists.txt", "tests/CMakeLists.txt"};

std::string file(const std::string& path) {
  std::ifstream in{std::string{REPOSITORY} + "/" + path, std::ios::binary};
  REQUIRE(in);
  return {std::istreambuf_iterator<char>{in}, {}};
}

// The files that a command may read, and one of a service that was written by hand. The record has no services, also
// where somebody has added some.
project repository() {
  project p;
  for (const auto* path : {record_path, "services/orders/service.cpp"}) p[path] = file(path);
  for (const auto* path : lists) p[path] = file(path);
  auto record = record_of(p);
  record.services.clear();
  p[record_path] = to_text(record);
  p[base_path] = base_to_text({});
  return p;
}

result<changes> try_to_add(const project& p, const std::string& name, std::string_view patterns) {
  return new_service_inside(from(), service(name, patterns), record_of(p), reader_of(p));
}

project with(const project& p, const std::string& name, std::string_view patterns) {
  return written(try_to_add(p, name, patterns).value(), p);
}

result<addition> add(const project& p, std::string_view patterns, const std::string& service) {
  return add_patterns(from(), patterns, service, record_of(p), reader_of(p));
}

}  // namespace

TEST_CASE("a service is added to the repository: its own files, and its lines in three lists") {
  auto p = repository();
  for (const auto* name : {"ant_farms", "gemstones", "zebras"}) {
    const auto made = try_to_add(p, name, "cqrs").value();
    CAPTURE(name);
    CHECK(made.to_paste.empty());
    CHECK(made.changed.size() == std::size(lists) + 2);  // and the record and the base
    const std::string own = "services/" + std::string{name} + "/";
    for (const auto& f : made.created) CHECK((f.path.starts_with(own) || f.path.starts_with("tests/" + own)));
    p = written(made, std::move(p));
  }
  for (const std::string name : {"ant_farms", "gemstones", "zebras"}) {
    CHECK(has(p["services/CMakeLists.txt"], "\nadd_subdirectory(" + name + ")\n"));
    CHECK(has(p["tests/CMakeLists.txt"], "\nadd_subdirectory(services/" + name + ")\n"));
    CHECK(has(p["samples/shop/application.cpp"], "\n#include <services/" + name + "/service.hpp>\n"));
    CHECK(has(p["samples/shop/application.cpp"], "\n  app.services.push_back(" + name + "::describe());\n"));
  }
  CHECK(has(p["services/zebras/service.cpp"], "namespace shop::zebras {"));
  CHECK(read_base(p[base_path]).value().size() > 3 * 15);
  CHECK(has(refusal(try_to_add(p, "zebras", "")), "has a service \"zebras\" already"));
}

TEST_CASE("patterns that are added in the repository one by one make what all at once make") {
  const auto before = with(repository(), "cards", "");
  auto p = with(before, "zebras", "");
  for (const auto* pattern : {"cqrs", "ambassador:cards", "saga", "pub_sub"})
    p = written(add(p, pattern, "zebras").value().made, p);
  CHECK(p == with(before, "zebras", "cqrs,pub_sub,saga,ambassador:cards"));
  const auto again = add(p, "cqrs", "zebras").value();
  CHECK(again.made.created.empty());
  CHECK(again.made.changed.empty());
}

TEST_CASE("the repository's own services are neither asked nor changed") {
  const auto p = repository();
  CHECK(has(refusal(add(p, "cqrs", "orders")), "was not made by `banyan new`"));
  CHECK(has(refusal(add(p, "cqrs", "zebras")), "`banyan new` has added none yet"));
  CHECK(has(refusal(try_to_add(p, "zebras", "ambassador:catalog")), "and there is none yet"));
  const auto two = with(p, "cards", "");
  CHECK(has(refusal(try_to_add(two, "zebras", "ambassador:catalog")), "those that `banyan new` added are: cards."));
  CHECK(has(refusal(add(two, "cqrs", "zebras")), "those that `banyan new` added are: cards."));
}

TEST_CASE("an upgrade is of the services that were added") {
  auto p = repository();
  CHECK(make_upgrade(from(), record_of(p), reader_of(p)).value().is_up_to_date());
  p = with(p, "zebras", "cqrs");
  CHECK(make_upgrade(from(), record_of(p), reader_of(p)).value().is_up_to_date());
  auto base = read_base(p[base_path]).value();
  for (auto& f : base)
    if (f.path == "services/zebras/service.cpp") replace(f.text, ".shards = 64", ".shards = 32");
  auto edited = p;
  replace(edited["services/zebras/service.cpp"], ".shards = 64", ".shards = 32");
  edited[base_path] = base_to_text(base);
  CHECK(written(make_upgrade(from(), record_of(edited), reader_of(edited)).value().made, edited) == p);
}

TEST_CASE("the record of a source tree is read as it was written") {
  CHECK(to_text(read_record(file(record_path)).value()) == file(record_path));
  CHECK(read_base(file(base_path)));
  CHECK(record_of(repository()).tree->apart == std::vector<std::string>{"build"});
}

TEST_CASE("a record that names files outside the project is refused") {
  const auto refused = [](const char* wired) {
    project_record record{"shop", template_version, {}, tree_record{{{"services/CMakeLists.txt", wired}}, {}, {}}};
    const auto read = read_record(to_text(record));
    return !read && read.error().code == code::invalid_argument;
  };
  for (const auto* outside : {"/home/kim/CMakeLists.txt", "../CMakeLists.txt", "a/../../b", "..", ""}) {
    CAPTURE(outside);
    CHECK(refused(outside));
  }
  CHECK_FALSE(refused("lists/../CMakeLists.txt"));
  const project_record elsewhere{"shop", template_version, {{"../x", "order", {}}}};
  CHECK_FALSE(read_record(to_text(elsewhere)));
}
