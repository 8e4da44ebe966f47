// What bench_memory counts: a small order as services have them, and a journal that keeps nothing, so that all memory
// is that of the entities.
#pragma once

#include <banyan/event_sourcing/event_sourced.hpp>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

namespace banyan::bench {

struct order_line {
  std::string sku;
  int quantity = 0;
  std::int64_t price = 0;
};
BOOST_DESCRIBE_STRUCT(order_line, (), (sku, quantity, price))

struct line_added {
  static constexpr stored_as stored{"orders.line_added", 1};
  std::string customer;
  order_line line;
};
BOOST_DESCRIBE_STRUCT(line_added, (), (customer, line))

struct add_line {
  using reply = std::int64_t;  // the order's total
  std::string order, customer;
  order_line line;
};
BOOST_DESCRIBE_STRUCT(add_line, (), (order, customer, line))

struct purchase {
  using command = std::variant<add_line>;
  using event = std::variant<line_added>;
  struct state {
    std::string customer;
    std::vector<order_line> lines;
    std::int64_t total = 0;
  };
  static decision<purchase> decide(const state& s, const command& c, const decision_context&) {
    const auto& add = std::get<add_line>(c);
    return accept<purchase>({line_added{add.customer, add.line}}, s.total + add.line.quantity * add.line.price);
  }
  static void evolve(state& s, const event& e) {
    const auto& added = std::get<line_added>(e);
    s.customer = added.customer;
    s.lines.push_back(added.line);
    s.total += added.line.quantity * added.line.price;
  }
};
BOOST_DESCRIBE_STRUCT(purchase::state, (), (customer, lines, total))

inline std::string order_of(message& m) { return m.as<add_line>().order; }

// Every stream has one line and the command that added it, every append is accepted, and nothing is kept.
class forgetful_journal final : public journal {
 public:
  void append(append_request request, completion<append_result> done) override {
    append_result r;
    for (auto& w : request.writes) {
      const auto events = static_cast<version>(w.events.size());
      auto& written = r.streams.emplace_back(append_result::written{std::move(w.stream), w.condition.at + events, {}});
      for (version n = 0; n < events; ++n) written.positions.push_back(r.last = ++head_);
    }
    done(std::move(r));
  }
  void load(load_request request, completion<loaded_stream> done) override {
    const line_added first{"customer-4711", {"SKU-100200", 1, 1999}};
    recorded_event e;
    e.stream = request.stream;
    e.version = e.position = 1;
    e.id = uuid_from_name("event", request.stream);
    e.type = line_added::stored.type;
    e.schema = line_added::stored.schema;
    e.payload = to_json(first);
    loaded_stream l;
    l.version = l.position = 1;
    l.last_event = e.id;
    l.events.push_back(std::move(e));
    l.commands.push_back({request.stream, uuid_from_name("command", request.stream), 4711, R"({"ok":1999})"});
    done(std::move(l));
  }
  void read_stream(read_stream_request, completion<std::vector<recorded_event>> done) override {
    done(std::vector<recorded_event>{});
  }
  void read_all(read_all_request, completion<read_page> done) override {
    done(read_page{.events = {}, .looked_to = 0, .at_end = true});
  }
  void seal(partition, fence, completion<sealed> done) override { done(sealed{}); }
  void read_token(partition, std::string, completion<std::int64_t> done) override { done(std::int64_t{0}); }
  void declare(std::string, std::string, completion<bool> done) override { done(true); }
  void forget_commands(forget_request, completion<forgotten> done) override { done(forgotten{}); }
  void save_snapshot(snapshot, completion<bool> done) override { done(false); }
  void list_streams(std::string, std::string, std::size_t, completion<std::vector<stream_info>> done) override {
    done(std::vector<stream_info>{});
  }
  void info(completion<journal_info> done) override { done(journal_info{}); }
  std::unique_ptr<watch> on_commit(std::function<void(position)>) override { return {}; }

 private:
  std::atomic<position> head_{1};
};

}  // namespace banyan::bench
