// Random operations on an engine and on the obvious model: every answer and everything that can be read agree.
#include <tests/conformance/journal_calls.hpp>
#include <tests/conformance/journal_engines.hpp>
#include <tests/conformance/journal_model.hpp>

using namespace journal_test;

namespace {

// Few streams and few ids, so that they meet; old requests are sent again, whole, in part, or with another stream.
class request_source {
 public:
  explicit request_source(seeded& random) : random_{random} {}

  append_request next(const journal_model& model) {
    if (!sent_.empty() && random_.one_in(5)) return sent_[random_.below(sent_.size())];
    append_request r;
    if (!sent_.empty() && random_.one_in(6)) {
      r = mangled(sent_[random_.below(sent_.size())]);
    } else {
      const auto first = random_.below(std::size(streams));
      const auto count = random_.below(4);
      for (std::size_t i = 0; i < count; ++i) {
        const auto& stream = streams[(first + i) % std::size(streams)];
        r.writes.push_back({stream, condition(model.version_of(stream), model.last_of(stream)), {}});
        for (auto n = random_.below(4); n > 0; --n) r.writes.back().events.push_back(event(++ids_, std::to_string(random_.next())));
      }
    }
    if (r.writes.empty() || random_.one_in(3))
      r.command = command(streams[random_.below(std::size(streams))], random_.below(20), random_.below(2));
    sent_.push_back(r);
    return r;
  }

  static constexpr const char* streams[] = {"a", "b", "c", "d", "e"};

 private:
  append_request mangled(append_request r) {
    if (r.writes.empty()) return r;
    auto& w = r.writes[random_.below(r.writes.size())];
    switch (random_.below(5)) {
      case 0: w.stream = "other-" + std::to_string(random_.below(3)); break;
      case 1: w.events.push_back(event(++ids_)); break;
      case 2: w.events.insert(w.events.begin(), event(++ids_)); break;
      case 3: if (!w.events.empty()) w.events.pop_back(); break;
      case 4: std::reverse(w.events.begin(), w.events.end()); break;
    }
    if (random_.one_in(2)) w.condition = expected::any();
    return r;
  }
  expected condition(version actual, const uuid& last) {
    switch (random_.below(12)) {
      case 0: return expected::no_stream();
      case 1: return expected::stream_exists();
      case 2: return expected::exact(actual + 1);
      case 3: return expected::exact(actual);
      case 4: return expected::after(actual, id(1 + random_.below(ids_ + 1)));
      case 5: return expected::after(actual + 1, last);
      case 6: return expected::after(actual, last);
      case 7: return expected::after(actual, last);
      default: return expected::any();
    }
  }

  seeded& random_;
  std::uint64_t ids_ = 0;
  std::vector<append_request> sent_;
};

void same_answer(const result<append_result>& actual, const journal_model::answer& wanted) {
  REQUIRE((actual ? "" : actual.error().reason) == wanted.refusal);
  if (!actual) return;
  REQUIRE(actual->repeated == wanted.accepted.repeated);
  REQUIRE(actual->last == wanted.accepted.last);
  REQUIRE(actual->streams.size() == wanted.accepted.streams.size());
  for (std::size_t i = 0; i < actual->streams.size(); ++i) {
    REQUIRE(actual->streams[i].stream == wanted.accepted.streams[i].stream);
    REQUIRE(actual->streams[i].version == wanted.accepted.streams[i].version);
    REQUIRE(actual->streams[i].positions == wanted.accepted.streams[i].positions);
  }
  REQUIRE(actual->stored_command.has_value() == wanted.accepted.stored_command.has_value());
  if (actual->stored_command) REQUIRE(actual->stored_command->reply == wanted.accepted.stored_command->reply);
}

void same_events(const std::vector<recorded_event>& actual, const std::vector<recorded_event>& wanted) {
  REQUIRE(actual.size() == wanted.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    REQUIRE(actual[i].position == wanted[i].position);
    REQUIRE(actual[i].version == wanted[i].version);
    REQUIRE(actual[i].stream == wanted[i].stream);
    REQUIRE(actual[i].id == wanted[i].id);
    REQUIRE(actual[i].payload == wanted[i].payload);
  }
}

void same_content(journal& j, const journal_model& model) {
  same_events(read_all(j, {.limit = 10'000}).value(), model.events);
  REQUIRE(info(j).value().head == model.head());
  std::vector<std::string> names;
  for (const auto& s : list(j).value()) names.push_back(s.name);
  for (const std::string stream : {"a", "b", "c", "d", "e", "other-0", "other-1", "other-2"}) {
    std::vector<recorded_event> of_it;
    std::copy_if(model.events.begin(), model.events.end(), std::back_inserter(of_it), [&](const auto& e) { return e.stream == stream; });
    const auto loaded = load(j, {.stream = stream, .events = 10'000}).value();
    same_events(loaded.events, of_it);
    REQUIRE(loaded.version == model.version_of(stream));
    REQUIRE(loaded.last_event == model.last_of(stream));
    REQUIRE(loaded.position == (of_it.empty() ? 0 : of_it.back().position));
    REQUIRE((std::count(names.begin(), names.end(), stream) == 1) == !of_it.empty());
    std::vector<uuid> commands;
    for (const auto& c : model.commands) {
      if (c.stream == stream) commands.insert(commands.begin(), c.id);
    }
    REQUIRE(loaded.commands.size() == commands.size());
    for (std::size_t i = 0; i < commands.size(); ++i) REQUIRE(loaded.commands[i].id == commands[i]);
  }
}

}  // namespace

TEST_CASE("An engine answers and stores what the obvious model does, whatever is asked") {
  for (const auto& engine : journal_engines()) {
    DYNAMIC_SECTION(engine.name) {
      for (std::uint64_t seed = 1; seed <= engine.property_seeds; ++seed) {
        INFO("seed " << seed);
        const temporary_folder folder;
        const auto j = engine.open(folder);
        journal_model model;
        auto random = seeded{seed};
        auto requests = request_source{random};
        for (int round = 0; round < 12; ++round) {
          // Sent together, so that an engine with batches puts them into one.
          std::vector<append_request> sent;
          std::vector<std::future<result<append_result>>> answers;
          for (auto n = random.below(12); n > 0; --n) {
            auto promise = std::promise<result<append_result>>{};
            answers.push_back(promise.get_future());
            sent.push_back(requests.next(model));
            j->append(sent.back(), [p = std::move(promise)](result<append_result> r) mutable { p.set_value(std::move(r)); });
          }
          for (std::size_t i = 0; i < sent.size(); ++i) same_answer(answers[i].get(), model.append(sent[i]));
          if (random.one_in(3)) same_content(*j, model);
        }
        same_content(*j, model);
      }
    }
  }
}
