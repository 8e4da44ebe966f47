// banyan: file event_sourcing
#include <services/moorings/mooring.hpp>

#include <services/moorings/mooring_check.hpp>

namespace harbour::moorings {

using banyan::decision_context;

banyan::result<void> mooring::validate(const command& c) {
  if (auto* place = std::get_if<place_mooring>(&c)) return check_text(place->id, place->note);
  return {};
}

banyan::decision<mooring> mooring::decide(const state& s, const command& c, const decision_context&) {
  if (auto* place = std::get_if<place_mooring>(&c)) {
    const mooring_record wanted{place->id, place->note, mooring_status::placed};
    const mooring_placed placed{place->id, place->note};
    if (!s.record) return banyan::accept<mooring>({placed}, wanted);
    if (s.record->note == place->note) return banyan::accept<mooring>({}, *s.record);
    return banyan::refuse("already_placed", "it was placed with another note");
  }
  if (!s.record) return banyan::error{banyan::code::not_found, "nothing was placed under this id"};
  if (s.record->status == mooring_status::confirmed) return banyan::accept<mooring>({}, *s.record);
  auto record = *s.record;
  record.status = mooring_status::confirmed;
  return banyan::accept<mooring>({mooring_confirmed{record.id}}, record);
}

void mooring::evolve(state& s, const event& e) {
  using enum mooring_status;
  if (auto* p = std::get_if<mooring_placed>(&e)) s.record = {p->id, p->note, placed};
  if (std::get_if<mooring_confirmed>(&e) && s.record) s.record->status = confirmed;
}

}  // namespace harbour::moorings
