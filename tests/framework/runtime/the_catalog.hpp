// The smallest application that does everything: one service of the sample shop, and a product to put into it.
#pragma once

#include <services/catalog/service.hpp>

#include <string>

namespace banyan::test {

inline const application& the_catalog() {
  static const application app{"catalog", {shop::catalog::describe()}};
  return app;
}

inline const std::string lantern = R"({"name":"lantern","price":{"minor":255,"currency":"GBP"}})";

}  // namespace banyan::test
