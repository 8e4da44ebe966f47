// Nothing: the headers that tests/CMakeLists.txt names are precompiled with it.
