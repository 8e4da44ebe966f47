// Steps whose answers are lost: money is drawn once, whatever the bank does with requests and answers, and however
// often the power fails.
#include "bank.hpp"
#include "saga_node.hpp"

using namespace saga_tests;

namespace {

enum class fate { served, answer_lost, request_lost, late, refused };

class bank {
 public:
  std::deque<fate> fates;             // of the next requests; then they are served
  bool answers_queries = true;
  bool says_not_found = false;        // the query itself is refused when it finds nothing
  int asked = 0, queried = 0, drawings = 0;
  monotonic last_query{};

  template <class Request>
  void draw(message_ptr& m, monotonic now) {
    begin_late(now);
    ++asked;
    auto is = fates.empty() ? fate::served : fates.front();
    if (!fates.empty()) fates.pop_front();
    const auto command = m->context->command;
    const bool remembers = !std::is_same_v<Request, draw_cash> && commands_.contains(command) &&
                           now < add_saturating(commands_[command], nanoseconds{24h});
    if (refused_.contains(command) || (is == fate::refused && !remembers)) {
      refused_.insert(command);
      return m->fail(error{code::refused, "no money"}.because("declined"));
    }
    if (is == fate::late) late_.emplace_back(add_saturating(now, nanoseconds{4s}), command);
    if ((is == fate::served || is == fate::answer_lost || is == fate::refused) && !remembers) execute(command, now);
    if (is != fate::served && is != fate::refused) return m->fail({code::unavailable, "lost", outcome::unknown});
    answer<drawn>(*m, drawn{"d-1"});
  }
  void tell(message_ptr& m, monotonic now) {
    begin_late(now);
    ++queried;
    last_query = now;
    if (!answers_queries) return m->fail({code::unavailable, "the bank is closed"});
    if (drawings == 0 && says_not_found) return m->fail({code::not_found, "no such drawing"});
    answer<drawing>(*m, drawings == 0 ? drawing{"unknown", ""} : drawing{"drawn", "d-1"});
  }
  void begin_late(monotonic now) {
    while (!late_.empty() && late_.front().first <= now) {
      if (!commands_.contains(late_.front().second) && !refused_.contains(late_.front().second))
        execute(late_.front().second, now);
      late_.pop_front();
    }
  }

 private:
  void execute(const uuid& command, monotonic now) {
    ++drawings;
    commands_[command] = now;
  }
  std::map<uuid, monotonic> commands_;
  std::set<uuid> refused_;
  std::deque<std::pair<monotonic, uuid>> late_;
};

class bank_actor final : public actor {
 public:
  explicit bank_actor(bank& b) : bank_{b} {}
  behavior make_behavior() override {
    return behavior{}
        .on_message<draw_cash>([this](message_ptr& m) { bank_.draw<draw_cash>(m, self().steady()); })
        .on_message<debit>([this](message_ptr& m) { bank_.draw<debit>(m, self().steady()); })
        .on_message<debit_blindly>([this](message_ptr& m) { bank_.draw<debit_blindly>(m, self().steady()); })
        .on_message<get_drawing>([this](message_ptr& m) { bank_.tell(m, self().steady()); });
  }

 private:
  bank& bank_;
};

template <class Request>
class bank_node {
 public:
  bank_node() { CHECK(n.order({.what = saga_command::start, .payload = nested(purchase{"o17"})}, "start")); }
  explicit bank_node(bank b) : bank_{std::move(b)} {
    CHECK(n.order({.what = saga_command::start, .payload = nested(purchase{"o17"})}, "start"));
  }
  static saga_spec spec() {
    saga_spec s;
    s.name = "purchases";
    s.category = "purchases";
    s.versions.push_back({1, saga_code_of<draws<Request>>("purchases", 1)});
    return s;
  }
  more_services services() {
    return {[](saga_operations& all) { add_operations<bank_api>(all); },
            [this](saga_node& node) {
              node.add_service([this] { return std::make_unique<bank_actor>(bank_); },
                               {type_of<draw_cash>(), type_of<debit>(), type_of<debit_blindly>(),
                                type_of<get_drawing>()});
            }};
  }

