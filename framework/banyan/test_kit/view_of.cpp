#include <banyan/test_kit/view_of.hpp>

#include <banyan/engines/sqlite/view_store.hpp>

#include <exception>
#include <optional>

namespace banyan::test_kit::detail {

namespace {

// Runs `body` by `run`, and throws what it throws instead of the store's error.
template <class Port, class Run>
void through(const std::function<void(Port&)>& body, Run run) {
  std::exception_ptr thrown;
  std::optional<result<position>> answer;
  run(
      [&](Port& p) {
        try {
          body(p);
        } catch (...) {
          thrown = std::current_exception();
          throw;
        }
      },
      [&](result<position> r) { answer = std::move(r); });
  if (thrown) std::rethrow_exception(thrown);
  answer.value().value();
}

}  // namespace

view_tables::view_tables(std::function<void(view_writer&)> create) : store_{open_memory_view_store().value()} {
  std::optional<result<view_store::state>> opened;
  store_->open({}, std::move(create), [&](result<view_store::state> r) { opened = std::move(r); });
  opened.value().value();
}
view_tables::~view_tables() = default;

void view_tables::write(const std::function<void(view_writer&)>& body) {
  through<view_writer>(body, [&](auto run, auto done) { store_->write(std::move(run), last_ + 1, std::move(done)); });
  ++last_;
}

void view_tables::read(const std::function<void(view_reader&)>& body) {
  through<view_reader>(body, [&](auto run, auto done) { store_->read(std::move(run), std::move(done)); });
}

}  // namespace banyan::test_kit::detail
