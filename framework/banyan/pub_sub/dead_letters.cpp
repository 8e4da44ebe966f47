#include <banyan/pub_sub/dead_letters.hpp>

namespace banyan::delivery_tables {

namespace {

using number = std::int64_t;

dead_letter letter_of(const sql_row& r) {
  return {std::get<number>(r[0]),      std::get<std::string>(r[1]), std::get<std::string>(r[2]),
          std::get<std::string>(r[3]), std::get<number>(r[4]),      std::get<std::string>(r[5])};
}

delivery_counts::row row_of(const sql_row& r) {
  const auto n = [&](std::size_t column) { return std::get<number>(r[column]); };
  delivery_counts::row row;
  row.at = n(0);
  row.refusals = static_cast<int>(n(1));
  row.crashes = static_cast<int>(n(2));
  row.deaths = static_cast<int>(n(3));
  row.is_quarantined = n(4) != 0;
  row.now = static_cast<delivery_counts::attempt>(n(5));
  row.lived = nanoseconds{n(6)};
  row.evidence = {std::get<double>(r[7]), nanoseconds{n(8)}, n(9) != 0};
  row.cause = std::get<std::string>(r[10]);
  return row;
}

constexpr std::size_t counts_page = 5000;  // below view_limits::rows
constexpr auto letters = "SELECT position, stream, type, payload, attempts, reason FROM dead_letters ";

}  // namespace

void create(view_writer& v) {
  v.execute(
      "CREATE TABLE IF NOT EXISTS dead_letters (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, type TEXT NOT "
      "NULL, payload TEXT NOT NULL, "
      "attempts INTEGER NOT NULL, reason TEXT NOT NULL)",
      {});
  v.execute("DROP TABLE IF EXISTS deliveries", {});  // of a version that held every death against everybody
  v.execute(
      "CREATE TABLE IF NOT EXISTS delivery_counts (position INTEGER PRIMARY KEY, refusals INTEGER NOT NULL, crashes "
      "INTEGER NOT NULL, "
      "deaths INTEGER NOT NULL, suspect INTEGER NOT NULL, attempt INTEGER NOT NULL, lived INTEGER NOT NULL, decades "
      "REAL NOT NULL, "
      "wait INTEGER NOT NULL, all_own_fault INTEGER NOT NULL, cause TEXT NOT NULL)",
      {});
  v.execute("CREATE TABLE IF NOT EXISTS furthest_count (one INTEGER PRIMARY KEY, position INTEGER NOT NULL, epoch TEXT NOT NULL)", {});
  v.execute("CREATE TABLE IF NOT EXISTS beginning (after_position INTEGER NOT NULL)", {});
}

void add(view_writer& v, const dead_letter& d) {
  v.execute("INSERT OR IGNORE INTO dead_letters VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            {d.position, d.stream, d.type, d.payload, d.attempts, d.reason});
}

void change(view_writer& v, position at, std::int64_t attempts, const std::string& reason) {
  v.execute("UPDATE dead_letters SET attempts = ?2, reason = ?3 WHERE position = ?1", {at, attempts, reason});
}

void remove(view_writer& v, position at) { v.execute("DELETE FROM dead_letters WHERE position = ?1", {at}); }

std::vector<dead_letter> list(view_reader& v, position after, std::size_t limit) {
  std::vector<dead_letter> found;
  for (const auto& r : v.rows(std::string{letters} + "WHERE position > ?1 ORDER BY position LIMIT ?2",
                              {after, static_cast<number>(limit)}))
    found.push_back(letter_of(r));
  return found;
}

std::optional<dead_letter> find(view_reader& v, position at) {
  const auto found = v.rows(std::string{letters} + "WHERE position = ?1", {at});
  return found.empty() ? std::optional<dead_letter>{} : letter_of(found.front());
}

std::int64_t count(view_reader& v) {
  return std::get<number>(v.rows("SELECT count(*) FROM dead_letters", {}).at(0).at(0));
}

void store(view_writer& v, const delivery_counts::row& r) {
  v.execute("INSERT OR REPLACE INTO delivery_counts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            {r.at, number{r.refusals}, number{r.crashes}, number{r.deaths}, number{r.is_quarantined},
             static_cast<number>(r.now), number{r.lived.count()}, r.evidence.decades, number{r.evidence.wait.count()},
             number{r.evidence.all_own_fault}, r.cause});
}

std::vector<delivery_counts::row> counts(view_reader& v, position after) {
  std::vector<delivery_counts::row> all;
  for (bool more = true; more;) {
    const auto page = v.rows(
        "SELECT position, refusals, crashes, deaths, suspect, attempt, lived, decades, wait, all_own_fault, cause "
        "FROM delivery_counts WHERE position > ?1 ORDER BY position LIMIT ?2",
        {all.empty() ? after : all.back().at, static_cast<number>(counts_page)});
    for (const auto& r : page) all.push_back(row_of(r));
    more = page.size() == counts_page;
  }
  return all;
}

void forget_count(view_writer& v, position at) { v.execute("DELETE FROM delivery_counts WHERE position = ?1", {at}); }
void forget_counts_to(view_writer& v, position checkpoint) {
  v.execute("DELETE FROM delivery_counts WHERE position <= ?1", {checkpoint});
}

void forget_all_counts(view_writer& v) {
  v.execute("DELETE FROM delivery_counts", {});
  v.execute("DELETE FROM furthest_count", {});
}

void note_furthest(view_writer& v, const epoch_position& counted) {
  v.execute(
      "INSERT INTO furthest_count VALUES (1, ?1, ?2) ON CONFLICT DO UPDATE SET position = excluded.position, epoch = excluded.epoch "
      "WHERE excluded.position > position",
      {counted.at, to_string(counted.epoch)});
}

void forget_foreign_counts(view_writer& v, const journal_history& history, position head) {
  for (const auto& r : v.rows("SELECT position, epoch FROM furthest_count", {})) {
    const auto epoch = parse_uuid(std::get<std::string>(r[1]));
    if (!history.contains({std::get<number>(r[0]), epoch ? *epoch : uuid{}}, head)) forget_all_counts(v);
  }
}

std::optional<position> beginning(view_reader& v) {
  const auto found = v.rows("SELECT after_position FROM beginning", {});
  return found.empty() ? std::optional<position>{} : std::get<number>(found.front().at(0));
}

void began(view_writer& v, position after) { v.execute("INSERT INTO beginning VALUES (?1)", {after}); }

}  // namespace banyan::delivery_tables
