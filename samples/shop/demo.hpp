// `shop demo`: a short story on a shop and an acquirer of its own, in a temporary folder and on free ports. Shelves are
// filled, a customer orders, the same order is sent twice, something sells out, processes are killed in the middle of
// it all. The last step is the audit (audit.hpp): it prints the sums of all books, or what differs.
#pragma once

#include <shop/exchange.hpp>

#include <iosfwd>
#include <string>

namespace shop {

// `program` is this program, to start `serve` with. Returns 0 when every step went as told, 1 when one did not, 130 when interrupted.
int demo(const std::string& program, std::ostream& out, std::ostream& err, const stop_flag& stop);

}  // namespace shop
