// What stands for a service of another node.
#include <tests/framework/transport/prices.hpp>

#include <banyan/transport/call_server.hpp>
#include <banyan/transport/remote_service.hpp>

#include <catch2/catch.hpp>

#include <deque>

using namespace prices_test;

namespace {

// Keeps what is sent, until the test answers it.
class kept_calls final : public transport {
 public:
  struct sent {
    endpoint to;
    encoded_call call;
    completion<remote_answer> answer;
    const operation* what;
    bool given_up = false;
  };
  class one final : public attempt {
   public:
    explicit one(sent& s) : sent_{s} {}
    ~one() override { sent_.given_up = true; }

   private:
    sent& sent_;
  };
  std::unique_ptr<attempt> send(const endpoint& to, const operation& what, const message& request, monotonic,
                                completion<remote_answer> answer) override {
    all.push_back({to, encode_call(what, request), std::move(answer), &what});
    return std::make_unique<one>(all.back());
  }
  void answer(std::size_t i, encoded_answer a) {
    auto reply = decode_answer(*all[i].what, std::move(a));
    all[i].answer(reply ? result<remote_answer>{remote_answer{std::move(*reply)}}
                        : result<remote_answer>{std::move(reply.error())});
  }
  std::deque<sent> all;
};

struct world {
  test::stepped s;
  operation get = describe_operation<get_price>("prices", idempotent::always);
  operation local = describe_operation<local_only>("prices");
  std::shared_ptr<endpoint_set> nodes = std::make_shared<endpoint_set>(endpoint_list{{"one", "one"}, {"two", "two"}});
  std::shared_ptr<kept_calls> calls = std::make_shared<kept_calls>();
  address remote = s.system.spawn(
      [this] {
        return std::make_unique<remote_service>("prices", std::vector<const operation*>{&get, &local}, nodes, calls);
      },
      {});
  auto ask(std::string sku, timespan limit = 10s) { return s.ask(remote, get_price{std::move(sku), {}}, limit); }
};

}  // namespace

TEST_CASE("a request is called on one node after the other, and its answer comes back as from here",
          "[remote_service]") {
  world w;
  auto a = w.ask("A"), b = w.ask("B"), c = w.ask("C");
  REQUIRE(w.calls->all.size() == 3);
  CHECK(w.calls->all[0].to.node == "one");
  CHECK(w.calls->all[1].to.node == "two");
  CHECK(w.calls->all[2].to.node == "one");
  CHECK(w.calls->all[1].call.payload == R"({"sku":"B"})");
  w.calls->answer(1, {R"({"minor":7,"in":"gbp"})", 0, {}});
  w.s.run();
  REQUIRE(b.is_there());
  CHECK(b->value().minor == 7);
  CHECK_FALSE(a.is_there());
  w.calls->answer(0, refused_call(error{code::not_found, "no such product"}.because("unknown_sku")));
  w.s.run();
  CHECK(a->error().reason == "unknown_sku");
}

TEST_CASE("an answer that does not decode says so, and that nobody knows what was done", "[remote_service]") {
  world w;
  auto a = w.ask("A");
  w.calls->answer(0, {R"({"minor":7,"in":"groats"})", 0, {}});
  w.s.run();
  REQUIRE(a.is_there());
  CHECK(a->error().code == code::internal);
  CHECK(a->error().outcome == outcome::unknown);
  CHECK(a->error().message.find("must be one of gbp, eur") != std::string::npos);
}

TEST_CASE("nodes come and go while calls are made", "[remote_service]") {
  world w;
  w.nodes->set({});
  auto none = w.ask("A");
  REQUIRE(none.is_there());
  CHECK(none->error().code == code::unavailable);
  CHECK(none->error().outcome == outcome::not_applied);
  w.nodes->set({{"three", "three"}});
  w.ask("B");
  REQUIRE(w.calls->all.size() == 1);
  CHECK(w.calls->all[0].to.node == "three");
}

TEST_CASE("a caller that is out of time, or is gone, gives its call up on the other node", "[remote_service]") {
  world w;
  auto late = w.ask("A", 2s);
  CHECK_FALSE(w.calls->all[0].given_up);
  w.s.advance(3s);
  CHECK(late->error().code == code::deadline_exceeded);
  CHECK(w.calls->all[0].given_up);
  w.calls->answer(0, {R"({"minor":7,"in":"gbp"})", 0, {}});  // too late: nobody takes it for the answer of another call
  auto next = w.ask("B");
  w.s.run();
  CHECK_FALSE(next.is_there());
}

TEST_CASE("what can not travel is refused", "[remote_service]") {
  world w;
  auto r = w.s.ask(w.remote, local_only{});
  REQUIRE(r.is_there());
  CHECK(r->error().code == code::unimplemented);
  CHECK(w.calls->all.empty());
}
