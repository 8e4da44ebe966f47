// Browsing and searching, with whatever people type.
#include "../shop_world.hpp"

using namespace banyan;
using shop_test::shop_world;

namespace {

std::string percent(const std::string& text) {
  std::string out;
  for (unsigned char c : text) {
    const char* hex = "0123456789ABCDEF";
    out += {'%', hex[c >> 4], hex[c & 15]};
  }
  return out;
}

// The SKUs found, in order; what is no answer of 200 says its status instead.
std::string found(shop_world& w, const std::string& text) {
  auto r = w.send("GET", "/products?text=" + percent(text));
  if (r.status != 200) return std::to_string(r.status);
  std::string skus;
  auto page = parse_json(r.body).value();
  for (auto& p : page.at("products").as_array()) skus += (skus.empty() ? "" : " ") + std::string{p.at("sku").as_string()};
  return skus;
}

void put(shop_world& w, const std::string& sku, const std::string& name) {
  auto body = R"({"price":{"minor":255,"currency":"GBP"},"name":)" + to_json(name) + "}";
  REQUIRE(w.send("PUT", "/products/" + percent(sku), body).status == 200);
}

}  // namespace

TEST_CASE("a search looks for its first eight distinct words") {
  shop_world w;
  put(w, "A1", "one two three four five six seven eight nine");
  w.settle();
  CHECK(found(w, "one two three four five six seven eight missing words behind them") == "A1");
  CHECK(found(w, "one two three four five six seven missing") == "");
  std::string repeated;
  for (int i = 0; i < 20; ++i) repeated += "ONE o tw ";
  CHECK(found(w, repeated + "two eight") == "A1");
  CHECK(found(w, repeated + "missing") == "");
}

TEST_CASE("what people type is words, never the syntax of a search engine") {
  shop_world w;
  put(w, "A1", "WHITE HANGING HEART T-LIGHT HOLDER");
  put(w, "A2", "RED WOOLLY HOTTIE WHITE HEART.");
  put(w, "A3", "CAF\xC3\x89 \"AU LAIT\" MUG 50% OFF");
  put(w, "A4", "\xF0\x9F\x8E\x81 gift box");
  put(w, "gift_0001_20",
      "Dotcomgiftshop Gift Voucher \xC2\xA3"
      "20.00");
  w.settle();
  struct example {
    std::string text, skus;
  };
  for (auto& e : std::vector<example>{{"heart", "A1 A2"},
                                      {"white hea", "A1 A2"},
                                      {"t-light", "A1"},
                                      {"\"white heart\"", "A1 A2"},
                                      {"heart AND", ""},
                                      {"heart OR mug", ""},
                                      {"NOT heart", ""},
                                      {"heart NEAR(white, 2)", ""},
                                      {"name:heart", ""},
                                      {"heart*", "A1 A2"},
                                      {"^white", "A1 A2"},
                                      {"(heart", "A1 A2"},
                                      {"heart\"", "A1 A2"},
                                      {"'; DROP TABLE products; --", ""},
                                      {"caf\xC3\xA9", "A3"},
                                      {"cafe", "A3"},
                                      {"50%", "A3"},
                                      {"\xC2\xA3"
                                       "20",
                                       "gift_0001_20"},
                                      {"gift_0001_20", "gift_0001_20"},
                                      {"gift \xF0\x9F\x8E\x81", "A4 gift_0001_20"},
                                      {std::string("heart\0mug", 9), ""}}) {
    CAPTURE(e.text);
    CHECK(found(w, e.text) == e.skus);
  }
}

TEST_CASE("blank text browses; text without a word finds nothing") {
  shop_world w;
  put(w, "A1", "lantern");
  put(w, "A2", "\xF0\x9F\x8E\x81");
  w.settle();
  CHECK(found(w, "") == "A1 A2");
  CHECK(found(w, " \t\r\n") == "A1 A2");
  for (auto* text : {"?", "!!!", "\"", "\"\"", "*", "-", "' OR 1=1", "\xF0\x9F\x8E\x81", "\xE2\x80\x94"}) {
    CAPTURE(text);
    CHECK(found(w, text).empty());
  }
}

TEST_CASE("a long text is cut, also in the middle of a letter") {
  shop_world w;
  put(w, "A1", "lantern");
  w.settle();
  for (std::size_t n = 250; n < 260; ++n) {
    std::string text = "lantern";
    while (text.size() < n) text += " l";
    text.resize(n);
    CAPTURE(n);
    CHECK(found(w, text + "\xF0\x9F\x8E\x81") == "A1");
  }
}

TEST_CASE("products with odd SKUs are found by them") {
  shop_world w;
  for (auto* sku : {"BANK CHARGES", "50%", "\"q\"", "O'Neill", "?x=1#y", "\xC3\xA9", "...", "+", "%2F"}) {
    CAPTURE(sku);
    put(w, sku, "odd thing");
    w.settle();
    auto r = w.send("GET", "/products/" + percent(sku));
    CHECK(r.status == 200);
    CHECK(shop_world::text_of(r, "sku") == sku);
  }
}
