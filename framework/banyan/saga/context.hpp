// The context of a saga: all that its code may ask for. The services it may ask are part of its type:
//
//   durable<result<order_state>> pay(saga_context<payments_api, orders_api> ctx, const order_placed& e) {
//     auto paid = co_await ctx.ask<payments_api, charge>(e.id, e.total).undone_by<payments_api, refund>(e.id);
//     if (!paid) co_return paid.error();                      // what was applied before is undone, last first
//     if (auto stands = ctx.pivot(); !stands) co_return stands.error();
//     co_return co_await ctx.ask<orders_api, confirm_order>(e.id);
//   }
//
// A saga takes its context by value and its input by const reference. Requests leave when the turn is stored. A step is
// asked again, with the same command id, until its outcome is known, or its outcome is found out by the query of its
// operation (known_by, plan/operation.hpp); the error that the saga gets is a refusal, or what was applied with an
// unreadable reply. A command id is derived from the run and the step's number, unless the request has an
// `idempotency_key()`, which names a command whoever sends it.
#pragma once

#include <banyan/actor/task.hpp>
#include <banyan/core/hash.hpp>
#include <banyan/plan/describe_operation.hpp>
#include <banyan/saga/pending.hpp>
#include <banyan/saga/saga_decoders.hpp>

#include <boost/mp11/list.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace banyan {

namespace detail {

// A request of these arguments; refuses what g++ 12 would destroy twice.
template <class Api, class Request, class... Args>
Request saga_request_of(Args&&... args) {
  static_assert(Api::operations::template offers<Request>,
                "the API does not offer this operation: add op<...> to the `operations` of the API, or ask the API "
                "that offers it");
  static_assert(can_travel<Request> && can_travel<reply_to<Request>>,
                "what a saga asks is recorded: describe the request and its reply with BOOST_DESCRIBE_STRUCT");
  static_assert(is_repeatable<Request>(typename Api::operations{}),
                "an operation that may not be repeated needs known_by<...> to be used in a saga: after a crash a step "
                "is asked again; declare it idempotent::by_key if its service keeps command ids");
  static_assert((is_safe_in_co_await<Args> && ...),
                "give this argument a name on the line before and pass that (to move it: give(name)): g++ 12 destroys "
                "an aggregate temporary that owns memory twice when it is made inside a co_await expression");
  static_assert(
      requires { Request{argument<Args>(args)...}; },
      "the request can not be made of these arguments: pass the values of its members in their order, or a variable of "
      "its type");
  return Request{argument<Args>(args)...};
}

// The command that a request's own idempotency_key() names, whoever sends it; nil: it has none.
template <class Request>
uuid own_command_of(const Request& request) {
  const auto key = natural_key_of(request);
  return key.empty() ? uuid{} : uuid_from_name(local_name<Request>(), key);
}

template <class Api, class Request>
std::string wire_name() {
  return std::string{Api::name} + "." + std::string{local_name<Request>()};
}

}  // namespace detail

// A step that was just begun. What is said of it comes before anything else is asked or awaited.
template <class T, class... Apis>
class saga_step : public pending<T> {
 public:
  using pending<T>::pending;

  // The operation that takes it back when the saga fails after it was applied; recorded before the step leaves.
  template <class Api, class Request, class... Args>
  saga_step undone_by(Args&&... args) const {
    static_assert((std::is_same_v<Api, Apis> || ...),
                  "this saga may not ask that service: add its API to the saga's saga_context<...>");
    const auto request = detail::saga_request_of<Api, Request>(std::forward<Args>(args)...);
    this->machine().add_undo(
        this->number(),
        {detail::wire_name<Api, Request>(), detail::sent_as_of<Request>().version, nested(request),
         detail::own_command_of(request)},
        codec_of<Request>());
    return *this;
  }
  // The limit of one attempt.
  saga_step within(timespan limit) const {
    if (auto* policy = this->machine().policy_of(this->number())) policy->within = limit;
    return *this;
  }
  // Gives a failure that was not applied to the saga after `n` attempts. Unknown outcomes are asked after for ever.
  saga_step attempts(int n) const {
    if (auto* policy = this->machine().policy_of(this->number())) policy->attempts = n;
    return *this;
  }
  saga_step retry(const saga_step_policy& how) const {
    if (auto* policy = this->machine().policy_of(this->number())) *policy = how;
    return *this;
  }
};

// What again() returns: `co_return ctx.again(next);`
class [[nodiscard("write co_return before again()")]] saga_again {
 public:
  saga_again(saga_machine& m, nested_json input, const message_type* type)
      : machine_{&m}, input_{std::move(input)}, type_{type} {}
  error committed() { return machine_->go_on_again(std::move(input_), type_); }

 private:
  saga_machine* machine_;
  nested_json input_;
  const message_type* type_;
};

template <class... Apis>
class saga_context {
 public:
  using apis = boost::mp11::mp_list<Apis...>;
  explicit saga_context(saga_machine& m) noexcept : machine_{&m} {}

  // Begins a step. The request is built from the arguments, or is a variable.
  template <class Api, class Request, class... Args>
  saga_step<reply_to<Request>, Apis...> ask(Args&&... args) {
    static_assert((std::is_same_v<Api, Apis> || ...),
                  "this saga may not ask that service: add its API to the saga's saga_context<...>");
    const auto request = detail::saga_request_of<Api, Request>(std::forward<Args>(args)...);
    saga_machine::ask a;
    a.request.kind = saga_wish::step;
    a.request.name = detail::wire_name<Api, Request>();
    a.request.version = detail::sent_as_of<Request>().version;
    a.request.arguments = nested(request);
    a.request.command = detail::own_command_of(request);
    a.decode = &detail::decode_answer<reply_to<Request>>;
    a.arguments_codec = codec_of<Request>();
    return {*machine_, machine_->begin(std::move(a))};
  }

