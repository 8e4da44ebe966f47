// Rate-limited log lines about problems that keep a server from serving; internal to http/. Used on the thread of the
// first loop only.
#pragma once

#include <banyan/http/server_state.hpp>

#include <array>
#include <string_view>

namespace banyan {

class server_reports {
 public:
  explicit server_reports(const server_state& of);

  void on_tick(monotonic now);

 private:
  struct kind {
    const counter* counted;
    std::string_view sentence;
    std::uint64_t told = 0;
    monotonic not_before{};
  };
  const server_state& of_;
  std::array<kind, 7> kinds_;
};

}  // namespace banyan
