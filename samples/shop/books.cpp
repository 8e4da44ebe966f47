#include <shop/books.hpp>

#include <shop/progress.hpp>

#include <banyan/core/json.hpp>
#include <banyan/saga/record.hpp>

#include <services/inventory/events.hpp>
#include <services/orders/events.hpp>
#include <services/payments/events.hpp>

#include <algorithm>

namespace shop {

void books::fault_list::say(std::string sentence) {
  ++count;
  if (kept.size() < faults_kept) kept.push_back(std::move(sentence));
}

template <>
void books::enter(const orders::order_placed& e) {
  auto [at, added] = orders_.try_emplace(e.id);
  if (!added) return faults_.say("order " + e.id + " was placed twice");
  auto& entry = at->second;
  entry.last_asked = entry.last_event = head_;
  entry.month = month_of(e.placed_at);
  for (const auto& l : e.lines) {
    auto name = "order " + e.id + ": line " + std::to_string(l.line);
    if (!entry.lines.emplace(l.line, line{.sku = l.sku, .quantity = l.quantity, .stocked = l.stocked}).second)
      faults_.say(name + " is there twice");
    std::int64_t sum = 0;
    if (__builtin_mul_overflow(l.quantity, l.unit_minor, &sum) || sum != l.total_minor)
      faults_.say(name + " is " + with_thousands(l.quantity) + " x " + with_thousands(l.unit_minor) + ", but says " +
                  with_thousands(l.total_minor));
    if (__builtin_add_overflow(entry.total, sum, &entry.total)) faults_.say("order " + e.id + ": its total does not fit");
    stock_[l.sku].quantity += l.quantity;
  }
  if (entry.total != e.total.minor || e.total.currency != "GBP")
    faults_.say("order " + e.id + ": its lines make " + with_thousands(entry.total) + " pence, but it says " + to_string(e.total));
  entry.must_pay = has_payments_ && entry.total > 0;
  sales_.add(entry.month, {1, static_cast<std::int64_t>(e.lines.size()), entry.total});
  for (const auto& r : e.rejected) sales_.count_rejected(r.reason, r.value_minor);
}

template <>
void books::enter(const orders::order_confirmed& e) {
  auto at = orders_.find(e.id);
  if (at == orders_.end()) return faults_.say("order " + e.id + " was confirmed, but never placed");
  if (at->second.where != state::placed) return faults_.say("order " + e.id + " was confirmed, but was no longer open");
  if ((at->second.is_charged || at->second.must_pay) && !at->second.money.captured)
    faults_.say("order " + e.id + " was confirmed, but is not paid");
  at->second.where = state::confirmed;
  at->second.last_event = head_;
}

template <>
void books::enter(const orders::order_cancelled& e) {
  auto at = orders_.find(e.id);
  if (at == orders_.end()) return faults_.say("order " + e.id + " was cancelled, but never placed");
  auto& entry = at->second;
  if (entry.where == state::cancelled) return faults_.say("order " + e.id + " was cancelled twice");
  entry.where = state::cancelled;
  entry.last_asked = entry.last_event = head_;
  bool same = e.lines.size() == entry.lines.size() && e.total.minor == entry.total && month_of(e.placed_at) == entry.month;
  for (const auto& l : e.lines) {
    auto placed = entry.lines.find(l.line);
    same = same && placed != entry.lines.end() && placed->second.sku == l.sku && placed->second.quantity == l.quantity;
  }
  if (!same) faults_.say("order " + e.id + ": what was cancelled is not what was placed");
  for (const auto& [number, l] : entry.lines) stock_[l.sku].quantity -= l.quantity;
  sales_.add(entry.month, {-1, -static_cast<std::int64_t>(entry.lines.size()), -entry.total});
}

template <>
void books::enter(const orders::payment_awaited& e) {
  auto at = orders_.find(e.id);
  if (at == orders_.end()) return faults_.say("order " + e.id + " waits for its money, but was never placed");
  if (at->second.where != state::placed || at->second.is_charged)
    faults_.say("order " + e.id + " waits for its money, but was not open");
  at->second.is_charged = true;
  at->second.last_asked = at->second.last_event = head_;
  has_payments_ = true;
}

books::order* books::paid_order(const std::string& id, const char* what) {
  auto at = orders_.find(id);
  if (at == orders_.end() || !at->second.money.requested) {
    faults_.say("the payment of order " + id + " was " + what + ", but never requested");
    return nullptr;
  }
  at->second.last_asked = at->second.last_event = head_;
  return &at->second;
}

template <>
void books::enter(const payments::payment_requested& e) {
  auto at = orders_.find(e.order);
  if (at == orders_.end()) return faults_.say("a payment was requested for order " + e.order + ", which is not there");
  auto& money = at->second.money;
  const auto total = at->second.total;
  if (money.requested) return faults_.say("the payment of order " + e.order + " was requested twice");
  if (e.amount.minor != total || e.amount.currency != "GBP")
    faults_.say("order " + e.order + " costs " + with_thousands(total) + " pence, but " + to_string(e.amount) +
                " were asked for");
  money.requested = true;
  money.asked = e.amount.minor;
  at->second.last_asked = at->second.last_event = head_;
  ++payments_.requested;
}

template <>
void books::enter(const payments::payment_concluded& e) {
  auto* order = paid_order(e.order, "concluded");
  if (!order) return;
  auto& money = order->money;
  if (money.concluded) return faults_.say("the payment of order " + e.order + " was concluded twice");
  money.concluded = true;
  money.captured = e.how == payments::conclusion::captured;
  money.took_money = e.how != payments::conclusion::declined;
  if (money.captured && (e.taken.minor != money.asked || e.taken.currency != "GBP"))
    faults_.say("order " + e.order + ": " + with_thousands(money.asked) + " pence were asked for, " +
                to_string(e.taken) + " captured");
  // Of a mismatch nobody knows what was taken but the acquirer; it is all paid back, and counts when it is.
  if (money.captured) money.taken = e.taken.minor;
  payments_.taken += money.taken;
  ++(money.captured ? payments_.captured : money.took_money ? payments_.mismatched : payments_.declined);
}

template <>
void books::enter(const payments::refund_requested& e) {
  auto* order = paid_order(e.order, "to be paid back");
  if (!order) return;
  if (order->money.refund_wanted) faults_.say("the payment of order " + e.order + " was to be paid back twice");
  order->money.refund_wanted = true;
}

template <>
void books::enter(const payments::payment_refunded& e) {
  auto* order = paid_order(e.order, "paid back");
  if (!order) return;
  auto& money = order->money;
  if (money.refunded) return faults_.say("the payment of order " + e.order + " was paid back twice");
  if (!money.took_money || !money.refund_wanted)
    faults_.say("the payment of order " + e.order + " was paid back, but not taken or not asked for");
  if (money.captured && e.amount != banyan::money{money.taken, "GBP"})
    faults_.say("order " + e.order + ": " + with_thousands(money.taken) + " pence were taken, " + to_string(e.amount) +
                " paid back");
  money.refunded = true;
  money.paid_back = e.amount.minor;
  if (!money.captured && e.amount.currency == "GBP") {
    money.taken = e.amount.minor;
    payments_.taken += money.taken;
  }
  if (e.amount.currency == "GBP") payments_.paid_back += e.amount.minor;
  ++payments_.refunded;
}

template <>
void books::enter(const inventory::sku_tracked& e) {
  stock_[e.sku].stocked = true;
}

template <>
void books::enter(const inventory::stock_received& e) {
  if (e.quantity <= 0) faults_.say(e.sku + ": movement " + e.id + " received " + with_thousands(e.quantity));
  move_stock(e.sku, e.quantity);
}

template <>
void books::enter(const inventory::stock_moved& e) {
  move_stock(e.sku, -e.quantity);
  stock_[e.sku].moved += e.quantity;
  auto at = orders_.find(e.order);
  if (at == orders_.end()) return faults_.say(e.sku + ": goods moved for order " + e.order + ", which is not there");
  auto placed = at->second.lines.find(e.line);
  if (placed == at->second.lines.end() || placed->second.sku != e.sku)
    return faults_.say(e.sku + ": goods moved for order " + e.order + " line " + std::to_string(e.line) + ", which is not of this SKU");
  at->second.last_event = head_;
  placed->second.moved += e.quantity;
  (e.quantity > 0 ? placed->second.taken : placed->second.returned) += e.quantity > 0 ? e.quantity : -e.quantity;
}

void books::move_stock(const std::string& sku, std::int64_t change) {
  auto& sums = stock_[sku];
  sums.stocked = true;
  sums.on_hand += change;
  if (sums.on_hand < 0) faults_.say(sku + ": its stock fell to " + with_thousands(sums.on_hand));
}

// A turn of a saga of an order: its checkout, or what takes a confirmed order back.
void books::enter_turn(const banyan::recorded_event& event) {
  const auto turn = banyan::from_json<banyan::saga_turned>(event.payload);
  if (!turn) return faults_.say("event " + std::to_string(event.position) + " of " + event.stream + " cannot be read");
  const auto dash = event.stream.find('-');
  const auto at = orders_.find(event.stream.substr(dash + 1));
  if (at == orders_.end()) return;
  if (turn->head) ++at->second.sagas;
  if (!turn->end) return;
  --at->second.sagas;
  if (turn->end->how == banyan::saga_outcome::attention || turn->end->how == banyan::saga_outcome::abandoned)
    faults_.say("order " + at->first + ": somebody has to look into " + event.stream + ", which ended with " +
                turn->end->result.text);
}

template <class Event>
bool books::decode_and_apply(const banyan::recorded_event& event) {
  if (event.type != Event::stored.type) return false;
  auto e = banyan::from_json<Event>(event.payload);
  if (e)
    enter(*e);
  else
    faults_.say("event " + std::to_string(event.position) + " (" + event.type + ") cannot be read: " + to_string(e.error()));
  return true;
}

void books::apply(const banyan::recorded_event& event) {
  ++events_;
  if (event.position <= head_) faults_.say("event " + std::to_string(event.position) + " comes after " + std::to_string(head_));
  head_ = event.position;
  if (auto hole = versions_.see(event)) {
    faults_.say(hole->message);
    versions_.accept(event);
  }
  if (event.type == banyan::saga_turned::stored.type) return enter_turn(event);
  (void)(decode_and_apply<orders::order_placed>(event) || decode_and_apply<orders::order_confirmed>(event) ||
         decode_and_apply<orders::order_cancelled>(event) || decode_and_apply<orders::payment_awaited>(event) ||
         decode_and_apply<payments::payment_requested>(event) || decode_and_apply<payments::payment_concluded>(event) ||
         decode_and_apply<payments::refund_requested>(event) || decode_and_apply<payments::payment_refunded>(event) ||
         decode_and_apply<inventory::sku_tracked>(event) || decode_and_apply<inventory::stock_received>(event) ||
         decode_and_apply<inventory::stock_moved>(event));
}

bool books::is_stocked(const line& l) const {
  if (l.stocked) return *l.stocked;
  auto sums = stock_.find(l.sku);
  return sums != stock_.end() && sums->second.stocked;
}

// Goods that come back come in after the order was confirmed, or cancelled; so does money. A payment that is requested
// for a cancelled order is open until it is known that none was taken, or it is paid back.
bool books::is_open(const order& o) const {
  if (o.where == state::placed) return true;
  const bool may_have_money = o.money.requested && (!o.money.concluded || o.money.took_money) && !o.money.refunded;
  if (o.where == state::cancelled && may_have_money) return true;
  return std::ranges::any_of(o.lines, [&](const auto& numbered) {
    const auto& l = numbered.second;
    if (o.where == state::cancelled) return l.moved > 0 && l.moved <= l.quantity;
    return l.quantity < 0 && l.moved == 0 && is_stocked(l);
  });
}

std::int64_t books::open_orders() const {
  return std::ranges::count_if(orders_, [this](const auto& entry) { return is_open(entry.second); });
}

// Only what has come to rest: an open order's goods may be anywhere between shelf and lorry, and its money between card
// and till.
books::fault_list books::check_orders() const {
  fault_list found;
  for (const auto& [id, entry] : orders_) {
    if (is_open(entry)) continue;
    const auto kept = entry.money.taken - entry.money.paid_back;
    const auto due = entry.where == state::confirmed && entry.is_charged ? entry.total : 0;
    if (kept != due && (entry.where == state::confirmed || entry.money.captured))
      found.say("order " + id + ": " + with_thousands(due) + " pence are due, " + with_thousands(kept) + " were kept");
    for (const auto& [number, l] : entry.lines) {
      auto expected = entry.where == state::confirmed && is_stocked(l) ? l.quantity : 0;
      if (l.moved != expected)
        found.say("order " + id + " line " + std::to_string(number) + " (" + l.sku + ", " +
                  (entry.where == state::confirmed ? "confirmed" : "cancelled") + "): " + with_thousands(expected) +
                  " should have left the stock, " + with_thousands(l.moved) + " did");
    }
  }
  return found;
}

std::vector<std::string> books::faults() const {
  auto all = faults_.kept;
  auto of_orders = check_orders().kept;
  all.insert(all.end(), of_orders.begin(), of_orders.end());
  if (all.size() > faults_kept) all.resize(faults_kept);
  return all;
}

std::vector<std::string> books::open_orders_to(banyan::position last) const {
  std::vector<std::string> open;
  for (const auto& [id, entry] : orders_)
    if (entry.last_asked <= last && entry.sagas == 0 && is_open(entry)) open.push_back(id);
  return open;
}

std::map<std::string, std::int64_t> books::kept_money() const {
  std::map<std::string, std::int64_t> kept;
  for (const auto& [id, entry] : orders_)
    if (entry.money.took_money) kept[id] = entry.money.taken - entry.money.paid_back;
  return kept;
}

void books::for_each_order(const std::function<void(const order_in_books&)>& visit) const {
  for (const auto& [id, entry] : orders_) {
    order_in_books o{.id = id, .stage = entry.where, .is_open = is_open(entry)};
    o.last_event = entry.last_event;
    o.total = entry.total;
    o.was_requested = entry.money.requested;
    o.was_captured = entry.money.captured;
    o.was_refunded = entry.money.refunded;
    o.taken = entry.money.taken;
    o.paid_back = entry.money.paid_back;
    for (const auto& [number, l] : entry.lines) {
      if (l.quantity <= 0) continue;  // goods that come in are no reservation
      o.reserved += l.taken;
      o.given_back += l.returned;
      if (is_stocked(l)) o.sold += l.quantity;
    }
    visit(o);
  }
}

std::int64_t books::fault_count() const { return faults_.count + check_orders().count; }

}  // namespace shop
