// Certificates of nodes, made for one run of a test and signed by an authority of its own: nothing that expires is kept
// in the tree.
#pragma once

#include <banyan/engines/framed_transport/framed_options.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace banyan::test {

class certificate_authority {
 public:
  certificate_authority();
  ~certificate_authority();  // the files go as well
  certificate_authority(const certificate_authority&) = delete;
  certificate_authority& operator=(const certificate_authority&) = delete;

  // Files of a certificate with this URI name, and with this authority as the one that is trusted.
  tls_files issue(const std::string& uri);
  std::string file() const { return (folder_ / "authority.pem").string(); }

 private:
  struct keys;
  std::filesystem::path folder_;
  std::unique_ptr<keys> keys_;
  int issued_ = 0;
};

inline std::string node_uri(const std::string& node, const std::string& application = "shop") {
  return "banyan://" + application + "/" + node;
}

}  // namespace banyan::test
