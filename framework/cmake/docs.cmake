# Target `docs`: the reference of the public headers as HTML, by Doxygen, which nothing else needs. Warnings are errors.
set(docs_folder ${CMAKE_CURRENT_BINARY_DIR}/docs)
get_property(docs_inputs GLOBAL PROPERTY BANYAN_HEADERS)
set(docs_pages CHANGELOG COMPATIBILITY README TRANSPORT TUTORIAL
  reference/README reference/ambassador reference/circuit_breaker reference/cqrs reference/event_sourcing reference/http
  reference/observability reference/operating_sagas reference/operations_page reference/pub_sub reference/saga
  reference/sharding reference/supervision reference/test_kit reference/tls)
list(TRANSFORM docs_pages APPEND .md)
file(GLOB docs_found RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *.md reference/*.md)
foreach(page IN LISTS docs_found)
  if(NOT page IN_LIST docs_pages)
    message(FATAL_ERROR "framework/${page} is not in the list of framework/cmake/docs.cmake")
  endif()
endforeach()
list(TRANSFORM docs_pages PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
list(APPEND docs_inputs ${docs_pages})
list(TRANSFORM docs_inputs REPLACE "(.+)" "\"\\1\"")
list(JOIN docs_inputs " " docs_inputs)
configure_file(${CMAKE_CURRENT_LIST_DIR}/Doxyfile.in ${docs_folder}/Doxyfile @ONLY)

add_custom_target(docs
  COMMAND doxygen ${docs_folder}/Doxyfile
  COMMAND ${CMAKE_COMMAND} -E echo "See ${docs_folder}/html/index.html"
  VERBATIM)
