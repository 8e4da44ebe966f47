#include <banyan/supervision/driver.hpp>
#include <banyan/supervision/pool.hpp>
#include <banyan/supervision/pool_strategy.hpp>

#include <utility>

namespace banyan {

namespace {

class pool final : public detail::driver<pool_strategy> {
 public:
  explicit pool(std::shared_ptr<const pool_options> o) : driver{pool_strategy{o->policy}, o->hooks}, options_{std::move(o)} {}

  behavior make_behavior() override {
    return driver::make_behavior()
        .on_message<start_child>([this](message_ptr& m) { start_new(m, options_->policy, "the child"); })
        .on_message<terminate_member>([this](message_ptr& m) {
          const auto member = find(m->as<terminate_member>().member);
          carry_out(core_.terminate(question(std::move(m), false), member, now()));
        });
  }

  void started() override {
    self().started_later();
    carry_out(core_.begin());
  }

 private:
  std::shared_ptr<const pool_options> options_;
};

}  // namespace

result<pool_factory> pool_factory::make(pool_options options) {
  if (auto wrong = check(options.policy, {}); !wrong.empty()) return detail::invalid(wrong);
  return pool_factory{std::make_shared<const pool_options>(std::move(options))};
}

std::unique_ptr<actor> pool_factory::operator()() const { return std::make_unique<pool>(options_); }

}  // namespace banyan
