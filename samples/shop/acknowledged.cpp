#include <shop/acknowledged.hpp>

namespace shop {

banyan::result<void> acknowledgements::open(const std::string& file) {
  file_.open(file, std::ios::trunc);
  if (!file_) return banyan::error{banyan::code::unavailable, "cannot write " + file};
  return {};
}

void acknowledgements::add(const acknowledgement& one) {
  if (file_.is_open()) file_ << banyan::to_json(one) << '\n' << std::flush;
}

banyan::result<std::vector<acknowledgement>> read_acknowledgements(const std::string& file) {
  std::ifstream in{file};
  if (!in) return banyan::error{banyan::code::unavailable, "cannot read " + file};
  std::vector<acknowledgement> all;
  for (std::string line; std::getline(in, line);) {
    auto one = banyan::from_json<acknowledgement>(line);
    if (!one) return one.error();
    all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace shop
