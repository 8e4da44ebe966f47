#include <services/customers/customer.hpp>

#include <services/rules/text.hpp>

namespace shop::customers {

using banyan::code;
using banyan::error;

banyan::result<void> customer::validate(const command& c) {
  auto& put = std::get<put_customer>(c);
  if (!is_code(put.id)) return error{code::invalid_argument, "a customer id " + code_rule()}.at("id");
  if (!is_name(put.name)) return error{code::invalid_argument, "a name " + name_rule()}.at("name");
  if (put.email && !put.email->empty() && !is_code(*put.email, 256))
    return error{code::invalid_argument, "an e-mail address " + code_rule(256)}.at("email");
  if (put.country && !put.country->empty() && !is_name(*put.country))
    return error{code::invalid_argument, "a country " + name_rule()}.at("country");
  return {};
}

banyan::decision<customer> customer::decide(const state& s, const command& c, const banyan::decision_context&) {
  auto& put = std::get<put_customer>(c);
  customer_profile wanted{put.id, put.name, put.email, put.country};
  if (s.profile && s.profile->name == wanted.name && s.profile->email == wanted.email && s.profile->country == wanted.country)
    return banyan::accept<customer>({}, wanted);
  return banyan::accept<customer>({profile_changed{put.id, put.name, put.email, put.country}}, wanted);
}

void customer::evolve(state& s, const event& e) {
  auto& p = std::get<profile_changed>(e);
  s.profile = customer_profile{p.id, p.name, p.email, p.country};
}

void customer_directory::create(banyan::view_writer& v) {
  v.run("CREATE TABLE customers (id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT, country TEXT) WITHOUT ROWID");
}

void customer_directory::apply(banyan::view_writer& v, const events& e, const banyan::recorded_event&) {
  auto& p = std::get<profile_changed>(e);
  v.run("INSERT OR REPLACE INTO customers VALUES (?1, ?2, ?3, ?4)", p.id, p.name, p.email, p.country);
}

banyan::result<customer_profile> customer_directory::answer(banyan::view_reader& v, const get_customer& q) {
  auto found = v.first<customer_profile>("SELECT id, name, email, country FROM customers WHERE id = ?1", q.id);
  if (!found) return error{code::not_found, "no customer " + q.id};
  return std::move(*found);
}

}  // namespace shop::customers
