// The view stores that the conformance suite runs against, and calls that wait for their answer.
#pragma once

#include <banyan/cqrs/view_store.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace view_test {

using namespace banyan;

// Where views are kept between a store and the next one: a folder, or a simulated disk. New and empty when made.
class view_storage {
 public:
  virtual ~view_storage() = default;
  virtual result<std::unique_ptr<view_store>> open(view_options view) = 0;
};

struct view_engine {
  std::string name;
  // The clock moves on by a second at every look: a statement that runs for long is interrupted after a few looks.
  std::function<std::unique_ptr<view_storage>(bool hasty_clock)> make;
};
const std::vector<view_engine>& view_engines();

// Runs a test body on the empty storage of every engine.
template <class Body>
void on_every_engine(Body body, bool hasty_clock = false) {
  for (const auto& engine : view_engines()) {
    DYNAMIC_SECTION(engine.name) {
      const auto storage = engine.make(hasty_clock);
      body(*storage);
    }
  }
}

// Waits for the one answer of `start(completion<T>)`. A minute without one is a failure of the engine, not of the machine.
template <class T, class F>
result<T> answer_of(F start) {
  std::promise<result<T>> promise;
  auto future = promise.get_future();
  start(completion<T>{[p = std::move(promise)](result<T> r) mutable { p.set_value(std::move(r)); }});
  if (future.wait_for(std::chrono::minutes{1}) != std::future_status::ready) throw std::runtime_error{"no answer"};
  return future.get();
}

inline uuid epoch(std::uint8_t n) {
  uuid id;
  id.bytes[15] = n;
  return id;
}
inline void no_tables(view_writer&) {}
inline void notes_table(view_writer& v) { v.run("create table notes(id integer primary key, text text not null)"); }

inline auto open(view_store& s, std::function<void(view_writer&)> create = notes_table, std::uint8_t life = 1) {
  return answer_of<view_store::state>([&](auto done) { s.open({journal_history{epoch(life)}, 1'000'000}, create, std::move(done)); });
}
inline auto open_for(view_store& s, journal_history of, position head) {
  return answer_of<view_store::state>([&](auto done) { s.open({std::move(of), head}, notes_table, std::move(done)); });
}
inline auto write(view_store& s, position at, std::function<void(view_writer&)> body) {
  return answer_of<position>([&](auto done) { s.write(body, at, std::move(done)); });
}
inline auto read(view_store& s, std::function<void(view_reader&)> body) {
  return answer_of<position>([&](auto done) { s.read(body, std::move(done)); });
}
inline auto add_note(view_store& s, position at, std::string text) {
  return write(s, at, [=](view_writer& v) { v.run("insert into notes(text) values (?1)", text); });
}

// The texts of all notes, in order.
inline std::vector<std::string> notes(view_store& s) {
  std::vector<std::string> out;
  read(s, [&](view_reader& v) { out = v.query<std::string>("select text from notes order by id"); }).value();
  return out;
}
inline position checkpoint(view_store& s) {
  return read(s, [](view_reader&) {}).value();
}

}  // namespace view_test
