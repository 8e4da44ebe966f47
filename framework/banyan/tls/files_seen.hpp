// Whether files are others than when they were last looked at; internal to tls/ and http/. Compared are inode, size and
// time of change, also of what a symbolic link names, so that a replaced file, a rewritten one and a switched link
// are all noticed.
#pragma once

#include <string>
#include <vector>

namespace banyan::tls {

class files_seen {
 public:
  explicit files_seen(std::vector<std::string> files);  // empty names are left out; looks at them

  bool changed();  // since the last call

 private:
  std::string look() const;
  std::vector<std::string> files_;
  std::string seen_;
};

}  // namespace banyan::tls
