"""Conan 2 recipe: `conan create conan --profile:all conan/profiles/debian12-gcc12 --build=missing`.

Each room is a component of its own, with the CMake target that the installed package has: banyan::core, and
banyan::banyan, which links the rooms that a program of services needs. Components are read from the installed targets.

`-o "banyan/*:with_tls=False"` leaves out TLS, calls between nodes, and OpenSSL. Engines are options:
`-o "banyan/*:with_framed_transport=False"` leaves out calls between nodes alone, the component
engines_framed_transport. The engine of SQLite is none: views and delivery stores are tables of
it, in memory too, so the rooms runtime, simulation and test_kit need it (framework/cmake/engines.cmake).
"""
import os
import re

from conan import ConanFile
from conan.errors import ConanException, ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.4"

targets_file = os.path.join("lib", "cmake", "banyan", "banyan-targets.cmake")

# An option for TLS and for each engine that can be left out, and the packages that it alone requires.
engine_options = {
    "with_tls": ["openssl/[>=3 <4]"],
    "with_framed_transport": [],  # needs with_tls
}

# The imported targets that rooms link, and the component of Conan Center's package that defines each.
foreign_components = {
    "Boost::headers": "boost::headers",
    "Boost::json": "boost::json",
    "Boost::url": "boost::url",
    "CAF::core": "caf::caf_core",
    "CLI11::CLI11": "cli11::cli11",
    "OpenSSL::SSL": "openssl::ssl",
    "SQLite::SQLite3": "sqlite3::sqlite",
    "prometheus-cpp::core": "prometheus-cpp::prometheus-cpp-core",
    "spdlog::spdlog": "spdlog::libspdlog",
    "tomlplusplus::tomlplusplus": "tomlplusplus::tomlplusplus",
    "xxHash::xxhash": "xxhash::libxxhash",
}


def version_in(cmake_lists):
    """The version of project() in the text of CMakeLists.txt."""
    return re.search(r"^project\(banyan VERSION ([0-9.]+)", cmake_lists, re.MULTILINE).group(1)


def rooms_in(cmake_targets):
    """The rooms of the text of banyan-targets.cmake, as {name: (has a library, [target that it links])}."""
    targets = re.findall(
        r"^add_library\(banyan::(\w+) (STATIC|INTERFACE) IMPORTED\)\n\n"
        r"set_target_properties\(banyan::\1 PROPERTIES\n(.*?)^\)",
        cmake_targets, re.MULTILINE | re.DOTALL)
    rooms = {}
    for name, kind, properties in targets:
        links = re.search(r'INTERFACE_LINK_LIBRARIES "(.*)"', properties).group(1).split(";")
        links = [re.sub(r"\\\$<LINK_ONLY:(.*)>", r"\1", link) for link in links]
        rooms[name] = kind == "STATIC", [link for link in links if link]  # empty: banyan_warnings, of the build only
    return rooms


class BanyanConan(ConanFile):
    name = "banyan"
    description = "Actor-based microservice framework in C++20 on CAF"
    license = "Apache-2.0"
    topics = ("actor-framework", "microservices", "event-sourcing", "cqrs", "caf")
    package_type = "static-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"fPIC": [True, False], **dict.fromkeys(engine_options, [True, False])}
    default_options = {
        "fPIC": True,
        **dict.fromkeys(engine_options, True),
        "caf/*:with_openssl": False,  # of CAF the core alone is used
        "prometheus-cpp/*:with_pull": False,
        "prometheus-cpp/*:with_push": False,
    }

    def set_version(self):
        self.version = version_in(load(self, os.path.join(self.recipe_folder, "..", "CMakeLists.txt")))

    def export_sources(self):
        top = os.path.join(self.recipe_folder, "..")
        for pattern in ("CMakeLists.txt", "LICENSE", "framework/*", "conan/debian.txt"):
            copy(self, pattern, src=top, dst=self.export_sources_folder)

    def configure(self):
        if not self.options.with_tls:
            self.options.with_framed_transport = False

    def layout(self):
        self.folders.root = ".."  # this recipe is one folder below the source
        cmake_layout(self, build_folder="build/conan")

    def validate(self):
        check_min_cppstd(self, 20)
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("Banyan runs on Linux only: it uses epoll, flock and signalfd")

    # Headers of these are included by public headers: EXTERNAL in the rooms' CMakeLists.txt. The others: INTERNAL.
    def requirements(self):
        self.requires("boost/[>=1.81 <2]", transitive_headers=True)
        self.requires("caf/[>=1.1 <2]", transitive_headers=True)
        self.requires("cli11/[>=2.3 <3]", transitive_headers=True)
        self.requires("prometheus-cpp/[>=1.1 <2]")
        self.requires("spdlog/[>=1.10 <2]")
        self.requires("sqlite3/[>=3.40 <4]")
        self.requires("tomlplusplus/[>=3.3 <4]")
        self.requires("xxhash/[>=0.8.1 <0.9]")
        for option, packages in engine_options.items():
            if self.options.get_safe(option):
                for package in packages:
                    self.requires(package)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.user_presets_path = False  # none in the source folder
        for option in ("BANYAN_BUILD_TESTS", "BANYAN_BUILD_SAMPLES"):
            toolchain.cache_variables[option] = False
        for option in engine_options:
            toolchain.cache_variables["BANYAN_" + option.upper()] = bool(self.options.get_safe(option))
        toolchain.generate()
        dependencies = CMakeDeps(self)
        # Its own configuration requires the exposer and the pusher, too: see FindPrometheusCore.cmake.
        dependencies.set_property("prometheus-cpp", "cmake_file_name", "PrometheusCore")
        # The build asks for 0.17.6 or newer (dependencies.cmake), and 1.1 is of another major version.
        dependencies.set_property("caf", "cmake_config_version_compat", "AnyNewerVersion")
        dependencies.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build(target="banyan_package")

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", src=self.source_folder, dst=os.path.join(self.package_folder, "licenses"))
        # Of the CMake package only the list of targets stays: CMakeDeps makes the consumer's.
        targets = load(self, os.path.join(self.package_folder, targets_file))
        for folder in (os.path.dirname(targets_file), os.path.join("lib", "pkgconfig"), "share"):
            rmdir(self, os.path.join(self.package_folder, folder))
        os.makedirs(os.path.dirname(os.path.join(self.package_folder, targets_file)))
        with open(os.path.join(self.package_folder, targets_file), "w", encoding="utf-8") as f:
            f.write(targets)

    def package_info(self):
        self.cpp_info.set_property("cmake_target_name", "banyan::all_rooms")  # banyan::banyan is a room
        for room, (has_library, links) in rooms_in(load(self, os.path.join(self.package_folder, targets_file))).items():
            component = self.cpp_info.components[room]
            component.set_property("cmake_target_name", "banyan::" + room)
            component.libs = ["banyan_" + room] if has_library else []
            component.system_libs = ["pthread"]
            for target in links:
                if target.startswith("banyan::"):
                    component.requires.append(target.removeprefix("banyan::"))
                elif target in foreign_components:
                    component.requires.append(foreign_components[target])
                elif target != "Threads::Threads":
                    raise ConanException(f"the room {room} links {target}, which foreign_components does not name")
