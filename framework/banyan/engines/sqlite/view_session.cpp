#include <banyan/engines/sqlite/view_session.hpp>

#include <sqlite3.h>

#include <chrono>
#include <new>

namespace banyan::sqlite {

namespace {

constexpr std::size_t max_cached = 256;
// Steps of SQLite's virtual machine, about ten microseconds in all. One step may take much longer, as in a full-text
// query with many words.
constexpr int steps_between_looks = 2'000;
constexpr std::string_view own_table = "banyan_view";
// A snapshot keeps SQLite from restarting its WAL, and hides writes of other processes.
constexpr std::chrono::milliseconds oldest_snapshot{10};

void bind(statement& s, int parameter, const sql_value& v) {
  std::visit(
      [&]<class T>(const T& x) {
        if constexpr (std::same_as<T, std::string>) s.bind_view(parameter, x);
        else s.bind(parameter, x);
      },
      v);
}

bool is_pragma_of_fts5(const char* name) { return name && std::string_view{name} == "data_version"; }

}  // namespace

view_session::view_session(database db, const banyan::clock& clock, timespan run_time)
    : db_{std::move(db)}, clock_{clock}, run_time_{run_time} {
  sqlite3_set_authorizer(db_.handle(), &authorize, this);
  sqlite3_progress_handler(db_.handle(), steps_between_looks, &progress, this);
}

int view_session::authorize(void* self, int action, const char* first, const char*, const char*, const char*) {
  if (static_cast<view_session*>(self)->mode_ == mode::idle) return SQLITE_OK;
  switch (action) {
    case SQLITE_TRANSACTION:
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
    // Temporary objects belong to one connection, outside the view's transactions.
    case SQLITE_CREATE_TEMP_INDEX:
    case SQLITE_CREATE_TEMP_TABLE:
    case SQLITE_CREATE_TEMP_TRIGGER:
    case SQLITE_CREATE_TEMP_VIEW:
      return SQLITE_DENY;
    case SQLITE_PRAGMA:
      return is_pragma_of_fts5(first) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_DROP_TABLE:
      return own_table == first ? SQLITE_DENY : SQLITE_OK;
    default:
      return SQLITE_OK;
  }
}

view_session::stop view_session::why_to_stop() {
  if (mode_ == mode::reading && interrupt_ && interrupt_->load(std::memory_order_relaxed)) return stop::closing;
  if (is_cancelled(limits_.cancelled)) return stop::cancelled;
  const auto now = clock_.steady();
  if (now >= limits_.deadline) return stop::deadline;
  was_too_slow_ = was_too_slow_ || now >= quick_until_;
  if (was_too_slow_) return stop::too_slow;
  return now >= deadline_ ? stop::run_time : stop::none;
}

int view_session::progress(void* self) {
  auto& s = *static_cast<view_session*>(self);
  if (s.mode_ != mode::idle && s.stopped_ == stop::none) s.stopped_ = s.why_to_stop();
  return s.stopped_ == stop::none ? 0 : 1;
}

error view_session::interrupted(std::string_view sql) const {
  const auto text = std::string{sql} + ": interrupted ";
  switch (stopped_) {
    case stop::closing: return {code::unavailable, text + "because the view is being closed"};
    case stop::cancelled: return error{code::deadline_exceeded, text + "because nobody waits for its answer"}.because("cancelled");
    case stop::too_slow: return {code::deadline_exceeded, text + "for it is not quick"};
    case stop::deadline: return {code::deadline_exceeded, text + "at the deadline of its request"};
    default: return {code::deadline_exceeded, text + "after " + to_string(timespan{run_time_})};
  }
}

const view_session::snapshot* view_session::shared_snapshot() {
  const bool is_good = snapshot_ && snapshot_->commits == commits_ &&
                       clock_.steady() - snapshot_->begun < oldest_snapshot && db_.in_transaction();
  if (!is_good) end_snapshot();
  return is_good ? &*snapshot_ : nullptr;
}

const view_session::snapshot* view_session::share(transaction open, position checkpoint) {
  snapshot_.emplace(snapshot{std::move(open), checkpoint, commits_, clock_.steady()});
  return &*snapshot_;
}

error view_session::noted(error e) {
  if (e.code == code::corrupt) damaged_ = true;
  return e;
}

result<void> view_session::run_writer(const std::function<void(view_writer&)>& body) {
  return guarded(mode::writing, [&] { body(*this); });
}
result<void> view_session::run_reader(const std::function<void(view_reader&)>& body) {
  return guarded(mode::reading, [&] { body(*this); });
}

result<void> view_session::guarded(mode m, const std::function<void()>& body) {
  struct back_to_idle {
    view_session& s;
    ~back_to_idle() {
      s.mode_ = mode::idle;
      s.stopped_ = stop::none;
    }
  } end{*this};
  mode_ = m;
  try {
    body();
    return {};
  } catch (const result_error& e) {
    return e.get();
  } catch (const std::bad_alloc&) {  // not the body's fault: there may be memory next time
    return error{code::exhausted, "out of memory"}.after(std::chrono::seconds{1});
  } catch (const std::exception& e) {
    return error{code::internal, e.what()};
  } catch (...) {
    return error{code::internal, "the body of a view's transaction threw something that is no exception"};
  }
}

result<statement*> view_session::prepared(std::string_view sql) {
  if (const auto found = cache_.find(sql); found != cache_.end()) return &found->second;
  auto s = db_.prepare(sql);
  if (!s) return s.error();
  // SQL texts are constants and few; only a program that pastes data into them fills the cache.
  if (cache_.size() >= max_cached) cache_.clear();
  return &cache_.emplace(std::string{sql}, std::move(*s)).first->second;
}

statement& view_session::begin(std::string_view sql, const std::vector<sql_value>& args) {
  // After some errors, and on RAISE(ROLLBACK), SQLite ends the transaction by itself. Later statements would commit
  // alone.
  if (!db_.in_transaction()) throw view_error{error{code::internal, std::string{sql} + ": the transaction was rolled back before"}};
  deadline_ = monotonic::max();
  if (stopped_ = why_to_stop(); stopped_ != stop::none) throw view_error{interrupted(sql)};
  deadline_ = add_saturating(clock_.steady(), run_time_);
  auto found = prepared(sql);
  if (!found) refuse(sql, found.error());
  auto& s = **found;
  if (mode_ == mode::reading && !s.is_read_only()) throw view_error{error{code::internal, std::string{sql} + ": a query can not write"}};
  if (static_cast<std::size_t>(s.parameter_count()) != args.size()) {
    throw view_error{error{code::internal, std::string{sql} + ": takes " + std::to_string(s.parameter_count()) + " arguments, not " +
                                               std::to_string(args.size())}};
  }
  for (std::size_t i = 0; i < args.size(); ++i) {
    const auto* text = std::get_if<std::string>(&args[i]);
    if (text && text->size() > view_limits::bytes) {
      throw view_error{error{code::invalid_argument, std::string{sql} + ": argument " + std::to_string(i + 1) + " is too large"}};
    }
    bind(s, static_cast<int>(i + 1), args[i]);
  }
  return s;
}

void view_session::refuse(std::string_view sql, error why) {
  if (stopped_ != stop::none) {
    why = interrupted(sql);
  } else if ((db_.extended_error() & 0xff) == SQLITE_AUTH) {
    why = error{code::internal, std::string{sql} + ": not within a view (its transaction, pragmas and other files are the store's)"};
  }
  throw view_error{noted(std::move(why))};
}

std::vector<sql_row> view_session::rows(std::string_view sql, const std::vector<sql_value>& args, std::size_t first) {
  auto& s = begin(sql, args);
  const reset_at_end reset{s};
  std::vector<sql_row> out;
  std::size_t bytes = 0;
  for (;;) {
    const auto more = s.step();
    if (!more) refuse(sql, more.error());
    if (!*more) return out;
    if (out.size() == view_limits::rows || bytes > view_limits::bytes) {
      const auto bound = bytes > view_limits::bytes ? "64 MiB" : std::to_string(view_limits::rows) + " rows";
      auto why = error{code::internal, std::string{sql} + ": finds more than " + bound + ", ask page by page"};
      throw view_error{std::move(why).because("too_many_rows")};
    }
    auto& row = out.emplace_back();
    const int columns = s.column_count();
    row.reserve(static_cast<std::size_t>(columns));
    bytes += static_cast<std::size_t>(columns) * sizeof(sql_value);
    for (int i = 0; i < columns; ++i) {
      switch (s.type(i)) {
        case column_type::integer:
          row.emplace_back(s.integer(i));
          break;
        case column_type::real:
          row.emplace_back(s.real(i));
          break;
        case column_type::text:
          bytes += s.text(i).size();
          row.emplace_back(std::string{s.text(i)});
          break;
        case column_type::blob:
          throw view_error{error{code::internal, std::string{sql} + ": column " + std::string{s.column_name(i)} + " is a blob"}};
        case column_type::null:
          row.emplace_back(nullptr);
          break;
      }
    }
    // `insert ... returning` has inserted everything when it returns its first row.
    if (out.size() == first) return out;
  }
}

void view_session::execute(std::string_view sql, const std::vector<sql_value>& args) {
  auto& s = begin(sql, args);
  const reset_at_end reset{s};
  if (auto done = s.run(); !done) refuse(sql, done.error());
}

}  // namespace banyan::sqlite
