#include <banyan/assembly/ports.hpp>
#include <banyan/cqrs/projection.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace banyan {
namespace {

// An in-memory store with the tables of one view, or the error of creating them. It answers synchronously.
result<std::shared_ptr<view_store>> created(const projection_spec& spec, const ports& engines) {
  auto store = engines.open<view_store>({.name = spec.view, .version = spec.version});
  if (!store) return store.error();
  std::optional<error> wrong = error{code::internal, "its creation was not answered"};
  (*store)->open({}, spec.create, [&](result<view_store::state> opened) {
    wrong = opened ? std::nullopt : std::optional{opened.error()};
  });
  if (wrong) return *wrong;
  return store;
}

// Prepares each statement before it runs and keeps the error, because the query may handle it.
class statement_probe final : public view_reader {
 public:
  explicit statement_probe(view_reader& of) : of_{of} {}
  const std::optional<error>& wrong() const { return wrong_; }

  std::vector<sql_row> rows(std::string_view sql, const std::vector<sql_value>& args, std::size_t first) override {
    constexpr std::string_view only_prepare = "EXPLAIN ";
    try {
      of_.rows(std::string{only_prepare} + std::string{sql}, args, 1);
    } catch (const view_error& e) {
      if (!wrong_) {
        wrong_ = e.get();
        if (wrong_->message.starts_with(only_prepare)) wrong_->message.erase(0, only_prepare.size());
      }
      throw;
    }
    return of_.rows(sql, args, first);
  }

 private:
  view_reader& of_;
  std::optional<error> wrong_;
};

std::optional<error> try_out(const query_spec::query& q, view_store& store) {
  std::optional<error> wrong;
  if (!q.try_out) return wrong;
  store.read(
      [&](view_reader& v) {
        statement_probe probe{v};
        try {
          q.try_out(probe);
        } catch (...) {
          // The query's own error for an empty request is ignored.
        }
        wrong = probe.wrong();
      },
      [](result<position>) {});
  return wrong;
}

}  // namespace

void check_views(const application& app, const ports& engines, std::vector<problem>& out) {
  const auto report = [&](const plan& p, const plan_item& item, std::string sentence) {
    out.push_back({item_path(p, item), std::move(sentence)});
  };
  std::map<std::string, std::shared_ptr<view_store>> stores;  // by view
  for (const auto& p : app.services)
    for (auto& [item, spec] : p.all<projection_spec>()) {
      auto store = created(*spec, engines);
      if (store)
        stores.emplace(spec->view, std::move(*store));
      else
        report(p, *item, "its tables can not be created: " + store.error().message);
    }
  for (const auto& p : app.services)
    for (auto& [item, side] : p.all<query_spec>()) {
      const auto store = stores.find(side->view);
      if (store == stores.end()) continue;
      for (const auto& q : side->queries)
        if (auto wrong = try_out(q, *store->second))
          report(p, *item, "the query " + q.name + " can not be answered: " + wrong->message);
    }
}

}  // namespace banyan
