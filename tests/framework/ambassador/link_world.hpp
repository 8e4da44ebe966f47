// A service that asks another one through an ambassador, in virtual time: either of this node, or over a transport
// whose answers the test gives.
#pragma once

#include <tests/framework/actor/stepped.hpp>

#include <banyan/ambassador/call_chain.hpp>
#include <banyan/plan/describe_operation.hpp>
#include <banyan/service/handles.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace banyan::test {

struct get_price {
  using reply = int;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(get_price, (), (sku))
struct set_price {
  using reply = int;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(set_price, (), (sku))
struct draw_number {
  using reply = int;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(draw_number, (), (sku))

struct prices_api {
  static constexpr std::string_view name = "prices";
  using operations = banyan::operations<op<get_price, idempotent::always>, op<set_price, idempotent::by_key>,
                                        op<draw_number, idempotent::never>>;
};

inline const error down{code::unavailable, "down"};  // not applied
inline const error lost{code::unavailable, "lost", outcome::unknown};
inline const error wrong{code::not_found, "no such price"};

// What the test's handlers are asked.
template <class Operation>
struct ask_for {
  using reply = int;
  std::string sku = "A";
};

// The attempts that arrived, and what becomes of each.
struct arrived {
  std::string endpoint, operation, sku;
  monotonic at, deadline;
  bool given_up = false;
  completion<remote_answer> answer;

  void reply(int value) { answer(remote_answer{make_message<int>(value)}); }
  void fail(error why) { answer(std::move(why)); }
};

class scripted_transport final : public transport {
 public:
  explicit scripted_transport(const clock& c) : clock_{c} {}

  struct held_attempt final : attempt {
    explicit held_attempt(std::shared_ptr<arrived> a) : of{std::move(a)} {}
    ~held_attempt() override { of->given_up = true; }
    std::shared_ptr<arrived> of;
  };
  std::unique_ptr<attempt> send(const endpoint& to, const operation& what, const message& request, monotonic deadline,
                                completion<remote_answer> answer) override {
    auto a = std::make_shared<arrived>();
    a->endpoint = to.node;
    a->operation = what.name;
    a->sku = const_cast<message&>(request).as<get_price>().sku;  // all three requests look the same
    a->at = clock_.steady();
    a->deadline = deadline;
    a->answer = std::move(answer);
    all.push_back(a);
    if (look) look(request);
    if (script) script(*a);
    return std::make_unique<held_attempt>(std::move(a));
  }

  std::vector<std::shared_ptr<arrived>> all;
  std::function<void(arrived&)> script;  // empty: the test answers
  std::function<void(const message&)> look;

 private:
  const clock& clock_;
};

template <class Operation>
task<result<int>> pass_on(context<prices_api> ctx, const ask_for<Operation>& m) {
  co_return co_await ctx.ask<prices_api, Operation>(m.sku);
}

struct asking_worker : actor {
  explicit asking_worker(const service_scope* s) : scope{s} {}
  bool isolates_requests() const override { return true; }
  behavior make_behavior() override {
    behavior b;
    add<get_price>(b);
    add<set_price>(b);
    add<draw_number>(b);
    return b;
  }
  template <class Operation>
  void add(behavior& b) {
    b.add_handler<ask_for<Operation>>(
        [this](const ask_for<Operation>& m) { return pass_on<Operation>(context<prices_api>{self(), *scope}, m); });
  }
  const service_scope* scope;
};

// Answers by a script; counts what it was asked.
struct price_server : actor {
  using answers = std::function<result<int>(const std::string& sku)>;
  explicit price_server(answers* a, nanoseconds* takes) : by{a}, delay{takes} {}
  behavior make_behavior() override {
    return behavior{}
        .on<get_price>([this](const get_price& m) { return answer(m.sku); })
        .on<set_price>([this](const set_price& m) { return answer(m.sku); })
        .on<draw_number>([this](const draw_number& m) { return answer(m.sku); });
  }
  task<result<int>> answer(std::string sku) {
    const auto wait = *delay;
    if (wait > nanoseconds{0}) co_await self().sleep(wait);
    co_return (*by)(sku);
  }
  answers* by;
  nanoseconds* delay;
};

struct link_world {
  // `nodes`: names of the endpoints that the transport reaches; none: the service is of this node.
  explicit link_world(link_parts parts, std::vector<std::string> nodes = {}) {
    for (auto o : {describe_operation<get_price>("prices", idempotent::always),
                   describe_operation<set_price>("prices", idempotent::by_key),
                   describe_operation<draw_number>("prices", idempotent::never)})
      operations.push_back(std::move(o));
    spec.from = "shop";
    spec.to = "prices";
    spec.parts = std::move(parts);
    link_route route;
    if (nodes.empty()) {
      const auto server = s.spawn<price_server>({}, &answers, &takes);
      for (auto& o : operations) here.add(o.request, {.service = "prices", .to = server, .of = &o});
    } else {
      endpoint_list list;
      for (const auto& n : nodes) list.push_back({n, n + ":1"});
      reachable->set(std::move(list));
      far = std::make_shared<scripted_transport>(s.clock);
      route = {far, reachable, operations};
    }
    chain = std::make_shared<call_chain>(spec, here, std::move(route), s.system, metrics);
    scope.service = "shop";
    scope.directory = &here;
    scope.links.emplace("prices", chain);
    worker = s.spawn<asking_worker>({}, &scope);
  }

  ~link_world() {
    s.system.shutdown();  // ends the calls under way, which refer to the link
    s.run();
  }

  template <class Operation = get_price>
  stepped::answer_slot<int> ask(const std::string& sku = "A", timespan limit = std::chrono::seconds{60}) {
    return s.ask(worker, ask_for<Operation>{sku}, limit);
  }
  double metric(const std::string& line_begin) const {  // the value behind a series; -1: none
    chain->update_metrics();
    const auto text = "\n" + metrics.text();
    const auto at = text.find("\n" + line_begin);
    return at == std::string::npos ? -1 : std::stod(text.substr(text.find(' ', at + 1 + line_begin.size() - 1)));
  }

  stepped s;
  metrics_registry metrics;
  std::vector<operation> operations;
  directory here;
  link_spec spec;
  std::shared_ptr<endpoint_set> reachable = std::make_shared<endpoint_set>();
  std::shared_ptr<scripted_transport> far;
  price_server::answers answers = [](const std::string&) { return 7; };
  nanoseconds takes{0};
  std::shared_ptr<call_chain> chain;
  service_scope scope;
  address worker;
};

}  // namespace banyan::test
