#include <shop/demo.hpp>

#include <shop/catalogue.hpp>
#include <shop/checker.hpp>
#include <shop/embedded.hpp>
#include <shop/http_transport.hpp>
#include <shop/shop_api.hpp>

#include <banyan/core/json.hpp>
#include <banyan/runtime/open_engines.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <future>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace shop {

namespace {

using clock = std::chrono::steady_clock;

// A `shop serve` of our own. Killed, and waited for, when it goes out of scope.
class served_shop {
 public:
  served_shop(const std::string& program, const std::string& data) {
    int out[2];
    if (pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error{"no pipe"};
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);  // a demo that is killed leaves nobody behind
      dup2(out[1], STDOUT_FILENO);
      execl("/proc/self/exe", program.c_str(), "serve", "--data", data.c_str(), "--port", "0", "--admin-port", "0", "--set", "log_level=warning",
            static_cast<char*>(nullptr));
      _exit(127);
    }
    close(out[1]);
    from_ = out[0];
    try {
      url_ = read_address();
    } catch (...) {
      stop(SIGKILL);
      close(from_);
      throw;
    }
  }
  ~served_shop() {
    if (pid_ > 0) stop(SIGKILL);
    if (from_ >= 0) close(from_);
  }
  served_shop(const served_shop&) = delete;
  served_shop& operator=(const served_shop&) = delete;

  const std::string& url() const { return url_; }
  // Its status; one that does not end in its time is killed.
  int stop(int signal) {
    kill(pid_, signal);
    int status = 0;
    const auto until = clock::now() + std::chrono::seconds{30};
    while (waitpid(pid_, &status, WNOHANG) == 0) {
      if (clock::now() >= until) kill(pid_, SIGKILL);
      poll(nullptr, 0, 10);
    }
    pid_ = -1;
    return status;
  }

 private:
  // The first line says where it serves.
  std::string read_address() const {
    std::string text;
    auto until = clock::now() + std::chrono::seconds{20};
    while (clock::now() < until) {
      pollfd p{from_, POLLIN, 0};
      if (poll(&p, 1, 200) <= 0) continue;
      char buffer[512];
      auto n = read(from_, buffer, sizeof buffer);
      if (n <= 0) break;
      text.append(buffer, static_cast<std::size_t>(n));
      auto from = text.find("http://");
      auto to = from == std::string::npos ? from : text.find(' ', from);
      if (to != std::string::npos) return text.substr(from, to - from);
    }
    throw std::runtime_error{"the shop did not start"};
  }
  pid_t pid_ = -1;
  int from_ = -1;
  std::string url_;
};

class client {
 public:
  client(std::string url, const stop_flag& stop)
      : url_{std::move(url)}, send_{http_transport(8, std::chrono::seconds{10})}, stop_{stop} {}
  // Status and body; status 0 when nobody answered.
  std::pair<int, boost::json::value> call(const std::string& method, const std::string& path, const std::string& body = {}) {
    auto request = banyan::request_to(method, url_ + path, body);
    if (!request) throw std::runtime_error{request.error().message};
    std::promise<banyan::result<banyan::http_response>> promise;
    auto answer = promise.get_future();
    if (!body.empty()) request->headers.set("Content-Type", "application/json");
    if (!position_.empty()) request->headers.set("X-Banyan-Position", position_);
    send_(std::move(*request), [&](banyan::result<banyan::http_response> r) { promise.set_value(std::move(r)); });
    auto response = answer.get();
    if (!response) return {0, response.error().message.c_str()};
    if (auto* p = response->headers.find("X-Banyan-Position")) position_ = *p;
    auto parsed = banyan::parse_json(response->body);
    return {response->status, parsed ? *parsed : boost::json::value{}};
  }
  std::string status_of(const std::string& order, const std::string& wanted, std::chrono::seconds limit) {
    std::string status;
    for (auto until = clock::now() + limit; clock::now() < until && !stop_;) {
      auto [code, body] = call("GET", "/orders/" + order);
      status = code == 200 ? std::string{body.at("status").as_string()} : "unknown";
      if (status == wanted) break;
      poll(nullptr, 0, 30);
    }
    return status;
  }

 private:
  std::string url_, position_;
  transport send_;
  const stop_flag& stop_;
};

// One line per step, with what was seen; the story ends at the first that fails, or that is interrupted, which is no failure.
class story {
 public:
  story(std::ostream& out, const stop_flag& stop) : out_{out}, stop_{stop}, begun_{clock::now()} {}
  void tell(const std::string& step, const std::function<std::string()>& play) {
    auto started = clock::now();
    std::string seen;
    bool good = true;
    try {
      seen = play();
    } catch (const std::exception& e) {
      good = false;
      seen = e.what();
    }
    auto took = std::chrono::duration<double, std::milli>(clock::now() - started).count();
    if (stop_) throw std::runtime_error{"interrupted at: " + step};
    out_ << (good ? "  ok    " : "  FAIL  ") << std::left << std::setw(46) << step << std::right << std::setw(7) << std::fixed << std::setprecision(0) << took
         << " ms   " << seen << std::endl;
    ++steps_;
    if (!good) throw std::runtime_error{step};
  }
  int steps() const { return steps_; }
  double seconds() const { return std::chrono::duration<double>(clock::now() - begun_).count(); }

 private:
  std::ostream& out_;
  const stop_flag& stop_;
  clock::time_point begun_;
  int steps_ = 0;
};

void expect(bool good, const std::string& otherwise) {
  if (!good) throw std::runtime_error{otherwise};
}

std::string pounds(const boost::json::value& money) {
  return banyan::to_string(banyan::money{money.at("minor").as_int64(), std::string{money.at("currency").as_string()}});
}

