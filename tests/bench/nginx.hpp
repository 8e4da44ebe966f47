// An nginx of the benchmark's own: one worker, one fixed answer, on a free port of loopback. Ended when this is
// destroyed.
#pragma once

#include <banyan/core/result.hpp>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include <arpa/inet.h>
#include <csignal>
#include <fcntl.h>
#include <cstdlib>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace banyan::bench {

class nginx {
 public:
  // `json`: the body of every answer; without a quote ' in it.
  static result<std::unique_ptr<nginx>> start(const std::string& json) {
    const std::filesystem::path program{"/usr/sbin/nginx"};
    if (!std::filesystem::exists(program))
      return error{code::unavailable, "there is no nginx: install the package nginx-light"};
    auto n = std::unique_ptr<nginx>{new nginx};
    n->write_configuration(json);
    // It inherits the listening socket, so that connections are taken from now on and nothing need wait for its start.
    n->pid_ = fork();
    if (n->pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGTERM);  // it ends its worker
      const int log = open((n->folder_ / "out").c_str(), O_WRONLY | O_CREAT, 0600);
      dup2(log, STDERR_FILENO);
      const auto conf = (n->folder_ / "nginx.conf").string();
      setenv("NGINX", (std::to_string(n->listening_) + ";").c_str(), 1);
      execl(program.c_str(), "nginx", "-p", n->folder_.c_str(), "-c", conf.c_str(), "-e", "stderr",
            static_cast<char*>(nullptr));
      _exit(127);
    }
    close(n->listening_);
    return n;
  }
  ~nginx() {
    if (pid_ > 0) {
      kill(pid_, SIGTERM);
      waitpid(pid_, nullptr, 0);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  nginx(const nginx&) = delete;
  nginx& operator=(const nginx&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  nginx() {
    std::string name = (std::filesystem::temp_directory_path() / "bench_nginx.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    listening_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    const bool listens = bind(listening_, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
                         listen(listening_, 511) == 0 &&
                         getsockname(listening_, reinterpret_cast<sockaddr*>(&at), &size) == 0;
    if (listens) port_ = ntohs(at.sin_port);
  }
  void write_configuration(const std::string& json) const {
    std::ofstream out{folder_ / "nginx.conf"};
    out << "daemon off;\npid nginx.pid;\nworker_processes 1;\nevents { worker_connections 4096; }\n"
        << "http {\n  access_log off;\n  keepalive_requests 1000000;\n  client_body_temp_path t1;\n  proxy_temp_path "
           "t2;\n"
        << "  fastcgi_temp_path t3;\n  uwsgi_temp_path t4;\n  scgi_temp_path t5;\n  default_type application/json;\n"
        << "  server { listen 127.0.0.1:" << port_ << "; location / { return 200 '" << json << "'; } }\n}\n";
  }
  std::filesystem::path folder_;
  int port_ = 0, listening_ = -1;
  pid_t pid_ = -1;
};

}  // namespace banyan::bench
