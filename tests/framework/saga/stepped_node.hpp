// A simulated node for sagas, on a journal in memory, and the services that they ask, which outlive it. Everything is
// stepped by hand in virtual time; the power may fail between any two steps.
#pragma once

#include "checkout.hpp"

#include <tests/framework/actor/stepped.hpp>

#include <banyan/engines/memory/memory_journal.hpp>
#include <banyan/journal/journal_decorator.hpp>
#include <banyan/plan/describe_operation.hpp>
#include <banyan/saga/rebuild.hpp>
#include <banyan/saga/saga_entity.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace saga_tests {

using namespace banyan;
using namespace std::chrono_literals;

// Between the node and its journal; without power nothing passes.
class power_switch final : public journal_decorator {
 public:
  using journal_decorator::journal_decorator;
  void append(append_request r, completion<append_result> done) override {
    if (!on) return;
    ++appends;
    if (unknown == 0) return inner().append(std::move(r), std::move(done));
    --unknown;
    if (!stores_unknown) return done(error{code::unavailable, "it could not tell", outcome::unknown});
    inner().append(std::move(r), [done = std::make_shared<completion<append_result>>(std::move(done))](auto) {
      (*done)(error{code::unavailable, "it could not tell", outcome::unknown});
    });
  }
  void load(load_request r, completion<loaded_stream> done) override {
    if (on) inner().load(std::move(r), std::move(done));
  }
  bool on = true;
  int appends = 0;
  int unknown = 0;             // the next appends are answered with an unknown outcome
  bool stores_unknown = false; // and are stored all the same
};

// The services of the shop: each executes a command once, and answers a repeat with the stored reply.
class shop_services {
 public:
  std::set<std::string> declining;   // operations that are refused
  bool needs_approval = false;       // of a charge
  int answers_lost = 0;              // of each command, the first ones
  std::map<std::string, std::vector<error>> failing;  // by operation: not begun, the first times

  std::vector<std::string> executed;  // names, in order
  std::map<uuid, int> asked;          // by command
  const memory_journal* journal = nullptr;

  // What an actor of these services does with a request.
  template <class Request, class Reply>
  void serve(message_ptr& m, const Reply& reply) {
    const std::string name{local_name<Request>()};
    REQUIRE(m->context);
    const auto command = m->context->command;
    REQUIRE_FALSE(command.is_nil());
    must_be_stored(command);
    const auto times = ++asked[command];
    if (auto& errors = failing[name]; !errors.empty()) {
      auto why = errors.front();
      errors.erase(errors.begin());
      return m->fail(std::move(why));
    }
    if (executed_.insert(command).second && !declining.contains(name)) executed.push_back(name);
    if (times <= answers_lost) return m->fail({code::unavailable, "the answer was lost", outcome::unknown});
    if (declining.contains(name)) return m->fail(error{code::refused, "no"}.because("declined"));
    answer<reply_to<Request>>(*m, reply);
  }

 private:
  // A request leaves only after its turn is durable.
  void must_be_stored(const uuid& command) const {
    const auto text = to_string(command);
    const auto& log = journal->log();
    const bool is_stored =
        std::any_of(log.begin(), log.end(), [&](const auto& e) { return e.payload.find(text) != std::string::npos; });
    REQUIRE(is_stored);
  }
  std::set<uuid> executed_;
};

class services_actor final : public actor {
 public:
  explicit services_actor(shop_services& s) : services_{s} {}
  behavior make_behavior() override {
    auto& s = services_;
    return behavior{}
        .on_message<shop::reserve_stock>([&s](message_ptr& m) {
          s.serve<shop::reserve_stock>(m, shop::stock_reserved{m->as<shop::reserve_stock>().sku, 3});
        })
        .on_message<shop::release_stock>([&s](message_ptr& m) {
          s.serve<shop::release_stock>(m, shop::stock_reserved{m->as<shop::release_stock>().sku, 4});
        })
        .on_message<shop::charge>([&s](message_ptr& m) {
          s.serve<shop::charge>(m, shop::charged{"ch-17", s.needs_approval});
        })
        .on_message<shop::refund>([&s](message_ptr& m) { s.serve<shop::refund>(m, shop::charged{"ch-17", false}); })
        .on_message<shop::confirm_order>([&s](message_ptr& m) {
          s.serve<shop::confirm_order>(m, shop::order_state{m->as<shop::confirm_order>().id, "confirmed"});
        });
  }

 private:
  shop_services& services_;
};

