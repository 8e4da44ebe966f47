#include <banyan/saga/saga_listing.hpp>

#include <banyan/cqrs/view_store_rows.hpp>
#include <banyan/saga/operator_pages.hpp>

#include <algorithm>
#include <utility>

namespace banyan {
namespace {

instant instant_of(std::int64_t n) { return instant{nanoseconds{n}}; }

saga_line line_of(const std::string& saga, const saga_index_row& row, const std::string* blocked) {
  saga_line l;
  l.saga = saga;
  l.id = row.id;
  l.run = row.run;
  l.version = row.version;
  l.state = blocked ? "blocked" : row.phase == "ended" ? row.state : row.phase;
  l.status = row.status;
  l.started = instant_of(row.started);
  l.since = instant_of(row.since);
  l.waiting_for = row.waiting_for;
  l.open_steps = row.open_steps;
  l.turns = row.turns;
  l.bytes = row.bytes;
  l.reason = blocked ? *blocked : row.reason;
  return l;
}

saga_kind_line kind_of(const running_saga& k, const saga_load& load) {
  const auto linked = k.versions();
  saga_kind_line line{.saga = k.spec.name};
  for (const auto& v : load.versions)
    line.living.push_back({v.version, v.sagas, instant_of(v.oldest),
                           std::find(linked.begin(), linked.end(), v.version) != linked.end()});
  line.versions = load.indexed;
  line.attention = load.attention;
  line.overdue = load.overdue;
  return line;
}

// A page being filled, one kind of sagas after the other: first what each has in all, then the sagas.
class saga_listing : public std::enable_shared_from_this<saga_listing> {
 public:
  saga_list_request asked;
  std::size_t now = 0;  // of asked.of
  sagas_page page;
  completion<std::string> answer;

  void count() {
    if (page.kinds.size() == asked.of.size()) return go_on();
    const auto& k = *asked.of[page.kinds.size()];
    if (k.index->progress->applied.load() < 0)
      return answer(error{code::unavailable, "the index of " + k.spec.name + " is not open yet"});
    auto load = std::make_shared<saga_load>();
    k.index->store->read([load, at = asked.now](view_reader& v) { *load = saga_load_of(v, at); },
                         [self = shared_from_this(), load, &k](result<position> read) {
                           if (!read) return self->answer(std::move(read.error()));
                           self->page.kinds.push_back(kind_of(k, *load));
                           self->count();
                         });
  }
  void go_on() {
    while (now < asked.of.size() && asked.of[now]->spec.name < asked.after_saga) ++now;
    if (now == asked.of.size()) return answer(to_json(page));
    const auto& k = *asked.of[now];
    const auto after = k.spec.name == asked.after_saga ? asked.after_id : std::string{};
    auto rows = std::make_shared<std::vector<saga_index_row>>();
    const auto most = static_cast<int>(asked.limit - page.sagas.size() + 1);
    auto ids = asked.only_blocked ? blocked_ids(k, after) : std::vector<std::string>{};
    auto body = [rows, f = asked.filter, after, most, ids = std::move(ids), all = !asked.only_blocked](view_reader& v) {
      rows->clear();
      if (all) *rows = list_sagas(v, f, after, most);
      auto one = f;
      one.status.clear();
      for (const auto& id : ids) {
        one.id = id;
        for (auto& row : list_sagas(v, one, {}, 1)) rows->push_back(std::move(row));
      }
    };
    k.index->store->read(std::move(body), [self = shared_from_this(), rows](result<position> at) {
      if (!at) return self->answer(std::move(at.error()));
      self->take(*rows);
    });
  }
  std::vector<std::string> blocked_ids(const running_saga& k, const std::string& after) const {
    const auto prefix = k.spec.category + "-";
    std::vector<std::string> ids;
    for (const auto& [stream, cause] : asked.blocked) {
      if (!stream.starts_with(prefix)) continue;
      auto id = stream.substr(prefix.size());
      if (id > after) ids.push_back(std::move(id));
    }
    return ids;
  }
  void take(const std::vector<saga_index_row>& rows) {
    const auto& k = *asked.of[now];
    for (const auto& row : rows) {
      if (page.sagas.size() == asked.limit) {
        page.next = page.sagas.back().saga + "/" + page.sagas.back().id;
        return answer(to_json(page));
      }
      const auto why = asked.blocked.find(k.spec.category + "-" + row.id);
      page.sagas.push_back(line_of(k.spec.name, row, why == asked.blocked.end() ? nullptr : &why->second));
    }
    ++now;
    go_on();
  }
};

}  // namespace

void list_sagas(saga_list_request r, completion<std::string> answer) {
  auto page = std::make_shared<saga_listing>();
  page->asked = std::move(r);
  page->answer = std::move(answer);
  page->count();
}

}  // namespace banyan
