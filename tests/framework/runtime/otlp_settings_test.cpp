#include <banyan/runtime/configuration.hpp>
#include <banyan/runtime/otlp_settings.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct configured {
  node_settings settings = default_settings("shop");
  std::vector<problem> problems;
};
configured with(std::vector<std::string> environment, std::string file = {},
                std::vector<std::string> assignments = {}) {
  application app{"shop", {}};
  configured c;
  c.problems = apply_configuration(app, c.settings,
                                   {{{"shop.toml", std::move(file)}}, std::move(environment), std::move(assignments)});
  return c;
}

otlp_options options_with(std::vector<std::string> environment) {
  const auto c = with(std::move(environment));
  REQUIRE(c.problems.empty());
  return otlp_options_of(c.settings, "shop", uuid{});
}

std::string attribute(const otlp_options& o, std::string_view key) {
  std::string found;
  int times = 0;
  for (const auto& a : o.resource.attributes)
    if (a.key == key) found = std::get<std::string>(a.value), ++times;
  CHECK(times <= 1);
  return found;
}

}  // namespace

TEST_CASE("nothing is exported unless an endpoint is set") {
  CHECK_FALSE(exports_otlp(with({}).settings));
  CHECK_FALSE(exports_otlp(with({"OTEL_EXPORTER_OTLP_ENDPOINT="}).settings));
  CHECK(exports_otlp(with({"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318"}).settings));
  CHECK_FALSE(
      exports_otlp(with({"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", "OTEL_SDK_DISABLED=TRUE"}).settings));
  CHECK(exports_otlp(with({"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", "OTEL_SDK_DISABLED=1"}).settings));
}

TEST_CASE("OpenTelemetry's variables come after files and before our own") {
  const std::string otel = "OTEL_EXPORTER_OTLP_ENDPOINT=http://otel:1", own = "BANYAN_OTLP_ENDPOINT=http://own:1";
  const auto file = "otlp_endpoint = 'http://file:1'\n";
  CHECK(with({}, file).settings.otlp_endpoint == "http://file:1");
  const auto c = with({otel}, file);
  CHECK(c.settings.otlp_endpoint == "http://otel:1");
  CHECK(c.settings.origins.at("otlp_endpoint") == "environment OTEL_EXPORTER_OTLP_ENDPOINT");
  CHECK(with({own, otel}, file).settings.otlp_endpoint == "http://own:1");
  CHECK(with({own, otel}, file, {"otlp_endpoint=http://line:1"}).settings.otlp_endpoint == "http://line:1");
}

TEST_CASE("all variables are read") {
  const auto o = options_with(
      {"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318/base/", "OTEL_EXPORTER_OTLP_TIMEOUT=2500",
       "OTEL_EXPORTER_OTLP_HEADERS=api-key=a%20b,x=1", "OTEL_METRIC_EXPORT_INTERVAL=5000", "OTEL_SERVICE_NAME=store",
       "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test,service.name=no",
       "OTEL_TRACES_SAMPLER=parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG=0.25", "OTEL_UNKNOWN=1"});
  CHECK(o.endpoint == "http://127.0.0.1:4318/base/");
  CHECK(o.timeout == timespan{2500ms});
  CHECK(o.metric_interval == timespan{5s});
  CHECK(o.headers == header_list{{"api-key", "a b"}, {"x", "1"}});
  CHECK(attribute(o, "service.name") == "store");
  CHECK(attribute(o, "deployment.environment.name") == "test");
  CHECK(o.sampling.ratio == 0.25);
  CHECK(o.sampling.follows_parent);
  CHECK(attribute(options_with({}), "service.name") == "shop");
}

TEST_CASE("samplers by name") {
  const auto sampling = [](const char* name) {
    return options_with({std::string{"OTEL_TRACES_SAMPLER="} + name, "OTEL_TRACES_SAMPLER_ARG=0.5"}).sampling;
  };
  CHECK(sampling("always_on").ratio == 1);
  CHECK_FALSE(sampling("always_on").follows_parent);
  CHECK(sampling("always_off").ratio == 0);
  CHECK(sampling("traceidratio").ratio == 0.5);
  CHECK(sampling("parentbased_always_on").follows_parent);
  CHECK(sampling("parentbased_always_off").ratio == 0);
}

TEST_CASE("values that make no sense are refused, with their variable") {
  for (const auto* bad :
       {"OTEL_EXPORTER_OTLP_ENDPOINT=127.0.0.1:4317", "OTEL_EXPORTER_OTLP_ENDPOINT=grpc://x:1",
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://x:1/?a=b", "OTEL_EXPORTER_OTLP_TIMEOUT=soon",
        "OTEL_EXPORTER_OTLP_TIMEOUT=-1", "OTEL_EXPORTER_OTLP_HEADERS=key", "OTEL_EXPORTER_OTLP_HEADERS=a b=1",
        "OTEL_EXPORTER_OTLP_HEADERS=a=%0a", "OTEL_RESOURCE_ATTRIBUTES=a", "OTEL_RESOURCE_ATTRIBUTES=a=%zz",
        "OTEL_TRACES_SAMPLER=jaeger_remote", "OTEL_TRACES_SAMPLER_ARG=2"}) {
    CAPTURE(bad);
    const auto c = with({bad});
    REQUIRE(c.problems.size() == 1);
    CHECK(c.problems[0].where.find("environment OTEL_") == 0);
  }
  CHECK(with({"OTEL_EXPORTER_OTLP_ENDPOINT=https://collector.example"}).problems.empty());
}

TEST_CASE("the headers, which may hold a key, are not printed") {
  const auto c = with({"OTEL_EXPORTER_OTLP_HEADERS=api-key=hidden"});
  CHECK(describe(c.settings).find("hidden") == std::string::npos);
}

TEST_CASE("lists of names and values") {
  using list = std::vector<std::pair<std::string, std::string>>;
  CHECK(parse_otlp_list("") == list{});
  CHECK(parse_otlp_list(" a = 1 , b=x%3Dy%2Cz ,, c=") == list{{"a", "1"}, {"b", "x=y,z"}, {"c", ""}});
  for (const auto* bad : {"a", "=1", "a=%", "a=%1", "a=%g1", "a=%ff"}) CHECK_FALSE(parse_otlp_list(bad));
}
