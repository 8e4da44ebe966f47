"""Builds the program of tests/packaging/consumer, a service with an aggregate and a route, and asks it."""
import os

from conan import ConanFile
from conan.tools.build import can_run
from conan.tools.cmake import CMake, cmake_layout

packaging_tests = os.path.join("..", "..", "tests", "packaging")


class BanyanTestConan(ConanFile):
    settings = "os", "arch", "compiler", "build_type"
    generators = "CMakeDeps", "CMakeToolchain"
    test_type = "explicit"

    def requirements(self):
        self.requires(self.tested_reference_str)

    def layout(self):
        cmake_layout(self, build_folder=os.path.join("..", "..", "build", "conan_test"))

    def build(self):
        cmake = CMake(self)
        cmake.configure(build_script_folder=os.path.join(packaging_tests, "consumer"))
        cmake.build()

    def test(self):
        if can_run(self):
            script = os.path.join(self.source_folder, packaging_tests, "ask_visitors")
            program = os.path.join(self.build_folder, "visitors")
            self.run(f'"{script}" "{program}"', env="conanrun")
