#include <banyan/http/client_tls.hpp>

#include <banyan/http/deadline.hpp>

namespace banyan {

client_tls::client_tls(tls_client_options options)
    : options_{std::move(options)}, files_{{options_.authority, options_.certificate, options_.key}} {}

result<std::shared_ptr<tls::client_context>> client_tls::context(monotonic now) {
  bool read = !used_;
  if (now >= look_at_) {
    look_at_ = deadline_after(now, std::chrono::seconds{1});
    read = files_.changed() || read;
  }
  if (!read) return used_;
  auto made = tls::make_client_context(options_);
  if (!made && !used_) return made.error();
  if (made) used_ = std::move(*made);
  return used_;
}

}  // namespace banyan
