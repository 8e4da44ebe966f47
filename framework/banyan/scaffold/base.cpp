#include <banyan/scaffold/base.hpp>

#include <algorithm>

namespace banyan::scaffold {
namespace {

struct base_record {
  std::vector<text_file> files;
};
BOOST_DESCRIBE_STRUCT(base_record, (), (files))

}  // namespace

std::string base_to_text(std::vector<text_file> files) {
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  std::string text = "{\"files\": [";
  const char* before = "\n";
  for (const auto& f : files) {
    text += before + to_json(f);
    before = ",\n";
  }
  return text + "\n]}\n";
}

result<std::vector<text_file>> read_base(std::string_view text) {
  auto read = from_json<base_record>(text);
  if (!read) return read.error();
  return std::move(read->files);
}

}  // namespace banyan::scaffold
