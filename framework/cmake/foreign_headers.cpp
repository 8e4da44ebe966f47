// Nothing: the headers that banyan.cmake names are precompiled with it.
