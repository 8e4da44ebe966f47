// banyan: file event_sourcing
#include <services/moorings/mooring.hpp>

#include <services/moorings/mooring_check.hpp>

namespace harbour::moorings {

banyan::result<void> mooring::validate(const command& c) {
  if (auto* place = std::get_if<place_mooring>(&c)) return check_text(place->id, place->note);
  return {};
}

banyan::decision<mooring> mooring::decide(const state& s, const command& c, const banyan::decision_context&) {
  if (auto* place = std::get_if<place_mooring>(&c)) {
    const mooring_record wanted{place->id, place->note, mooring_status::placed};
    if (!s.record) return banyan::accept<mooring>({mooring_placed{place->id, place->note}}, wanted);
    if (s.record->note == place->note) return banyan::accept<mooring>({}, *s.record);
    return banyan::refuse("already_placed", "it was placed with another note");
  }
  if (!s.record) return banyan::error{banyan::code::not_found, "nothing was placed under this id"};
  auto confirmed = *s.record;
  confirmed.status = mooring_status::confirmed;
  if (s.record->status == mooring_status::confirmed) return banyan::accept<mooring>({}, confirmed);
  return banyan::accept<mooring>({mooring_confirmed{confirmed.id}}, confirmed);
}

void mooring::evolve(state& s, const event& e) {
  if (auto* placed = std::get_if<mooring_placed>(&e)) s.record = mooring_record{placed->id, placed->note, mooring_status::placed};
  if (std::get_if<mooring_confirmed>(&e) && s.record) s.record->status = mooring_status::confirmed;
}

}  // namespace harbour::moorings
