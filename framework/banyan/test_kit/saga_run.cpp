#include <banyan/test_kit/saga_run.hpp>

#include <banyan/saga/rebuild.hpp>
#include <banyan/saga/step_outcome.hpp>
#include <banyan/test_kit/given_when_then.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <span>
#include <utility>

namespace banyan::test_kit {
namespace {

constexpr int most_steps = 100'000;  // of one test

class saga_driver {
 public:
  saga_driver(const saga_code& code, saga_script script, saga_run_mode mode)
      : code_{code}, script_{std::move(script)}, mode_{mode}, now_{script_.start} {}

  saga_story run(nested_json input) {
    for (auto& h : script_.happenings) schedule(add_saturating(script_.start, h.at), {0, std::move(h.what)});
    start(script_.head, std::move(input));
    for (int i = 0; !is_over(); ++i) {
      if (agenda_.empty()) fail("the saga waits for ever: nothing of this test happens any more" + outstanding());
      if (i == most_steps) fail("the saga does not end after " + std::to_string(most_steps) + " steps of the test");
      auto next = agenda_.extract(agenda_.begin());
      now_ = std::max(now_, next.key().first);
      act(std::move(next.mapped()));
    }
    story_.ending = machine_->ending().value_or(saga_ending{saga_outcome::attention, machine_->returned()});
    story_.took = now_ - script_.start;
    return std::move(story_);
  }

 private:
  // An answer to give to a request (`number`), or a notification.
  struct action {
    int number;
    saga_notification what;
  };

  // Undo actions that were refused wait for an operator, whom a test does not have.
  bool is_over() const { return machine_->ending() || machine_->phase() == saga_phase::attention; }

  void schedule(instant at, action a) { agenda_.emplace(std::pair{at, ++scheduled_}, std::move(a)); }

  void start(saga_head head, nested_json input) {
    machine_ = std::make_unique<saga_machine>(&code_, script_.limits);
    run_begins_ = story_.history.size();
    known_.clear();
    std::erase_if(agenda_,
                  [](const auto& a) { return a.second.number != 0 || a.second.what.kind == saga_notice::fired; });
    auto first = machine_->start(std::move(head), std::move(input), now_);
    if (!first) fail("the saga does not start: " + to_string(first.error()));
    stored(std::move(*first));
  }

  void act(action a) {
    if (a.number == 0) return notify(std::move(a.what));
    const auto* asked = request(a.number);
    if (!asked) return;
    auto& fake = script_.fakes[asked->name];
    const auto reply = answer(*asked, fake);
    if (lose(*asked, fake)) return schedule(now_, {a.number, {}});
    if (const auto found = found_out(*asked)) return notify(saga_answer(a.number, *found));
    notify(saga_answer(a.number, reply));
  }

  // An operation that may not be repeated was executed, and its answer was lost: its query is asked. When the test does
  // not say what that answers, it finds the stored reply.
  std::optional<nested_json> found_out(const saga_request& asked) {
    const auto known = script_.operations.find(asked.name);
    if (!was_lost_.contains(asked.command) || known == script_.operations.end()) return std::nullopt;
    const auto& [name, of] = *known;
    if (of.how != idempotent::never || !of.known_by) return std::nullopt;
    story_.queries.push_back(of.known_by->operation);
    const auto query = script_.fakes.find(of.known_by->operation);
    if (query == script_.fakes.end() || !query->second.answer) return std::nullopt;
    result<std::string> told = of.known_by->query_of(asked.arguments.text);
    if (told) {
      auto answered = query->second.answer({*told});
      told = answered ? result<std::string>{answered->text} : result<std::string>{answered.error()};
    }
    const auto found = finding_of(*of.known_by, asked.arguments, told, true);
    if (found.is == saga_finding::kind::outcome) return found.answer;
    fail(of.known_by->operation + " must say what became of " + name + ", which the service has executed" +
         (found.why.message.empty() ? std::string{} : ": " + found.why.message));
  }

  const saga_request* request(int number) const {
    for (const auto& o : machine_->outstanding())
      if (o.request->number == number) return o.request;
    return nullptr;
  }

  // A service executes a command once, and repeats its stored reply.
  nested_json answer(const saga_request& asked, saga_script::fake& fake) {
    if (const auto done = replies_.find(asked.command); done != replies_.end()) return done->second;
    nested_json reply{R"({"ok":{}})"};  // of an undo action
    if (fake.answer) {
      auto answered = fake.answer(asked.arguments);
      reply = answered ? nested_json{R"({"ok":)" + answered->text + "}"} : saga_error(answered.error());
    } else if (asked.kind == saga_wish::step) {
      fail("the saga asks " + asked.name + ", and the test gives no answer: add .answers<...>() or .refuses<...>()");
    }
    return replies_[asked.command] = reply;
  }

