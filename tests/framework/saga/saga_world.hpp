// A world for one saga: services that execute a command once, other sagas that take a step and end long after, answers
// that are lost, doubled or late, events, cancellations, crashes after any turn, and the laws that must hold whatever
// happens. All by seed.
#pragma once

#include "random_program.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace saga_tests {

class saga_world {
 public:
  saga_world(std::uint64_t seed, program p)
      : random_{seed}, code_{saga_code_of<run_program>("tests")}, input_{nested(p)} {
    stops_ = below(3) == 0;
  }

  // Runs to the end. Throws the law that was broken.
  void run() {
    auto head = driven::head_of();
    start(head, input_);
    for (int i = 0; !machine_->ending(); ++i) {
      if (i > 20'000) broken("it ends");
      something_happens();
    }
    ended_never_changes();
  }

  std::map<std::string, int> counts;  // what happened, so that a test can see that everything did

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  [[noreturn]] void broken(const std::string& law) const {
    std::string text = "broken: " + law;
    for (const auto& line : log_) text += "\n  " + line;
    throw std::runtime_error{text};
  }
  void must(bool holds, const char* law) const {
    if (!holds) broken(law);
  }

  void start(saga_head head, nested_json input) {
    ++counts["runs"];
    log_.clear();
    applied_.clear();
    undone_.clear();
    taken_back_.clear();
    steps_.clear();
    others_.clear();
    early_.clear();
    beyond_ = false;
    undo_requests_.clear();
    carried_ = head.undo;
    machine_ = std::make_unique<saga_machine>(&code_);
    auto first = machine_->start(std::move(head), std::move(input), now_);
    if (!first) broken("it starts: " + to_string(first.error()));
    stored(*first);
  }

  void something_happens() {
    now_ += std::chrono::milliseconds{below(3'000)};
    const auto open = machine_->outstanding();
    const auto dice = below(20);
    if (dice < 2) return crash();
    if (machine_->phase() == saga_phase::attention && dice > 5) return operate();
    if (dice < 5 || open.empty()) return send_event();
    if (dice == 5) return nonsense();
    if (dice == 6 && stops_) return stop();
    answer(*open[below(open.size())].request);
  }

  void crash() {
    ++counts["crashes"];
    auto again = rebuild_saga(&code_, log_);
    if (!again) broken("L1: " + again.error().message);
    auto without_code = rebuild_saga(nullptr, log_);
    if (!without_code) broken("the record can be followed without code: " + without_code.error().message);
    must(wants(**again) == wants(**without_code),
         "the record alone tells what is outstanding, and what would be undone");
    machine_ = std::move(*again);
    if (stops_ && below(8) == 0) abort_without(std::move(*without_code));
  }

  // The code is gone with the next deployment: what was applied is undone from the record.
  void abort_without(std::unique_ptr<saga_machine> code_is_gone) {
    auto turn = code_is_gone->feed(saga_aborted("its code is gone"), now_);
    if (!turn) return;
    ++counts["aborted"];
    machine_ = std::move(code_is_gone);
    stored(*turn);
  }

  static std::string wants(const saga_machine& m) {
    auto text = std::to_string(static_cast<int>(m.phase()));
    for (const auto& o : m.outstanding()) text += "\n" + describe(*o.request) + " " + to_string(o.request->command);
    for (const auto& u : m.to_undo()) text += "\nundo " + u.operation + " " + u.arguments.text;
    return text;
  }

  void send_event() {
    const std::string name(1, static_cast<char>('a' + below(3)));
    const auto text = std::to_string(++sent_);
    auto turn = machine_->feed(saga_event(name, nested(text_message{text})), now_);
    must(turn.has_value(), "an event is taken while the saga lives");
    accepted_[name].push_back(text);
    ++counts["events"];
    stored(*turn);
  }

  void stop() {
    const auto which = below(10);
    auto turn = machine_->feed(which == 0  ? saga_aborted("by the test")
                               : which < 3 ? saga_out_of_time()
                                           : saga_cancelled("by the test"),
                               now_);
    if (!turn) return;
    ++counts[which == 0 ? "aborted" : "stopped"];
    stored(*turn);
  }

  // An operator has the refused undo actions asked again, or says of one that it was done by hand: by its own number
  // or by that of its step.
  void operate() {
    must(!refused_.empty(), "a saga needs a person only when an undo action was refused");
    if (below(3) == 0) {
      ++counts["retried"];
      asked_again_ = std::exchange(refused_, {});
      auto turn = machine_->feed(saga_retried("by the test", "ann"), now_);
      must(turn.has_value(), "refused undo actions are asked again");
      stored(*turn);
      return;
    }
    ++counts["undone by hand"];
    const auto at = refused_.begin() + static_cast<std::ptrdiff_t>(below(refused_.size()));
    const auto number = at->of != 0 && below(2) == 0 ? at->of : at->number;
    refused_.erase(at);
    auto turn = machine_->feed(saga_undone_by_hand(number, "by the test", "ann"), now_);
    must(turn.has_value(), "a refused undo action can be done by hand");
    stored(*turn);
    must(!machine_->feed(saga_undone_by_hand(number, "", ""), now_), "and only once");
  }

  // Nothing of it may become a turn.
  void nonsense() {
    const auto before = machine_->fingerprint();
    const auto number = static_cast<int>(below(30)) + 1;
    for (const auto& o : machine_->outstanding())
      if (o.request->number == number) return;
    for (auto& n : {saga_answer(number, saga_ok(booked{"x"})), saga_fired(number), saga_begun(number),
                    saga_answer(-1, saga_ok(booked{"x"}))})
      must(!machine_->feed(n, now_), "an answer that nobody waits for is no turn");
    must(machine_->fingerprint() == before, "what is refused changes nothing");
  }

  void answer(const saga_request& r) {
    if (r.kind == saga_wish::timer) {
      auto turn = machine_->feed(saga_fired(r.number), now_);
      must(turn.has_value() == (now_ >= *r.due), "L6: a timer fires at its time or later");
      if (turn) stored(*turn);
      return;
    }
    auto& reply = replies_[r.command];
    if (reply.empty() && r.kind == saga_wish::step && another_saga_has(r)) return;
    if (reply.empty()) reply = execute(r);
    if (below(5) == 0) {  // the answer is lost: it is unknown to the saga, and asked for again
      ++counts["lost"];
      const auto unknown = error{code::unavailable, "the link broke", outcome::unknown};
      must(!machine_->feed(saga_answer(r.number, saga_error(unknown)), now_), "an unknown outcome is no answer");
      return;
    }
    const auto again = saga_answer(r.number, {reply}, r.command);
    auto turn = machine_->feed(again, now_);
    must(turn.has_value(), "an answer to an open request is a turn");
    stored(*turn);
    if (below(5) == 0) must(!machine_->feed(again, now_), "a second answer is no turn, nor is one to an earlier run");
  }

  // Whether another saga has the step and has not ended. It may have been told to end, or be past its pivot.
  bool another_saga_has(const saga_request& r) {
    const auto other = others_.find(r.number);
    if (other != others_.end()) return !other->second.is_told_to_end && below(2) == 0;
    if (below(4) != 0) return false;
    ++counts["begun"];
    others_[r.number].is_past_pivot = below(3) == 0;
    auto turn = machine_->feed(saga_begun(r.number), now_);
    must(turn.has_value(), "that another saga has taken a step is a turn");
    stored(*turn);
    must(!machine_->feed(saga_begun(r.number), now_), "and only once");
    return true;
  }

  std::string execute(const saga_request& r) {
    const auto dice = below(12);
    if (r.kind == saga_wish::undo) {
      const auto other = others_.find(r.of);
      if (other != others_.end() && !other->second.has_ended) {
        ++counts[other->second.is_past_pivot ? "too late to end" : "told to end"];
        if (other->second.is_past_pivot) return saga_error(refused("too_late")).text;
        other->second.is_told_to_end = true;
        return saga_ok(booked{"told to end"}).text;
      }
      if (dice != 0) {
        if (r.of != 0 && applied_.contains(r.of))
          must(taken_back_.insert(r.of).second, "L4: what was applied is taken back once");
        return saga_ok(booked{"taken back"}).text;
      }
      ++counts["refused undo"];
      return saga_error(refused("too_late_to_take_back")).text;
    }
    if (const auto other = others_.find(r.number); other != others_.end()) {
      other->second.has_ended = true;
      if (other->second.is_told_to_end) return saga_error(refused("it_was_ended")).text;
      if (other->second.is_past_pivot) {
        ++counts["ended well"];
        if (r.undo) applied_.insert(r.number);
        return saga_ok(booked{r.name}).text;
      }
    }
    if (dice < 2) return saga_error(refused("full")).text;
    if (dice == 2) return saga_error(error{code::unavailable, "gave up"}).text;
    if (r.undo) applied_.insert(r.number);
    if (dice == 3) return saga_error(error{code::internal, "unreadable", outcome::applied}).text;
    return saga_ok(booked{r.name}).text;
  }

  void stored(const saga_append& turn) {
    log_.push_back(turn.payload);
    ++counts["turns"];
    if (auto same = verify_saga(&code_, log_, *machine_); !same) broken("L1: " + same.error().message);
    must(machine_->turns() == static_cast<int>(log_.size()), "L11: appends are turns");
    look_at(turn.turn);
    events_are_taken_in_order();
    if (machine_->ending()) look_at_end(*machine_->ending());
    if (auto next = machine_->next_run()) {
      must(next->head.undo.size() == (beyond_ ? 0 : carried_.size() + applied_.size()),
           "L4: the next run undoes what was applied, and nothing else");
      start(std::move(next->head), std::move(next->input));
    }
  }

  void look_at(const saga_turned& t) {
    const bool answers = t.because.kind == saga_notice::answered;
    if (answers) steps_.erase(t.because.number);
    const auto undo = undo_requests_.find(t.because.number);
    const auto early = early_.find(t.because.number);
    const bool is_refused = answers && undo != undo_requests_.end() && error_in(t.because.payload);
    if (is_refused && early == early_.end()) refused_.push_back(undo->second);
    if (is_refused && early != early_.end()) early->second = false;
    if (t.because.kind == saga_notice::fired)
      must(fired_.insert({machine_->head().run, t.because.number}).second, "L6: a timer fires once");
    for (const auto& r : t.then) {
      if (r.kind == saga_wish::step && !r.refused) steps_.insert(r.number);
      if (r.kind == saga_wish::pivot) beyond_ = true;
      if (r.kind == saga_wish::publish) taken_.push_back(*from_json<taken>(r.arguments.text));
      if (r.kind != saga_wish::undo) continue;
      ++counts["undo"];
      must(!beyond_, "L5: after the pivot nothing is undone");
      undo_requests_[r.number] = {r.number, r.of, r.arguments};
      if (steps_.contains(r.of)) {
        must(others_.contains(r.of), "L4: only what another saga has is undone before it is known");
        for (const auto& [number, holds] : early_)
          must(undo_requests_.at(number).of != r.of, "L4: another saga is told to end once");
        early_[r.number] = true;
        continue;
      }
      must(steps_.empty(), "L4: nothing is undone before all steps are known");
      if (!asked_again_.empty()) {
        must(asked_again_.front().of == r.of && asked_again_.front().arguments == r.arguments,
             "what was refused is asked again in the same order");
        asked_again_.erase(asked_again_.begin());
        continue;
      }
      if (r.of == 0) {
        must(!carried_.empty() && carried_.back().arguments == r.arguments,
             "L4: what the run before left is undone last first");
        must(applied_ == all_undone(), "L4: the run before is undone after this one");
        carried_.pop_back();
        continue;
      }
      must(applied_.contains(r.of), "L4: what was refused is not undone");
      must(!undone_early().contains(r.of), "L4: what was taken back before its answer came is not undone again");
      must(undone_.empty() || *undone_.begin() > r.of, "L4: the last one is undone first, and each once");
      undone_.insert(r.of);
    }
  }

  // Applied steps whose undo action was asked before their answer came, and was not refused.
  std::set<int> undone_early() const {
    std::set<int> found;
    for (const auto& [number, holds] : early_)
      if (const int of = undo_requests_.at(number).of; holds && applied_.contains(of)) found.insert(of);
    return found;
  }
  std::set<int> all_undone() const {
    auto all = undone_early();
    all.insert(undone_.begin(), undone_.end());
    return all;
  }

  void look_at_end(const saga_ending& end) {
    ++counts[boost::describe::enum_to_string(end.how, "")];
    must(steps_.empty(), "a saga ends when all its steps are known");
    must(machine_->outstanding().empty(), "an ended saga wants nothing");
    const bool good = end.how == saga_outcome::done || end.how == saga_outcome::again;
    if (good || beyond_) {
      must(undone_.empty() && early_.empty(), "what succeeded, or is past its pivot, is not undone");
      must(!beyond_ || good || end.how == saga_outcome::attention || end.how == saga_outcome::abandoned,
           "a failure after the pivot needs a person");
      return;
    }
    must(all_undone() == applied_ && carried_.empty(), "L4: each applied step of a failed saga is undone");
    must(end.how == saga_outcome::undone && refused_.empty() && asked_again_.empty(),
         "L4: a failed saga ends when everything is taken back, also what was refused");
  }

  // L7: those taken and those unread are those that were accepted, in their order, also over runs and crashes.
  void events_are_taken_in_order() const {
    if (counts.contains("aborted")) return;  // nobody takes them any more
    std::map<std::string, std::vector<std::string>> found;
    for (const auto& t : taken_) found[t.event].push_back(t.text);
    for (const auto& u : machine_->unread()) found[u.name].push_back(from_json<text_message>(u.payload.text)->text);
    must(found == accepted_, "L7: an event is taken at most once, in order, and never lost");
  }

  void ended_never_changes() {
    const auto before = machine_->fingerprint();
    for (auto& n : {saga_answer(1, saga_ok(booked{"x"})), saga_fired(1), saga_event("a", {"{}"}), saga_cancelled(""),
                    saga_aborted(""), saga_retried(""), saga_undone_by_hand(1, "")})
      must(!machine_->feed(n, now_), "L9: an ended saga takes nothing");
    must(machine_->fingerprint() == before, "L9: an ended saga never changes");
  }

  std::mt19937_64 random_;
  saga_code code_;
  nested_json input_;
  bool stops_ = false;
  std::unique_ptr<saga_machine> machine_;
  std::vector<std::string> log_;  // of this run
  instant now_ = noon;
  int sent_ = 0;
  std::map<uuid, std::string> replies_;  // of the services, by command
  std::map<std::string, std::vector<std::string>> accepted_;
  std::vector<taken> taken_;
  struct other_saga {
    bool is_past_pivot = false, is_told_to_end = false, has_ended = false;
  };
  std::map<int, other_saga> others_;     // by the step that they have taken
  std::map<int, bool> early_;            // undo actions asked before their step's answer: whether they hold
  std::set<int> steps_, applied_, undone_, taken_back_;
  std::set<std::pair<int, int>> fired_;
  std::vector<saga_undo> carried_;
  struct undo_request {
    int number = 0, of = 0;
    nested_json arguments;
  };
  std::map<int, undo_request> undo_requests_;
  std::vector<undo_request> refused_, asked_again_;
  bool beyond_ = false;
};

}  // namespace saga_tests
