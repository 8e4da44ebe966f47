// Rate-limited reports of what keeps a server from serving; internal to http/. Thread of the first loop.
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
