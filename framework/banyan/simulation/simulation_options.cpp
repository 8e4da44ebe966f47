#include <banyan/simulation/simulation_options.hpp>

#include <sstream>

namespace banyan {

simulation_counts& simulation_counts::operator+=(const simulation_counts& more) {
  steps += more.steps;
  requests += more.requests;
  messages += more.messages;
  crashes += more.crashes;
  for (std::size_t m = 0; m < crash_points; ++m) crashes_during[m] += more.crashes_during[m];
  starts += more.starts;
  disk_batches += more.disk_batches;
  view_writes += more.view_writes;
  passivations += more.passivations;
  for (std::size_t k = 0; k < fault_kinds; ++k) faults[k] += more.faults[k];
  links += more.links;
  simulated = simulated.count() + more.simulated.count();
  return *this;
}

std::string to_string(const simulation_counts& c) {
  std::ostringstream out;
  out << "messages      " << c.steps << " handled, " << c.messages << " messages between nodes, " << c.requests << " requests of clients\n";
  out << "disks         " << c.disk_batches << " steps of journals, " << c.view_writes << " writes of views; " << c.passivations
      << " passivations\n";
  out << "links         " << c.links.carried << " carried, " << c.links.dropped << " dropped, " << c.links.duplicated << " duplicated, "
      << c.links.delayed << " delayed, " << c.links.reordered << " reordered, " << c.links.cut << " lost to cuts\n";
  out << "faults       ";
  for (std::size_t k = 0; k < fault_kinds; ++k) out << (k ? ", " : " ") << c.faults[k] << " " << to_string(static_cast<fault_kind>(k));
  out << "\ncrashes       " << c.crashes << " of " << c.starts << " starts; ";
  for (std::size_t m = 1; m < crash_points; ++m)
    out << (m > 1 ? ", " : "") << c.crashes_during[m] << " during " << to_string(static_cast<crash_point>(m));
  out << '\n';
  return out.str();
}

}  // namespace banyan
