# Target `docs`: the reference of the public headers as HTML, by Doxygen, which nothing else needs. Warnings are errors.
set(docs_folder ${CMAKE_CURRENT_BINARY_DIR}/docs)
get_property(docs_inputs GLOBAL PROPERTY BANYAN_HEADERS)
file(GLOB docs_pages CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.md ${CMAKE_CURRENT_SOURCE_DIR}/reference/*.md)
list(APPEND docs_inputs ${docs_pages})
list(TRANSFORM docs_inputs REPLACE "(.+)" "\"\\1\"")
list(JOIN docs_inputs " " docs_inputs)
configure_file(${CMAKE_CURRENT_LIST_DIR}/Doxyfile.in ${docs_folder}/Doxyfile @ONLY)

add_custom_target(docs
  COMMAND doxygen ${docs_folder}/Doxyfile
  COMMAND ${CMAKE_COMMAND} -E echo "See ${docs_folder}/html/index.html"
  VERBATIM)
