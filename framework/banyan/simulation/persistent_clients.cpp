#include <banyan/simulation/persistent_clients.hpp>

#include <banyan/simulation/seeded_random.hpp>

#include <utility>

namespace banyan {

bool persistent_clients::is_retryable(const result<http_response>& answer) {
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
  send(when, json_request(std::move(method), std::move(target), std::move(body)), std::move(answered));
}

void persistent_clients::send(timespan when, http_request r, answer_function answered) {
  ++unanswered_;
  clients_.push_back(std::make_unique<client>(client{std::move(r), std::move(answered)}));
  world_.after(when, [this, c = clients_.back().get(), alive = std::weak_ptr{alive_}] {
    if (!alive.expired()) go(*c);
  });
}

void persistent_clients::go(client& c) {
  world_.request(c.request, [this, &c, alive = std::weak_ptr{alive_}](result<http_response> r) {
    if (alive.expired()) return;
    if (again_(r)) {
      const auto pause = std::chrono::milliseconds{20} + between(world_.random(), {}, std::chrono::milliseconds{300});
      world_.after(pause, [this, &c, alive] {
        if (!alive.expired()) go(c);
      });
    } else {
      --unanswered_;
      if (c.answered) c.answered(*r);
    }
  });
}

}  // namespace banyan
