#include <banyan/test_kit/fake_services.hpp>

#include <banyan/ambassador/ambassador.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <exception>

namespace banyan::test_kit::detail {

namespace {

constexpr std::string_view node_name = "test";

// Answers as the test says, and remembers what it is asked. Requests and replies make a round trip through their JSON,
// as between nodes.
class fake_actor final : public actor {
 public:
  struct memory {
    fake_services fakes;
    monotonic began{};
    std::vector<asked_request> asked = {};
    std::exception_ptr thrown = {};
    std::string unanswered = {};
  };
  explicit fake_actor(memory& m) : memory_{m} {}
  bool isolates_requests() const override { return true; }
  behavior make_behavior() override {
    return behavior{}.otherwise([this](message_ptr& m) {
      self().answer_by(std::move(m), [this](message& request) { return answer(request); });
    });
  }

 private:
  task<result<message_ptr>> answer(message& m) {
    const auto& all = memory_.fakes.all();
    const auto fake = std::find_if(all.begin(), all.end(), [&](const auto& f) { return f.of.request == m.type; });
    remember(*fake, m);
    const bool is_silent = fake->takes == timespan::max();
    if (!fake->answer && !is_silent) {
      if (memory_.unanswered.empty())
        memory_.unanswered = "the handler asks " + fake->of.name +
                             ", to which the test gives no answer: add given(...)\n" +
                             text_of(m, fake->of.request_codec);
      co_return error{code::unimplemented, "the test gives no answer to " + fake->of.name};
    }
    if (fake->takes > timespan{}) co_await self().sleep(fake->takes);
    try {
      auto request = copy(m, fake->of.request_codec);
      auto reply = fake->answer(request ? *request : m);
      if (reply)
        if (auto travelled = copy(**reply, fake->of.reply_codec)) co_return travelled;
      co_return reply;
    } catch (...) {
      if (!memory_.thrown) memory_.thrown = std::current_exception();
    }
    co_return error{code::internal, "the fake of " + fake->of.name + " threw"};
  }
  void remember(const fake_services::fake& f, const message& m) {
    const auto left = m.deadline == monotonic::max() ? timespan::max() : timespan{m.deadline - self().steady()};
    memory_.asked.push_back(
        {f.of.name, f.of.request_codec ? parse_json(encode(*f.of.request_codec, m)).value() : boost::json::value{},
         m.context ? m.context->command : uuid{}, timespan{self().steady() - memory_.began}, left});
  }
  static std::string text_of(const message& m, const message_codec* codec) {
    return codec ? encode(*codec, m) : std::string{m.type->name};
  }
  // Null: the type has no JSON.
  static message_ptr copy(const message& m, const message_codec* codec) {
    if (!codec) return {};
    const auto text = encode(*codec, m);
    auto read_back = decode_message(*codec, text);
    if (!read_back)
      throw expectation_failed{std::string{m.type->name} +
                               " does not survive its own JSON: " + to_string(read_back.error()) + "\n" + text};
    return std::move(*read_back);
  }

  memory& memory_;
};

simulation_options at_once() { return {.seed = 1, .disk_min = {}, .disk_max = {}, .trace_log = 1000}; }

}  // namespace

void fake_services::offer(std::string service, operation of) { fakes_.push_back({std::move(service), std::move(of)}); }
void fake_services::answer(const message_type* request, fake_answer how) { at(request).answer = std::move(how); }
void fake_services::take(const message_type* request, timespan duration) { at(request).takes = duration; }

void fake_services::deadlines_of(const plan& service) {
  for (const auto& [item, link] : service.all<link_spec>()) deadlines_[link->to] = link->parts.deadline;
}

fake_services::fake& fake_services::at(const message_type* request) {
  return *std::find_if(fakes_.begin(), fakes_.end(), [&](const fake& f) { return f.of.request == request; });
}

struct handler_node::state {
  explicit state(std::string service, const fake_services& f) : memory{f} { scope.service = std::move(service); }
  fake_actor::memory memory;
  directory endpoints;
  service_scope scope;
  std::vector<std::shared_ptr<void>> kept;
  std::optional<simulated_actors> here;
  simulation world{at_once()};  // last: its actors refer to the others
};

handler_node::handler_node(std::string service, const fake_services& fakes, std::optional<instant> now)
    : state_{std::make_unique<state>(std::move(service), fakes)} {
  auto& s = *state_;
  s.world.add(std::string{node_name}, [&s](simulated_actors& here) { s.here.emplace(here); });
  if (now)
    s.world.inject({.kind = fault_kind::clock_jump, .node = std::string{node_name}, .jump = *now - s.world.now()});
  const auto fake =
      s.here->system().spawn([&m = s.memory] { return std::make_unique<fake_actor>(m); }, {.name = "the fakes"});
  s.scope.directory = &s.endpoints;
  s.scope.own = std::make_shared<plain_link>(s.endpoints, own_link_deadline);
  for (const auto& f : s.memory.fakes.all()) {
    s.endpoints.add(f.of.request, {.service = f.service, .to = fake, .of = &f.of});
    if (f.service == s.scope.service) continue;
    const auto& known = fakes.deadlines();
    const auto deadline = known.find(f.service);
    s.scope.links.try_emplace(
        f.service,
        std::make_shared<plain_link>(s.endpoints, deadline == known.end() ? link_parts{}.deadline : deadline->second));
  }
  begin();
}
handler_node::~handler_node() = default;

actor_system& handler_node::system() { return state_->here->system(); }
banyan::journal& handler_node::journal() { return state_->here->journal(); }
const service_scope& handler_node::scope() const { return state_->scope; }
monotonic handler_node::now() const { return state_->world.steady(); }
void handler_node::keep(std::shared_ptr<void> what) { state_->kept.push_back(std::move(what)); }
void handler_node::begin() { state_->memory.began = now(); }
const std::vector<asked_request>& handler_node::asked() const { return state_->memory.asked; }

void handler_node::run_until(const std::function<bool()>& is_done, timespan limit) {
  constexpr std::size_t most = 1'000'000;  // steps at one moment: a handler that asks again without a pause has no end
  const auto until = add_saturating(now(), limit);
  for (std::size_t steps = 0; !is_done(); ++steps) {
    const auto before = now();
    if (!state_->world.step(until)) return;
    if (now() != before) steps = 0;
    if (steps == most)
      throw expectation_failed{"the handler makes no pause: it has sent " + std::to_string(asked().size()) +
                               " requests, and no time has passed"};
  }
}

std::string handler_node::last_failure() const {
  const auto lines = state_->world.trace_log();
  for (auto line = lines.rbegin(); line != lines.rend(); ++line)
    for (const auto* what : {": ", " crashes: "})
      if (const auto text = std::string{handler_name} + what; line->find(text) != line->npos)
        return line->substr(line->find(text) + text.size());
  return {};
}

void handler_node::check() const {
  if (state_->memory.thrown) std::rethrow_exception(state_->memory.thrown);
  if (!state_->memory.unanswered.empty()) throw expectation_failed{state_->memory.unanswered};
}

void expect_asked(const std::vector<asked_request>& actual, const boost::json::array& expected) {
  boost::json::array all;
  for (const auto& a : actual) all.push_back(boost::json::object{{a.operation, a.request}});
  expect_same("the requests to services differ", expected, all);
}

}  // namespace banyan::test_kit::detail