template <class Api>
void add_operations(saga_operations& all) {
  [&]<class... Ops>(banyan::operations<Ops...>) {
    (all.emplace(std::string{Api::name} + "." + std::string{local_name<typename Ops::request>()},
                 saga_operation{std::string{Api::name}, operation_of<Ops>(Api::name)}),
     ...);
  }(typename Api::operations{});
}

class stepped_node {
 public:
  stepped_node() { services.journal = &journal; }
  virtual ~stepped_node() = default;
  stepped_node(const stepped_node&) = delete;
  stepped_node& operator=(const stepped_node&) = delete;

  // Of the appends under way a prefix is stored; all else is gone. Then the program starts again.
  void fail_power(random_source& random) {
    power->on = false;
    journal.crash(random);
    time = s->clock.time;
    end();
    s.reset();
    power_on();
  }
  // An actor that answers these requests.
  template <class Make>
  void add_service(Make make, std::initializer_list<const message_type*> requests) {
    const auto to = s->system.spawn(std::move(make));
    for (const auto* type : requests) directory_->add(type, {.to = to});
  }

  // --- steps
  // One message or one batch of the journal, by chance; time passes when there is nothing else. False: nothing is left.
  bool step(test::counting_random& random) {
    const bool has_jobs = s->scheduler.jobs() > 0;
    const bool prefers_journal = random.below(3) == 0;
    if (prefers_journal && journal.step()) return true;
    if (has_jobs) return s->step(random);
    if (journal.step()) return true;
    const auto due = s->scheduler.next_timer();
    if (due == monotonic::max()) return false;
    s->advance(std::max<nanoseconds>(due - s->clock.time, 0ns));
    return true;
  }
  void settle() {
    do s->run();
    while (journal.step());
  }
  void pass(nanoseconds d) {
    for (const auto until = s->clock.time + d; s->clock.time < until;) {
      settle();
      const auto next = std::min(s->scheduler.next_timer(), until);
      s->advance(std::max<nanoseconds>(next - s->clock.time, 1ns));
    }
    settle();
  }

  // --- messages
  template <class M>
  test::stepped::answer_slot<message_ptr> send(const address& to, M m, const std::string& command, timespan limit) {
    auto l = make_message<M>(std::move(m));
    auto context = std::make_shared<message_context>();
    if (!command.empty()) context->command = uuid_from_name("test", command);
    l->context = std::move(context);
    test::stepped::answer_slot<message_ptr> a;
    s->system.ask_message(to, std::move(l), limit, a.slot());
    return a;
  }
  template <class Reply = saga_receipt>
  static result<Reply> value_of(const test::stepped::answer_slot<message_ptr>& a) {
    REQUIRE(a.count() == 1);
    if (!*a) return a->error();
    auto held = **a;
    if (held->kind == message_kind::failure) return held->template as<error>();
    return held->template as<Reply>();
  }

  // --- what is stored
  std::vector<std::string> turns_of(const std::string& stream) const {
    std::vector<std::string> found;
    for (const auto& e : journal.log())
      if (e.stream == stream && e.type == saga_turned::stored.type) found.push_back(e.payload);
    return found;
  }
  std::string ending_of(const std::string& stream) const {
    const auto all = turns_of(stream);
    if (all.empty()) return "not started";
    const auto last = from_json<saga_turned>(all.back());
    if (!last->end) return "no end";
    return std::string{boost::describe::enum_to_string(last->end->how, "")} + " " + last->end->result.text;
  }

  memory_journal journal{{.executor = memory_journal::by_hand}};
  shop_services services;
  std::unique_ptr<power_switch> power;
  monotonic time{1h};
  std::unique_ptr<directory> directory_;
  std::unique_ptr<service_scope> scope_;
  std::unique_ptr<test::stepped> s;

 protected:
  void power_on() {
    power = std::make_unique<power_switch>(journal);
    s = std::make_unique<test::stepped>();
    s->clock.time = time;
    s->scheduler.set_time(time);
    directory_ = std::make_unique<directory>();
    scope_ = std::make_unique<service_scope>();
    scope_->service = "orders";
    scope_->directory = directory_.get();
    scope_->own = std::make_shared<plain_link>(*directory_, 5s);
    add_service([this] { return std::make_unique<services_actor>(services); },
                {type_of<shop::reserve_stock>(), type_of<shop::release_stock>(), type_of<shop::charge>(),
                 type_of<shop::refund>(), type_of<shop::confirm_order>()});
    begin();
  }
  virtual void begin() = 0;  // starts its actors
  virtual void end() = 0;    // lets go of them
};

}  // namespace saga_tests
