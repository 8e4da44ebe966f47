// The network of a simulation: clients' requests and their answers, messages between nodes.
#include <banyan/simulation/simulated_world.hpp>

#include <algorithm>

namespace banyan {

namespace {
error crashed() { return {code::unavailable, "the node crashed", outcome::unknown}; }
error refused() { return {code::unavailable, "nobody listens: the node is down"}; }
const std::string client_end{clients};
}  // namespace

// --- clients ---------------------------------------------------------------------------------------------------------

void simulation::world::request(simulated_node& to, http_request r, answer_function answered) {
  if (auto ok = read_target(r); !ok) return answered(ok.error());
  ++counts.requests;
  auto e = std::make_shared<exchange>(exchange{std::move(answered), add_saturating(now, options.patience)});
  waiting.push_back(e);
  if (log.is_on()) e->what = r.method + " " + r.target;
  auto& way = between_ends(client_end, to.name());
  const auto arrivals = way.carry(now, network);
  if (log.is_on() && arrivals.size() != 1)
    record(client_end, e->what + (arrivals.empty() ? " is lost on the way to " : " travels twice to ") + to.name());
  if (arrivals.size() == 1 && arrivals.front() == now) return arrive(to, r, e);
  auto carried = std::make_shared<const http_request>(std::move(r));
  for (auto at : arrivals) time.add(at, timeline::nobody, [this, &to, carried, e] { arrive(to, *carried, e); });
}

void simulation::world::arrive(simulated_node& at, const http_request& r, const std::shared_ptr<exchange>& e) {
  if (at.is_paused()) {  // it waits in the machine's kernel
    time.add(at.paused_until(), timeline::nobody, [this, &at, r, e] { arrive(at, r, e); });
    return;
  }
  if (!at.is_up() || !at.front()) return answer(at, e, refused());
  if (log.is_on()) record(at.name(), "is asked " + e->what + " " + r.body.substr(0, 120));
  at.front()->handle(r, [this, &at, generation = at.generation(), e](result<http_response> response) {
    answer(at, e, generation == at.generation() ? std::move(response) : crashed());
  });
}

// Deferred, never within the actor that answers: the client's next step may crash its node.
void simulation::world::answer(simulated_node& from, const std::shared_ptr<exchange>& e, result<http_response> r) {
  if (!e->answered) return;
  const auto arrivals = between_ends(from.name(), client_end).carry(now, network);
  if (log.is_on())
    record(from.name(), "answers " + e->what + " with " +
                          (r ? std::to_string(r->status) + " " + r->body.substr(0, 80) : to_string(r.error())) +
                          (arrivals.empty() ? ", which is lost on the way" : ""));
  auto carried = std::make_shared<const result<http_response>>(std::move(r));
  for (auto at : arrivals) time.add(at, timeline::nobody, [carried, e] { e->finish(*carried); });
}

void simulation::world::lose_patience() {
  while (!waiting.empty() && (!waiting.front()->answered || waiting.front()->patience_ends <= now)) {
    auto e = std::move(waiting.front());
    waiting.pop_front();
    e->finish(error{code::deadline_exceeded, "no answer came in time", outcome::unknown});
  }
}

// --- nodes among each other ------------------------------------------------------------------------------------------

void simulation::world::send(parcel p) {
  if (p.what) ++counts.messages;
  const auto from = p.from->name();
  const auto arrivals = between_ends(from, p.to).carry(now, network);
  if (log.is_on() && p.what && arrivals.size() != 1)
    record(from, std::string{p.what->request->name} +
                     (arrivals.empty() ? " is lost on the way to " : " travels twice to ") + p.to);
  if (log.is_on() && !p.what)
    record(from, "gives a call to " + p.to + " up" + (arrivals.empty() ? ", which is lost on the way" : ""));
  const auto held = std::make_shared<const parcel>(std::move(p));
  for (auto at : arrivals) time.add(at, timeline::nobody, [this, held] { arrive(held); });
}

void simulation::world::arrive(const std::shared_ptr<const parcel>& p) {
  auto& here = at(p->to);
  if (here.is_paused()) {
    time.add(here.paused_until(), timeline::nobody, [this, p] { arrive(p); });
    return;
  }
  if (!here.is_up()) return;
  here.take(*p, [this, p, &here](result<encoded_answer> r) {
    const auto arrivals = between_ends(p->to, p->from->name()).carry(now, network);
    if (log.is_on() && arrivals.empty()) record(p->to, "answers " + p->from->name() + ", which is lost on the way");
    if (arrivals.empty() || !r) return;
    auto held = std::make_shared<encoded_answer>(std::move(*r));
    time.add(*std::min_element(arrivals.begin(), arrivals.end()), p->from->number(), [p, held] {
      if (p->from->is_up() && p->from->generation() == p->generation) p->from->hear(p->number, std::move(*held));
    });
  });
}

}  // namespace banyan
