// Tests of a view (cqrs/projection.hpp) alone: these events, then this answer to this query.
//
//   view_of<product_search> view{{lantern}};                  // lantern: an event
//   view.when(get_product{"A1"}).then_reply(listed);
//   view.when(get_product{"A2"}).then_error(code::not_found);
//   view.apply(product_put{"A2", "kite", {100, "GBP"}, true});
//
// Uses the view's own tables and SQL, in memory; no actor, no journal, no clock. Each event makes a round trip through
// its JSON, as from a journal. Failed expectations throw expectation_failed (given_when_then.hpp).
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/test_kit/given_when_then.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace banyan::test_kit {

namespace detail {

// An in-memory view store. What a body throws is thrown again here.
class view_tables {
 public:
  explicit view_tables(std::function<void(view_writer&)> create);
  ~view_tables();
  void write(const std::function<void(view_writer&)>& body);
  void read(const std::function<void(view_reader&)>& body);
  position last() const { return last_; }  // number of writes so far

 private:
  std::unique_ptr<view_store> store_;
  position last_ = 0;
};

}  // namespace detail

// The answer to a query. Each expectation returns *this, for chaining.
template <class Reply>
class answer_of_view {
 public:
  explicit answer_of_view(result<Reply> answer) : answer_{std::move(answer)} {}

  const answer_of_view& then_reply(const Reply& expected) const {
    if (!answer_) throw expectation_failed{"expected: an answer\n  actual: " + to_string(answer_.error())};
    expect_same("the answer differs", to_value(expected), to_value(*answer_));
    return *this;
  }
  const answer_of_view& then_error(code c) const {
    if (answer_) throw expectation_failed{"expected: an error\n  actual: the answer " + to_json(*answer_)};
    expect_error(answer_.error(), c);
    return *this;
  }
  const result<Reply>& answer() const { return answer_; }  // for other expectations

 private:
  result<Reply> answer_;
};

template <view V>
class view_of {
 public:
  using event = typename V::events;

  explicit view_of(const std::vector<event>& history = {}) : tables_{[](view_writer& w) { V::create(w); }} {
    for (const auto& e : history) apply(e);
  }

  // `stream` and `recorded_at`: what the journal says of the event, for a view that reads it.
  void apply(const event& e, std::string stream = "stream-1", instant recorded_at = {}) {
    recorded_event at;
    at.payload = std::visit([](const auto& x) { return to_json(x); }, e);
    const auto stored = std::visit([](const auto& x) { return x.stored; }, e);
    at.type = stored.type;
    at.schema = stored.schema;
    at.stream = std::move(stream);
    at.position = at.version = tables_.last() + 1;
    at.recorded_at = recorded_at;
    const auto read_back = from_json<event>(to_json(e));
    if (!read_back)
      throw expectation_failed{"an event does not survive its own JSON: " + to_string(read_back.error()) + "\n" + at.payload};
    tables_.write([&](view_writer& w) { V::apply(w, *read_back, at); });
  }

  template <class Query>
  answer_of_view<typename Query::reply> when(const Query& q) {
    result<typename Query::reply> answer = error{code::internal, "the query was not run"};
    tables_.read([&](view_reader& r) { answer = V::answer(r, q); });
    return answer_of_view<typename Query::reply>{std::move(answer)};
  }

 private:
  detail::view_tables tables_;
};

}  // namespace banyan::test_kit
