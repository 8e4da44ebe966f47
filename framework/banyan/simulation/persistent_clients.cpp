#include <banyan/simulation/persistent_clients.hpp>

#include <banyan/simulation/seeded_random.hpp>

#include <utility>

namespace banyan {

bool persistent_clients::settles_nothing(const result<http_response>& answer) {
  if (!answer) return true;
  switch (answer->status) {
    case 429:
    case 500:
    case 503:
    case 504:
      return true;
    default:
      return false;
  }
}

persistent_clients::persistent_clients(simulation& world, again_function again)
    : world_{world}, again_{std::move(again)} {}
persistent_clients::~persistent_clients() = default;

void persistent_clients::send(timespan when, std::string method, std::string target, std::string body,
                              answer_function answered) {
  http_request r;
  r.method = std::move(method);
  r.target = std::move(target);
  r.body = std::move(body);
  if (!r.body.empty()) r.headers.add("Content-Type", "application/json");
  send(when, std::move(r), std::move(answered));
}

void persistent_clients::send(timespan when, http_request r, answer_function answered) {
  ++unanswered_;
  clients_.push_back(std::make_unique<client>(client{std::move(r), std::move(answered)}));
  world_.after(when, [this, c = clients_.back().get()] { go(*c); });
}

void persistent_clients::go(client& c) {
  world_.request(c.request, [this, &c](result<http_response> r) {
    if (again_(r)) {
      const auto pause = std::chrono::milliseconds{20} + between(world_.random(), {}, std::chrono::milliseconds{300});
      world_.after(pause, [this, &c] { go(c); });
    } else {
      --unanswered_;
      if (c.answered) c.answered(*r);
    }
  });
}

}  // namespace banyan