  bank bank_;
  saga_node n{spec(), "o17", services()};
};

bank with(std::deque<fate> fates) {
  bank b;
  b.fates = std::move(fates);
  return b;
}

const std::string ends_well = R"(done {"ok":{"drawing":"d-1"}})";

}  // namespace

TEST_CASE("an operation that may not be repeated: a lost answer is found by its query") {
  bank_node<draw_cash> t{with({fate::answer_lost})};
  t.n.pass(1min);
  CHECK(t.n.ending() == ends_well);
  CHECK(t.bank_.asked == 1);
  CHECK(t.bank_.queried == 1);
}

TEST_CASE("a query that knows nothing yet does not let it be asked again before its deadline and a margin") {
  for (const bool says_not_found : {false, true}) {
    bank b = with({fate::late});
    b.says_not_found = says_not_found;
    bank_node<draw_cash> t{std::move(b)};
    t.n.pass(3s);
    CHECK(t.bank_.queried > 0);
    CHECK(t.bank_.asked == 1);
    t.n.pass(1min);
    CHECK(t.n.ending() == ends_well);
    CHECK(t.bank_.asked == 1);
    CHECK(t.bank_.drawings == 1);
  }
}

TEST_CASE("a request that was lost is asked again when it can not begin any more") {
  bank_node<draw_cash> t{with({fate::request_lost})};
  t.n.pass(14s);  // five of its deadline, ten of margin
  CHECK(t.bank_.asked == 1);
  t.n.pass(2min);
  CHECK(t.n.ending() == ends_well);
  CHECK(t.bank_.asked == 2);
  CHECK(t.bank_.drawings == 1);
}

TEST_CASE("as long as the query is not answered, nothing is asked again") {
  bank b = with({fate::answer_lost});
  b.answers_queries = false;
  bank_node<draw_cash> t{std::move(b)};
  t.n.pass(48h);
  CHECK(t.n.ending() == "no end");
  CHECK(t.bank_.asked == 1);
  t.bank_.answers_queries = true;
  t.n.pass(2min);
  CHECK(t.n.ending() == ends_well);
  CHECK(t.bank_.asked == 1);
}

TEST_CASE("after a restart it is in doubt: asked after, before it is asked") {
  test::counting_random random{1};
  bank b = with({fate::answer_lost});
  b.answers_queries = false;
  bank_node<draw_cash> t{std::move(b)};
  t.n.fail_power(random);
  t.bank_.answers_queries = true;
  t.n.pass(2min);
  CHECK(t.n.ending() == ends_well);
  CHECK(t.bank_.asked == 1);
}

TEST_CASE("one that is repeated by its key is asked again, with the same command id") {
  bank_node<debit> t{with({fate::answer_lost, fate::request_lost, fate::late})};
  t.n.pass(5min);
  CHECK(t.n.ending() == ends_well);
  CHECK(t.bank_.asked == 4);
  CHECK(t.bank_.queried == 0);
  CHECK(t.bank_.drawings == 1);
}

