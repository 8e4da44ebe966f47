// Empty on purpose: a source file for the target that precompiles third-party headers (banyan.cmake).
