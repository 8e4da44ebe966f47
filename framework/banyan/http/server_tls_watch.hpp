// Reads a server's certificate again when its files change, and reports one that can not be used or that ends soon;
// internal to http/. Used on the thread of the first loop only.
#pragma once

#include <banyan/http/server_state.hpp>

namespace banyan {

class server_tls_watch {
 public:
  explicit server_tls_watch(server_state& of) : of_{of} {}

  void on_tick(monotonic now);

 private:
  void report(const std::string& what) const;
  void report_expiry() const;

  server_state& of_;
  monotonic look_at_{};    // the files
  monotonic remind_at_{};  // of the certificate's end
};

}  // namespace banyan
