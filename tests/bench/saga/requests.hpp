// Requests to actors from the benchmark's thread: some at once, and how long the process computed for them.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/core/ids.hpp>

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace saga_bench {

using namespace banyan;

inline constexpr std::chrono::minutes patience{5};

inline message_ptr as_command(message_ptr m) {
  auto context = std::make_shared<message_context>();
  context->command = uuid_v7(system_clock().now(), system_random());
  m->context = std::move(context);
  return m;
}

// Sends request i for each i below `count`, `most` of them at once. Throws when one fails, unless `may_fail`.
struct sent_request {
  address to;
  message_ptr what;
};
inline void send_all(actor_system& system, int count, int most, const std::function<sent_request(int)>& make,
                     bool may_fail = false, const std::function<void(int)>& told = {}) {
  std::counting_semaphore<> free{most};
  std::mutex lock;
  std::string failed;
  for (int i = 0; i < count; ++i) {
    free.acquire();
    if (told) told(i);
    auto one = make(i);
    system.ask_message(one.to, std::move(one.what), patience, [&](result<message_ptr> answer) {
      const bool is_failure = !answer || (*answer)->kind == message_kind::failure;
      if (is_failure && !may_fail) {
        std::lock_guard held{lock};
        failed = to_string(answer ? (*answer)->as<error>() : answer.error());
      }
      free.release();
    });
  }
  for (int i = 0; i < most; ++i) free.acquire();
  if (!failed.empty()) throw std::runtime_error{"a request failed: " + failed};
}
inline void send_one(actor_system& system, address to, message_ptr what, bool may_fail = false) {
  send_all(
      system, 1, 1,
      [&](int) {
        return sent_request{to, std::move(what)};
      },
      may_fail);
}

inline double processor_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Throws when it does not come about.
inline void wait_until(const std::function<bool()>& holds,
                       std::chrono::microseconds pause = std::chrono::milliseconds{1}) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error{"it did not come about in time"};
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace saga_bench
