// The service as it runs: threads, sockets, files in a temporary folder.
#include <tests/services/moorings/under_test.hpp>

#include <tests/catch.hpp>

#include <banyan/journal/position_token.hpp>
#include <banyan/runtime/serving.hpp>
#include <banyan/test_kit/http_client.hpp>

#include <filesystem>
#include <memory>
#include <string>

#include <unistd.h>

namespace {

using banyan::test_kit::blocking_http_client;

class running_service {
 public:
  running_service() {
    settings_.data = folder_;
    settings_.listen = settings_.admin = "127.0.0.1:0";
    node_ = banyan::serving::start(app_, settings_).value();
  }
  ~running_service() {
    node_->stop();
    node_.reset();
    std::filesystem::remove_all(folder_);
  }
  blocking_http_client client() const { return blocking_http_client{node_->port()}; }
  blocking_http_client operations() const { return blocking_http_client{node_->operations_port()}; }

 private:
  const banyan::application app_ = harbour::moorings::under_test();
  const std::string name_ = "moorings_test." + std::to_string(::getpid());
  const std::string folder_ = std::filesystem::temp_directory_path() / name_;
  banyan::node_settings settings_;
  std::unique_ptr<banyan::serving> node_;
};

}  // namespace

TEST_CASE("it is alive, and answers without state") {
  running_service service;
  CHECK(service.operations().get("/healthz").status == 200);
  CHECK(service.client().get("/moorings/a1/check?note=blue").body == R"({"accepted":true})");
  const auto refused = service.client().get("/moorings/a%20b/check?note=blue");
  CHECK(refused.body.find(R"("accepted":false)") != std::string::npos);
}

// banyan: begin ambassador
TEST_CASE("it asks the other service") {
  running_service service;
  CHECK(service.client().get("/moorings/a1/review?note=blue").body == R"({"accepted":true})");
}

// banyan: end ambassador
// banyan: begin event_sourcing
TEST_CASE("what is placed is acknowledged, and again") {
  running_service service;
  auto client = service.client();
  for (int i = 0; i < 2; ++i) {
    const auto placed = client.post("/moorings", R"({"id":"a1","note":"blue"})");
    CHECK(placed.status == 201);
    CHECK(placed.body.find(R"("id":"a1","note":"blue")") != std::string::npos);
  }
  CHECK(client.post("/moorings", R"({"id":"a1","note":"red"})").status == 409);
  CHECK(client.post("/moorings", R"({"id":"","note":"blue"})").status == 400);
}

// banyan: end event_sourcing
// banyan: begin cqrs
TEST_CASE("whoever placed something sees it when he presents its position") {
  running_service service;
  auto client = service.client();
  const auto placed = client.post("/moorings", R"({"id":"a1","note":"blue"})");
  REQUIRE(placed.status == 201);
  banyan::http_request get;
  get.method = "GET";
  get.target = "/moorings/a1";
  get.headers.add(std::string{banyan::position_header}, *placed.headers.find(banyan::position_header));
  const auto found = client.send(get);
  CHECK(found.status == 200);
  CHECK(found.body.find(R"("id":"a1","note":"blue")") != std::string::npos);
  CHECK(client.get("/moorings/a2").status == 404);
}
// banyan: end cqrs
