#include <services/catalog/product_search.hpp>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace shop::catalog {

using banyan::code;
using banyan::error;

namespace {

struct row {
  std::string sku, name;
  std::int64_t minor = 0;
  std::string currency;
  bool stocked = true;
};
BOOST_DESCRIBE_STRUCT(row, (), (sku, name, minor, currency, stocked))

product to_product(row r) { return {std::move(r.sku), std::move(r.name), {r.minor, std::move(r.currency)}, r.stocked}; }

// Terms of one search. Each costs a walk through all that it matches, and nobody types more words than a product's name has.
constexpr std::size_t most_words = 8;

// Every word a quoted prefix term: what people type is never FTS5 syntax. A word that another one begins with says nothing more.
std::string match_expression(std::string_view text) {
  auto end = std::min<std::size_t>(text.size(), 256);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a letter
  std::vector<std::string> words;
  std::string word;
  auto flush = [&] {
    const auto begins_another = [&](const std::string& w) { return w.starts_with(word); };
    if (!word.empty() && words.size() < most_words && std::ranges::none_of(words, begins_another)) {
      std::erase_if(words, [&](const std::string& w) { return word.starts_with(w); });
      words.push_back(word);
    }
    word.clear();
  };
  for (char c : text.substr(0, end)) {
    if (std::isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80)
      word += static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);  // the index tells no case
    else
      flush();
  }
  flush();
  std::string expression;
  for (const auto& w : words) expression += (expression.empty() ? "\"" : " \"") + w + "\"*";
  return expression;
}

}  // namespace

void product_search::create(banyan::view_writer& v) {
  v.run(
      "CREATE TABLE products (sku TEXT PRIMARY KEY, name TEXT NOT NULL, minor INTEGER NOT NULL, currency TEXT NOT NULL, stocked INTEGER "
      "NOT NULL)");
  v.run("CREATE VIRTUAL TABLE words USING fts5(sku, name, tokenize = 'unicode61')");
}

void product_search::apply(banyan::view_writer& v, const events& e, const banyan::recorded_event&) {
  auto& put = std::get<product_put>(e);
  v.run("DELETE FROM words WHERE rowid IN (SELECT rowid FROM products WHERE sku = ?1)", put.sku);
  v.run(
      "INSERT INTO products VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (sku) DO UPDATE SET name = ?2, minor = ?3, currency = ?4, stocked = ?5",
      put.sku, put.name, put.price.minor, put.price.currency, put.stocked);
  v.run("INSERT INTO words (rowid, sku, name) SELECT rowid, sku, name FROM products WHERE sku = ?1", put.sku);
}

banyan::result<product> product_search::answer(banyan::view_reader& v, const get_product& q) {
  auto found = v.first<row>("SELECT sku, name, minor, currency, stocked FROM products WHERE sku = ?1", q.sku);
  if (!found) return error{code::not_found, "no product " + q.sku};
  return to_product(std::move(*found));
}

banyan::result<product_page> product_search::answer(banyan::view_reader& v, const find_products& q) {
  if (q.limit < 1 || q.limit > 500) return error{code::invalid_argument, "limit is 1 to 500"}.at("limit");
  auto after = q.after.value_or("");
  auto text = q.text.value_or("");
  auto expression = match_expression(text);
  bool for_all = text.find_first_not_of(" \t\r\n") == std::string::npos;
  if (expression.empty() && !for_all) return product_page{};  // "???" names no product, and is not a wish to see them all
  auto rows = expression.empty()
                  ? v.query<row>("SELECT sku, name, minor, currency, stocked FROM products WHERE sku > ?1 ORDER BY sku LIMIT ?2", after,
                                 q.limit + 1)
                  : v.query<row>(
                        "SELECT p.sku, p.name, p.minor, p.currency, p.stocked FROM words w JOIN products p ON p.rowid = w.rowid "
                        "WHERE words MATCH ?1 AND p.sku > ?2 ORDER BY p.sku LIMIT ?3",
                        expression, after, q.limit + 1);
  product_page page;
  for (auto& r : rows) {
    if (page.products.size() == static_cast<std::size_t>(q.limit)) {
      page.next = page.products.back().sku;
      break;
    }
    page.products.push_back(to_product(std::move(r)));
  }
  return page;
}

banyan::result<product_prices> product_search::answer(banyan::view_reader& v, const get_products& q) {
  if (q.skus.size() > get_products::most) return error{code::invalid_argument, "at most 10,000 SKUs at once"}.at("skus");
  product_prices prices;
  for (auto& sku : q.skus)
    if (auto found = v.first<row>("SELECT sku, name, minor, currency, stocked FROM products WHERE sku = ?1", sku))
      prices.found.push_back(to_product(std::move(*found)));
  return prices;
}

}  // namespace shop::catalog
