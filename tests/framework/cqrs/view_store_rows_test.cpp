#include <banyan/cqrs/view_store.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace banyan;

namespace {

enum class colour { red, green };
BOOST_DESCRIBE_ENUM(colour, red, green)

struct of_month;
struct sales_row {
  strong<of_month> month;
  std::int64_t pence = 0;
  std::optional<double> share;
  bool closed = false;
  std::int8_t grade = 0;
  colour tint = colour::red;
};
BOOST_DESCRIBE_STRUCT(sales_row, (), (month, pence, share, closed, grade, tint))

// Gives the rows it is told to, and remembers what it was asked.
class scripted final : public view_writer {
 public:
  explicit scripted(std::vector<sql_row> rows = {}) : rows_{std::move(rows)} {}
  std::vector<sql_row> rows(std::string_view, const std::vector<sql_value>& args, std::size_t first) override {
    seen = args;
    auto out = rows_;
    if (first > 0 && out.size() > first) out.resize(first);
    return out;
  }
  void execute(std::string_view, const std::vector<sql_value>& args) override { seen = args; }
  std::vector<sql_value> seen;

 private:
  std::vector<sql_row> rows_;
};

sql_row full_row() { return {std::string{"2011-01"}, std::int64_t{12}, 0.5, std::int64_t{1}, std::int64_t{-128}, std::string{"green"}}; }

std::string refusal_of(sql_row row) {
  try {
    scripted{{std::move(row)}}.query<sales_row>("select");
  } catch (const view_error& e) {
    CHECK(e.get().code == code::internal);
    return e.get().message;
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a row becomes a struct, column by column") {
  const auto found = scripted{{full_row(), full_row()}}.query<sales_row>("select");
  REQUIRE(found.size() == 2);
  CHECK(found[1].month.value == "2011-01");
  CHECK(found[1].pence == 12);
  CHECK(found[1].share == 0.5);
  CHECK(found[1].closed);
  CHECK(found[1].grade == -128);
  CHECK(found[1].tint == colour::green);
}

TEST_CASE("an empty column fits an optional member only; a whole number fits a real one") {
  auto row = full_row();
  row[2] = nullptr;
  CHECK_FALSE(scripted{{row}}.query<sales_row>("select").at(0).share.has_value());
  row[2] = std::int64_t{3};
  CHECK(scripted{{row}}.query<sales_row>("select").at(0).share == 3.0);
  row[1] = nullptr;
  CHECK(refusal_of(row) == "sales_row.pence (column 2) takes an integer, found null: make it std::optional, or use coalesce()");
}

TEST_CASE("a column that does not fit is named with what it takes and what was found") {
  struct wrong {
    std::size_t column;
    sql_value value;
    std::string sentence;
  };
  for (const auto& w : std::vector<wrong>{
           {0, std::int64_t{1}, "sales_row.month (column 1) takes text, found an integer"},
           {1, std::string{"12"}, "sales_row.pence (column 2) takes an integer, found text"},
           {1, 12.0, "sales_row.pence (column 2) takes an integer, found a real number"},
           {2, std::string{"x"}, "sales_row.share (column 3) takes a number, found text"},
           {3, std::int64_t{2}, "sales_row.closed (column 4) takes 0 or 1, found an integer"},
           {4, std::int64_t{128}, "sales_row.grade (column 5) takes an integer within its range, found an integer"},
           {5, std::string{"blue"}, "sales_row.tint (column 6) takes the name of one of its enumerators, found text"},
       }) {
    auto row = full_row();
    row[w.column] = w.value;
    CHECK(refusal_of(row) == w.sentence);
  }
}

TEST_CASE("a row of another width is refused") {
  auto row = full_row();
  row.pop_back();
  CHECK(refusal_of(row) == "sales_row has 6 members, but the statement gives 5 columns");
  row = full_row();
  row.push_back(nullptr);
  CHECK(refusal_of(row) == "sales_row has 6 members, but the statement gives 7 columns");
}

TEST_CASE("a row type that is no struct takes one column") {
  CHECK(scripted{{{std::int64_t{7}}}}.query<int>("select") == std::vector<int>{7});
  CHECK(scripted{{{std::int64_t{7}}, {std::int64_t{8}}}}.first<int>("select") == 7);
  CHECK_FALSE(scripted{}.first<int>("select").has_value());
  CHECK(scripted{{{nullptr}}}.first<std::optional<int>>("select") == std::optional<std::optional<int>>{std::optional<int>{}});
  CHECK_THROWS_WITH((scripted{{{std::int64_t{7}, std::int64_t{8}}}}.first<int>("select")), Catch::Contains("2 columns"));
  CHECK_THROWS_WITH((scripted{{{nullptr}}}.query<int>("select")), Catch::Contains("a single value (column 1) takes an integer"));
}

TEST_CASE("arguments are bound as what they are") {
  scripted db;
  const std::string text = "text";
  db.run("sql", 1, 2u, std::int64_t{-3}, true, 1.5f, "literal", std::string_view{"view"}, text, nullptr, std::optional<int>{},
         std::optional<std::string>{"inner"}, colour::green, strong<of_month>{"2011-02"}, uuid{}, sql_value{2.5});
  CHECK(db.seen == std::vector<sql_value>{std::int64_t{1}, std::int64_t{2}, std::int64_t{-3}, std::int64_t{1}, 1.5, std::string{"literal"},
                                          std::string{"view"}, std::string{"text"}, nullptr, nullptr, std::string{"inner"},
                                          std::string{"green"}, std::string{"2011-02"}, std::string{"00000000-0000-0000-0000-000000000000"},
                                          2.5});
  db.query<int>("sql", "only");
  CHECK(db.seen == std::vector<sql_value>{std::string{"only"}});
  db.run("sql");
  CHECK(db.seen.empty());
}

TEST_CASE("an argument that SQL can not hold is refused") {
  scripted db;
  CHECK_THROWS_AS(db.run("sql", std::numeric_limits<std::uint64_t>::max()), view_error);
  CHECK_NOTHROW(db.run("sql", std::uint64_t{1} << 62));
  CHECK_THROWS_AS(db.run("sql", static_cast<colour>(9)), view_error);
}
