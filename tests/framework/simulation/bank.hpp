// Two nodes of plain actors for tests of simulation: a till that pays in, and a bank that books it in its journal; with defects to order.
#pragma once

#include <banyan/simulation/seeded_random.hpp>
#include <banyan/simulation/simulate.hpp>

#include <map>
#include <set>
#include <string>

namespace bank_test {

using namespace banyan;
using namespace std::chrono_literals;

enum class defect { none, answers_before_it_is_stored, books_repeats_again };

struct deposited {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(deposited, (), (id))
struct deposit {
  using reply = deposited;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(deposit, (), (id))

class account final : public actor {
 public:
  account(journal& j, defect d) : journal_{j}, defect_{d} {}
  behavior make_behavior() override {
    return behavior{}.on<deposit>([this](const deposit& d) { return book(d); });
  }

 private:
  task<result<deposited>> book(const deposit& d) {
    const auto id = defect_ == defect::books_repeats_again ? uuid_v7(self().now(), self().random()) : uuid_from_name("deposit", d.id);
    append_request request{{{"account", expected::any(), {{id, "bank.deposited", 1, "\"" + d.id + "\"", {}}}}}, {}};
    if (defect_ == defect::answers_before_it_is_stored) {
      journal_.append(std::move(request), [](result<append_result>) {});
      co_return deposited{d.id};
    }
    auto stored =
        co_await self().wait_for<append_result>(5s, [&](completion<append_result> done) { journal_.append(request, std::move(done)); });
    if (!stored) co_return stored.error();
    co_return deposited{d.id};
  }
  journal& journal_;
  const defect defect_;
};

// Pays in until it is answered, each at its second.
class till final : public actor {
 public:
  struct pay {
    std::size_t number;
  };
  till(address account, workload some, std::set<std::string>& acknowledged)
      : account_{std::move(account)}, some_{std::move(some)}, acknowledged_{acknowledged} {}
  behavior make_behavior() override {
    return behavior{}.on<pay>([this](const pay& p) { self().run(pay_in("d" + std::to_string(p.number))); });
  }
  void started() override {
    for (auto i : some_) self().after(std::chrono::seconds{i}, pay{i});
  }

 private:
  task<void> pay_in(std::string id) {
    for (;;) {
      auto answer = co_await self().ask<deposit>(account_, 300ms, id);
      if (answer) break;
      co_await self().sleep(100ms);
    }
    acknowledged_.insert(id);
  }
  const address account_;
  const workload some_;
  std::set<std::string>& acknowledged_;
};

inline void add_bank(simulation& world, defect d) {
  world.add("bank", [d](simulated_actors& here) {
    auto& journal = here.journal();
    here.publish("account", here.system().spawn([&journal, d] { return std::make_unique<account>(journal, d); }, {.name = "account"}));
  });
}

inline void add_till(simulation& world, const workload& some, std::set<std::string>& acknowledged) {
  world.add("till", [&acknowledged, some](simulated_actors& here) {
    auto account = here.reach<deposit>("bank", "account");
    here.system().spawn([account, some, &acknowledged] { return std::make_unique<till>(account, some, acknowledged); }, {.name = "till"});
  });
}

inline std::map<std::string, int> booked(const simulation& world) {
  std::map<std::string, int> times;
  for (const auto& e : world.stored("bank")) ++times[e.payload.substr(1, e.payload.size() - 2)];
  return times;
}

inline scenario pay_in(defect d) {
  return [d](simulation& world, const workload& some) {
    std::set<std::string> acknowledged;
    add_bank(world, d);
    add_till(world, some, acknowledged);
    world.run_for(35s);
    world.heal();
    world.run_for(65s);
    for (auto i : some)
      world.require(acknowledged.contains("d" + std::to_string(i)), "every deposit is acknowledged in the end", "d" + std::to_string(i));
    auto times = booked(world);
    for (const auto& id : acknowledged) {
      world.require(times[id] > 0, "an acknowledged deposit is stored", id);
      world.require(times[id] < 2, "a deposit is booked once", id);
    }
  };
}

}  // namespace bank_test