  // A durable timer: it fires after `wait`, or later, also when the program was not running at that time.
  timer_handle timer(timespan wait) { return timer_at(add_saturating(machine_->now(), wait)); }
  timer_handle timer_at(instant due) {
    saga_machine::ask a;
    a.request.kind = saga_wish::timer;
    a.request.due = due;
    return {*machine_, machine_->begin(std::move(a))};
  }

  // The next event of this name that nobody has taken; those that came before are kept in their order.
  template <class E>
  pending<E> event(std::string_view name) {
    static_assert(can_travel<E>, "an event is recorded: describe it with BOOST_DESCRIBE_STRUCT");
    saga_machine::ask a;
    a.request.kind = saga_wish::event;
    a.request.name = std::string{name};
    a.decode = &detail::decode_event<E>;
    return {*machine_, machine_->begin(std::move(a))};
  }

  // Waits for all of them. Handles, or a vector of them, with names of their own.
  template <class... H>
  auto all(H&&... handles) {
    static_assert((std::is_lvalue_reference_v<H> && ...),
                  "give each of them a name on the line before: g++ and clang begin the arguments of a call in "
                  "opposite orders, and a log of one would not replay on the other");
    return all_of(handles...);
  }
  // Waits for the first of them; the answer is its index.
  template <class... H>
  first_of_many first(H&&... handles) {
    static_assert((std::is_lvalue_reference_v<H> && ...),
                  "give each of them a name on the line before: g++ and clang begin the arguments of a call in "
                  "opposite orders, and a log of one would not replay on the other");
    return {*machine_, numbers_of_each(handles...)};
  }

  // A value from outside (a setting, a flag): computed once and recorded.
  template <class F>
  std::invoke_result_t<F&> remember(std::string_view name, F compute) {
    using value = std::invoke_result_t<F&>;
    static_assert(can_travel<value>, "a remembered value is recorded: describe its type with BOOST_DESCRIBE_STRUCT");
    saga_machine::ask a;
    a.request.kind = saga_wish::value;
    a.request.name = std::string{name};
    if (const auto* recorded = machine_->recorded_value(name)) {
      auto read = from_json<value>(recorded->text);
      if (!read) machine_->unreadable_value(name, *recorded, read.error());
      a.request.arguments = *recorded;
      (void)machine_->begin(std::move(a));
      return std::move(*read);
    }
    value computed = compute();
    a.request.arguments = nested(computed);
    (void)machine_->begin(std::move(a));
    return computed;
  }

  // A domain event, stored with this turn: publish<order_paid>(members...), or a variable.
  template <class E, class... Args>
  void publish(Args&&... args) {
    static_assert(
        requires { std::string_view{E::stored.type}; },
        "what is published is a stored event: give it `static constexpr banyan::stored_as stored{\"orders.paid\", "
        "1};`");
    const E event{std::forward<Args>(args)...};
    saga_machine::ask a;
    a.request.kind = saga_wish::publish;
    a.request.name = std::string{E::stored.type};
    a.request.version = E::stored.schema;
    a.request.arguments = nested(event);
    a.arguments_codec = codec_of<E>();
    (void)machine_->begin(std::move(a));
  }

  // From here on the saga only goes forward: nothing is undone, and whoever cancels is too late. An error when it was
  // cancelled or is out of time: this is where both are decided.
  [[nodiscard("a saga that was cancelled must not go past its pivot: look at the result")]] result<void> pivot() {
    return machine_->pivot();
  }

  // A text for people. May change without a new version.
  void status(std::string_view text) { machine_->say_status(text); }

  instant now() const { return machine_->now(); }  // of this turn; never runs backwards
  // Derived from saga, run, name and index: the same in every replay, without a record.
  uuid new_id(std::string_view name, std::uint64_t index = 0) const {
    return derive(machine_->run_id(), index, "id " + std::string{name});
  }
  std::uint64_t random(std::string_view name, std::uint64_t index = 0) const {
    const auto id = derive(machine_->run_id(), index, "random " + std::string{name});
    return stable_hash({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
  }
  int version() const { return machine_->head().version; }  // that the saga was started with
  int run() const { return machine_->head().run; }
  const std::string& id() const { return machine_->head().id; }
  bool is_stopped() const { return machine_->stopped().has_value(); }  // cancelled, or out of time

  // Goes on as a new run with a short log; unread events and what would be undone are carried over. Steps without an
  // answer are waited for first.
  template <class Input>
  saga_again again(const Input& input) {
    return {*machine_, nested(input), type_of<Input>()};
  }

 private:
  template <class T>
  all_of_many<T> all_of(const std::vector<pending<T>>& handles) {
    return {*machine_, handles};
  }
  template <class... T>
  all_of_some<T...> all_of(const pending<T>&... handles) {
    return {*machine_, handles...};
  }
  template <class T>
  static std::vector<int> numbers_of_each(const std::vector<T>& handles) {
    return detail::numbers_of(handles);
  }
  template <class... T>
  static std::vector<int> numbers_of_each(const pending<T>&... handles) {
    return {handles.number()...};
  }
  saga_machine* machine_;
};

namespace detail {
template <class C>
inline constexpr bool is_saga_context = false;
template <class... Apis>
inline constexpr bool is_saga_context<saga_context<Apis...>> = true;
}  // namespace detail

}  // namespace banyan