TEST_CASE("past the horizon a step is not asked again: its query settles it") {
  bank b = with({fate::answer_lost});
  for (int i = 0; i < 100'000; ++i) b.fates.push_back(fate::request_lost);
  bank_node<debit> t{std::move(b)};
  t.n.pass(21h);
  CHECK(t.bank_.queried == 0);
  const auto asked = t.bank_.asked;
  CHECK(asked > 100);
  t.n.pass(3h);
  CHECK(t.n.ending() == ends_well);
  t.bank_.fates.clear();
  CHECK(t.bank_.drawings == 1);
  CHECK(t.bank_.queried > 0);
}

TEST_CASE("a program that was down until the horizon was past asks the query") {
  test::counting_random random{1};
  bank_node<debit> t{with({fate::answer_lost, fate::request_lost, fate::request_lost})};
  t.n.power->on = false;
  t.n.s->clock.time += 25h;  // nothing runs
  t.n.fail_power(random);
  t.n.pass(2min);
  CHECK(t.n.ending() == ends_well);
  CHECK(t.bank_.drawings == 1);
}

TEST_CASE("past the horizon, what was not applied is an error for the saga") {
  bank b;
  for (int i = 0; i < 100'000; ++i) b.fates.push_back(fate::request_lost);
  bank_node<debit> t{std::move(b)};
  t.n.pass(24h);
  CHECK(t.n.ending().starts_with("undone"));
  CHECK(t.n.ending().find("past_horizon") != std::string::npos);
  CHECK(t.bank_.drawings == 0);
}

TEST_CASE("without a query a person must find out what became of it") {
  bank b = with({fate::answer_lost});
  for (int i = 0; i < 100'000; ++i) b.fates.push_back(fate::request_lost);
  bank_node<debit_blindly> t{std::move(b)};
  t.n.pass(22h);
  t.bank_.fates.clear();  // it would answer again, and draw a second time
  t.n.pass(26h);
  CHECK(t.n.ending() == "no end");
  CHECK(t.bank_.drawings == 1);
  const auto seen = t.n.described();
  REQUIRE(seen);
  REQUIRE(seen->open_steps.size() == 1);
  CHECK(seen->open_steps.front().needs_attention);
  CHECK(seen->open_steps.front().last_error->reason == "past_horizon");
  REQUIRE(t.n.attention->list().size() == 1);
  CHECK(t.n.attention->list().front().stream == "purchases-o17");

  SECTION("a restart changes nothing") {
    test::counting_random random{1};
    t.n.fail_power(random);
    t.n.pass(1h);
    CHECK(t.bank_.drawings == 1);
    CHECK(t.n.described()->open_steps.front().needs_attention);
  }
  SECTION("a retry does not ask it either") {
    CHECK(t.n.order({.what = saga_command::retry}));
    t.n.pass(1h);
    CHECK(t.bank_.drawings == 1);
  }
  const saga_order answer{.what = saga_command::answer, .payload = saga_ok(drawn{"d-1"}), .by = "ann", .number = 1};
  SECTION("an answer that is none is refused") {
    for (const char* text : {"{", "{}", R"({"ok":{},"error":{"code":"refused"}})"}) {
      auto wrong = answer;
      wrong.payload = {text};
      CHECK(t.n.order(wrong).error().code == code::invalid_argument);
    }
    auto other = answer;
    other.number = 2;
    CHECK(t.n.order(other).error().reason == "not_outstanding");
    CHECK(t.n.ending() == "no end");
  }
  CHECK(t.n.order(answer, "ann's answer"));
  CHECK(t.n.order(answer, "ann's answer"));  // a repeat
  CHECK(t.n.ending() == ends_well);
  CHECK(t.n.turns().back().find(R"("by":"ann")") != std::string::npos);
  CHECK(t.n.attention->list().empty());
}

TEST_CASE("a refusal after a lost request is the outcome, and the attempts of a step in doubt are not given up") {
  bank_node<debit> t{with({fate::request_lost, fate::refused})};
  t.n.pass(1min);
  CHECK(t.n.ending().find("declined") != std::string::npos);
  CHECK(t.bank_.drawings == 0);
}

namespace {

// Whatever the bank does, and however often the power fails: when it has come to its senses, the saga ends, and its end
// says what the bank has done.
template <class Request>
void check_once(std::uint64_t seed) {
  INFO("seed " << seed);
  test::counting_random random{seed};
  bank b;
  for (auto i = random.below(6); i > 0; --i) b.fates.push_back(static_cast<fate>(random.below(5)));
  b.says_not_found = random.below(2) == 0;
  bank_node<Request> t{std::move(b)};
  for (auto i = random.below(8); i > 0; --i) {
    for (auto steps = random.below(60); steps > 0; --steps) t.n.step(random);
    if (random.below(3) == 0) t.bank_.answers_queries = !t.bank_.answers_queries;
    if (random.below(2) == 0) t.n.fail_power(random);
  }
  t.bank_.answers_queries = true;
  for (int i = 0; t.n.ending() == "not started" || t.n.ending() == "no end"; ++i) {
    REQUIRE(i < 20);
    (void)t.n.order({.what = saga_command::start, .payload = nested(purchase{"o17"})}, "start");
    t.n.pass(5min);
  }
  t.bank_.begin_late(monotonic::max());
  CHECK(t.bank_.drawings == (t.n.ending() == ends_well ? 1 : 0));
}

}  // namespace

TEST_CASE("money is drawn once, or not at all, and the saga knows which") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    check_once<draw_cash>(seed);
    check_once<debit>(seed);
  }
}