  bool lose(const saga_request& asked, saga_script::fake& fake) {
    if (fake.answers_lost > 0) {
      --fake.answers_lost;
      was_lost_.insert(asked.command);
      return true;
    }
    const bool loses = mode_ == saga_run_mode::answers_lost && lost_.insert(asked.command).second;
    if (loses) was_lost_.insert(asked.command);
    return loses;
  }

  void notify(saga_notification n) {
    const bool is_timer = n.kind == saga_notice::fired;
    auto turn = machine_->feed(std::move(n), now_);
    if (turn) return stored(std::move(*turn));
    // A timer that is not wanted any more, a cancellation that comes too late.
    const auto& why = turn.error();
    if (why.code == code::internal || why.code == code::unavailable) fail("the saga is blocked: " + why.message);
    if (!is_timer && why.code == code::invalid_argument) fail("an event of this test is refused: " + to_string(why));
  }

  void stored(saga_append turn) {
    story_.history.push_back(turn.payload);
    for (const auto& r : turn.turn.then) {
      if (r.kind == saga_wish::publish) story_.published.push_back(r.name);
      if (r.kind == saga_wish::status) story_.statuses.push_back(r.name);
    }
    if (mode_ == saga_run_mode::rebuilt) rebuild();
    look_at_outstanding();
    if (auto next = machine_->next_run()) start(std::move(next->head), std::move(next->input));
  }

  void rebuild() {
    const auto turns = std::span<const std::string>{story_.history}.subspan(run_begins_);
    if (auto same = verify_saga(&code_, turns, *machine_); !same)
      fail("the saga differs when it is run again: " + same.error().message);
    auto again = rebuild_saga(&code_, turns, script_.limits);
    machine_ = std::move(*again);
  }

  void look_at_outstanding() {
    for (const auto& o : machine_->outstanding()) {
      const auto& r = *o.request;
      if (!known_.insert(r.number).second) continue;
      if (r.kind == saga_wish::timer) {
        schedule(*r.due, {0, saga_fired(r.number)});
        continue;
      }
      auto& list = r.kind == saga_wish::undo ? story_.undone : story_.steps;
      list.push_back({r.name, r.arguments, r.command, now_ - script_.start});
      schedule(add_saturating(now_, script_.fakes[r.name].takes), {r.number, {}});
    }
  }

  std::string outstanding() const {
    std::string text = "; it has asked for";
    for (const auto& line : story_.history) text += "\n  " + line;
    return text;
  }

  [[noreturn]] static void fail(const std::string& text) { throw expectation_failed{text}; }

  const saga_code& code_;
  saga_script script_;
  saga_run_mode mode_;
  instant now_;
  std::unique_ptr<saga_machine> machine_;
  saga_story story_;
  std::size_t run_begins_ = 0;
  std::map<std::pair<instant, int>, action> agenda_;
  int scheduled_ = 0;
  std::set<int> known_;
  std::map<uuid, nested_json> replies_;
  std::set<uuid> lost_, was_lost_;
};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

}  // namespace

saga_story run_saga(const saga_code& code, saga_script script, const nested_json& input, saga_run_mode mode) {
  return saga_driver{code, std::move(script), mode}.run(input);
}

saga_story run_saga_every_way(const saga_code& code, const saga_script& script, const nested_json& input) {
  auto plain = run_saga(code, script, input, saga_run_mode::plain);
  for (const auto mode : {saga_run_mode::rebuilt, saga_run_mode::answers_lost}) {
    const auto other = run_saga(code, script, input, mode);
    if (other.history != plain.history)
      throw expectation_failed{std::string{"the saga does something else "} +
                               (mode == saga_run_mode::rebuilt ? "when it is built again after every turn"
                                                               : "when every answer is lost once") +
                               "\nplain:\n" + joined(plain.history) + "now:\n" + joined(other.history)};
  }
  return plain;
}

std::size_t replay_histories(const std::string& folder, const std::function<saga_code(const saga_head&)>& code_of) {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(folder))
    for (const auto& f : std::filesystem::recursive_directory_iterator{folder})
      if (f.path().extension() == ".jsonl") files.push_back(f.path());
  std::sort(files.begin(), files.end());
  std::size_t turns = 0;
  for (const auto& file : files) {
    std::ifstream in{file};
    std::unique_ptr<saga_code> code;
    std::unique_ptr<saga_machine> machine;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      if (line.empty()) continue;
      const auto fail = [&](const std::string& why) {
        throw expectation_failed{file.string() + ":" + std::to_string(number) + ": " + why};
      };
      auto turn = from_json<saga_turned>(line);
      if (!turn) fail(turn.error().message);
      if (turn->head) {
        machine.reset();
        code = std::make_unique<saga_code>(code_of(*turn->head));
        machine = std::make_unique<saga_machine>(code.get());
      }
      if (!machine) fail("the first turn of a saga has a head");
      if (auto same = machine->replay(*turn, line.size()); !same) fail(same.error().message);
      ++turns;
    }
  }
  if (turns == 0) throw expectation_failed{"there is no recorded turn in " + folder + "/*.jsonl"};
  return turns;
}

}  // namespace banyan::test_kit
