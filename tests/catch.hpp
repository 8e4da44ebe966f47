// Catch2, by the name under which the tests of a service include it that `banyan new service` added: in an application
// it stands for version 2 or 3.
#pragma once

#include <catch2/catch.hpp>
