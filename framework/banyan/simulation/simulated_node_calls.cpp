// Calls between a simulated node and others, in both directions.
#include <banyan/simulation/simulated_node.hpp>

#include <banyan/transport/call_server.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

address simulated_node::find(const std::string& name) const {
  const auto found = published_.find(name);
  return found == published_.end() ? address{} : found->second;
}

std::shared_ptr<const std::vector<operation>> simulated_node::keep(std::vector<operation> travelling) {
  return kept_.emplace_back(std::make_shared<const std::vector<operation>>(std::move(travelling)));
}

// A call of this node to another one, until it is answered or given up.
class simulated_node::outgoing_call final : public transport::attempt {
 public:
  outgoing_call(simulated_node& from, std::string to, std::uint64_t number)
      : from_{from}, to_{std::move(to)}, number_{number}, generation_{from.generation()} {}
  ~outgoing_call() override {
    if (generation_ != from_.generation() || from_.asked_.erase(number_) == 0) return;
    if (from_.up_) from_.post_({&from_, to_, {}, nullptr, {}, number_, generation_, monotonic::max()});
  }

 private:
  simulated_node& from_;
  const std::string to_;
  const std::uint64_t number_, generation_;
};

std::unique_ptr<transport::attempt> simulated_node::call(const std::string& to, const std::string& actor,
                                                         const operation& what, const message& request,
                                                         monotonic deadline, completion<remote_answer> answered) {
  const auto number = ++last_asked_;
  asked_.emplace(number, asker{&what, std::move(answered)});
  auto attempt = std::make_unique<outgoing_call>(*this, to, number);
  post_({this, to, actor, &what, encode_call(what, request), number, generation_, deadline});
  return attempt;
}

void simulated_node::post(const std::string& to, const std::string& actor, const operation& what,
                          const message& one_way) {
  post_({this, to, actor, &what, encode_call(what, one_way), 0, generation_, monotonic::max()});
}

void simulated_node::take(const parcel& p, completion<encoded_answer> answered) {
  const std::pair key{p.from->number(), p.number};
  if (!p.what) {
    served_.erase(key);
    return;
  }
  directory here;  // of the one published actor, which is not in the application's directory
  if (!p.actor.empty()) {
    const auto to = find(p.actor);
    if (!to && p.number != 0)
      return answered(refused_call({code::not_found, "no actor is published as " + p.actor + " on " + name_}));
    here.add(p.what->request, {.to = to, .of = p.what});
  }
  if (p.number == 0) {
    auto m = decode_message(*p.what->request_codec, p.call.payload);
    if (m) deliver(find(p.actor), std::move(*m));
    return;
  }
  const auto& in = p.actor.empty() && node_ ? node_->directory() : here;
  const timespan left{p.deadline == monotonic::max() ? nanoseconds::max() : p.deadline - world_.now};
  const auto number = ++last_served_;
  auto attempt = serve_call(
      *system_, in, p.call, left,
      [this, key, number, answered = std::move(answered), generation = generation_](auto r) mutable {
        if (generation != generation_) return;  // a crashed node does not answer
        answered(r ? std::move(*r) : refused_call(std::move(r.error())));
        const auto [first, last] = served_.equal_range(key);
        const auto own = std::find_if(first, last, [number](const auto& s) { return s.second.number == number; });
        if (own != last) served_.erase(own);
      });
  if (attempt) served_.emplace(key, served_call{number, std::move(attempt)});
}

void simulated_node::hear(std::uint64_t number, encoded_answer answer) {
  auto found = asked_.extract(number);
  if (!found) return;  // answered or given up before
  auto& [what, answered] = found.mapped();
  auto reply = decode_answer(*what, std::move(answer));
  answered(reply ? result<remote_answer>{remote_answer{std::move(*reply)}}
                 : result<remote_answer>{std::move(reply.error())});
}

}  // namespace banyan