std::string fresh_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "shop-demo-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error{"no temporary folder"};
  return name;
}

void play(story& s, const std::string& program, const std::string& folder, const stop_flag& stop) {
  std::unique_ptr<served_shop> shop;
  std::unique_ptr<client> customer;
  auto open = [&] {
    shop = std::make_unique<served_shop>(program, folder);
    customer = std::make_unique<client>(shop->url(), stop);
    return "serving " + shop->url();
  };
  auto goods = read_catalogue(catalogue_json());
  expect(static_cast<bool>(goods), "the catalogue does not read");
  auto& chosen = *std::find_if(goods->products.begin(), goods->products.end(), [](auto& p) { return p.stocked && p.opening >= 3; });
  auto order = [&](const std::string& id, std::int64_t quantity) {
    return R"({"id":")" + id + R"(","customer":"ann","lines":[{"line":1,"sku":")" + chosen.sku + R"(","quantity":)" + std::to_string(quantity) + "}]}";
  };

  s.tell("the shop opens", open);
  s.tell("the shelves are filled", [&] {
    auto api = shop_api::at(shop->url());
    exchange window{http_transport(16, std::chrono::seconds{10}), banyan::system_clock(), banyan::system_random()};
    auto done = stock_shelves(*goods, api.value(), window, stop);
    expect(static_cast<bool>(done), done ? "" : done.error().message);
    return std::to_string(goods->products.size()) + " products through the public API";
  });
  s.tell("a customer registers", [&] {
    auto [status, body] = customer->call("PUT", "/customers/ann", R"({"name":"Ann Example","country":"United Kingdom"})");
    expect(status == 200, "status " + std::to_string(status));
    return std::string{body.at("name").as_string()};
  });
  s.tell("she orders, at the catalogue's price", [&] {
    auto [status, body] = customer->call("POST", "/orders", order("demo-1", 2));
    expect(status == 201, boost::json::serialize(body));
    return "2 x " + chosen.name + ", " + pounds(body.at("total"));
  });
  s.tell("the same order arrives twice, and counts once", [&] {
    auto [status, body] = customer->call("POST", "/orders", order("demo-1", 2));
    expect(status == 201, boost::json::serialize(body));
    auto [again, sales] = customer->call("GET", "/reports/sales");
    expect(again == 200 && sales.at("orders").as_int64() == 1, boost::json::serialize(sales));
    return std::string{"1 order in the sales report"};
  });
  s.tell("goods leave the stock, the order is confirmed", [&] {
    auto status = customer->status_of("demo-1", "confirmed", std::chrono::seconds{10});
    expect(status == "confirmed", "it is " + status);
    return std::string{"confirmed"};
  });
  s.tell("more than there is: sold out, nothing taken", [&] {
    auto [status, body] = customer->call("POST", "/orders", order("demo-2", chosen.opening));
    expect(status == 201, boost::json::serialize(body));
    auto now = customer->status_of("demo-2", "cancelled", std::chrono::seconds{10});
    expect(now == "cancelled", "it is " + now);
    auto [code, stock] = customer->call("GET", "/stock/" + chosen.sku);
    expect(code == 200 && stock.at("on_hand").as_int64() == chosen.opening - 2, boost::json::serialize(stock));
    return "cancelled; " + std::to_string(chosen.opening - 2) + " still on the shelf";
  });
  s.tell("an order is acknowledged, and the power goes (kill -9)", [&] {
    auto [status, body] = customer->call("POST", "/orders", order("demo-3", 1));
    expect(status == 201, boost::json::serialize(body));
    shop->stop(SIGKILL);
    auto [dead, nothing] = customer->call("GET", "/orders/demo-3");
    expect(dead == 0, "somebody still answers");
    return std::string{"nobody answers"};
  });
  s.tell("it starts again from its journal", open);
  s.tell("the acknowledged order is there, and gets filled", [&] {
    auto status = customer->status_of("demo-3", "confirmed", std::chrono::seconds{15});
    expect(status == "confirmed", "it is " + status);
    return std::string{"confirmed"};
  });
  s.tell("the books are right, by the journal alone", [&] {
    auto engines = banyan::open("sqlite:shop.db", folder, true);
    expect(static_cast<bool>(engines), engines ? "" : engines.error().message);
    std::ostringstream table, complaints;
    auto code = check_books({.url = shop->url()}, *engines->journal, http_transport(4, std::chrono::seconds{10}), table, complaints, stop);
    expect(code == 0, complaints.str() + table.str());
    auto [status, sales] = customer->call("GET", "/reports/sales");
    expect(status == 200, "no report");
    return std::to_string(sales.at("orders").as_int64()) + " orders, " + pounds(sales.at("total"));
  });
  s.tell("it closes in good order (SIGTERM)", [&] {
    auto status = shop->stop(SIGTERM);
    expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "it ended with status " + std::to_string(status));
    return std::string{"exit code 0"};
  });
}

}  // namespace

int demo(const std::string& program, std::ostream& out, std::ostream& err, const stop_flag& stop) {
  out << "A day in the shop\n\n";
  story s{out, stop};
  std::string folder;
  try {
    folder = fresh_folder();
    play(s, program, folder, stop);
    std::filesystem::remove_all(folder);
    out << "\nAll " << s.steps() << " steps went as told, in " << std::setprecision(1) << s.seconds() << " s." << std::endl;
    return 0;
  } catch (const std::exception& e) {
    if (stop) {
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
      err << '\n' << e.what() << '\n';
      return 130;
    }
    err << "\nThe story stopped at: " << e.what() << "\nThe shop's data is kept in " << folder << '\n';
    return 1;
  }
}

}  // namespace shop
