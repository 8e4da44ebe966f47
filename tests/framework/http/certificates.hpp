// Certificates for one run of a test program (make_certificates), in a folder that is removed at its end.
#pragma once

#include <banyan/tls/options.hpp>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace banyan::test {

class certificates {
 public:
  static const certificates& made() {
    static const certificates once;
    return once;
  }

  std::string pem(const std::string& name) const { return (folder_ / (name + ".pem")).string(); }
  std::string key(const std::string& name) const { return (folder_ / (name + ".key")).string(); }
  std::filesystem::path folder() const { return folder_; }

  tls_server_options server(const std::string& name = "edge",
                            client_certificates clients = client_certificates::off) const {
    return {.certificate = pem(name),
            .key = key(name),
            .client_authority = clients == client_certificates::off ? std::string{} : pem("authority"),
            .clients = clients};
  }
  // A client that trusts our authority; `name`: its own certificate.
  tls_client_options client(const std::string& name = {}) const {
    return {.authority = pem("authority"),
            .certificate = name.empty() ? std::string{} : pem(name),
            .key = name.empty() ? std::string{} : key(name)};
  }

 private:
  certificates() {
    auto pattern = (std::filesystem::temp_directory_path() / "banyan-tls-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error{"no folder for certificates"};
    folder_ = pattern;
    const auto command = "'" MAKE_CERTIFICATES "' '" + folder_.string() + "'";
    if (std::system(command.c_str()) != 0) throw std::runtime_error{"openssl made no certificates"};
  }
  ~certificates() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::filesystem::path folder_;
};

}  // namespace banyan::test
