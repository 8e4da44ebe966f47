#include <banyan/tls/server_identity.hpp>

#include <utility>

namespace banyan::tls {

server_identity::server_identity(tls_server_options options)
    : options_{std::move(options)}, files_{{options_.certificate, options_.key, options_.client_authority}} {}

result<std::unique_ptr<server_identity>> server_identity::load(tls_server_options options) {
  std::unique_ptr<server_identity> made{new server_identity{std::move(options)}};
  if (auto loaded = made->reload(); !loaded) return loaded.error();
  return made;
}

std::shared_ptr<server_context> server_identity::current() const {
  const std::lock_guard lock{mutex_};
  return used_;
}

result<void> server_identity::reload() {
  auto read = make_server_context(options_);
  if (!read) return read.error();
  const std::lock_guard lock{mutex_};
  used_ = std::move(*read);
  return {};
}

result<bool> server_identity::reload_if_changed() {
  {
    const std::lock_guard lock{mutex_};
    if (!files_.changed()) return false;
  }
  if (auto read = reload(); !read) return read.error();
  return true;
}

}  // namespace banyan::tls
