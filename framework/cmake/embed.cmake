# Files that travel inside a library or a program.
#
#   banyan_embed(page.json PAGE_JSON)                  -> PAGE_JSON: the file as C++ characters, for configure_file
#   banyan_embed_files(PAGE FOLDER site PREFIX /assets/ FILES app.js style.css)
#                                                      -> PAGE: elements of a std::vector<banyan::static_file>
#
# Files are read as hexadecimal: no text is too long or too strange that way. A changed file configures again.
function(banyan_embed file out)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," hex "${hex}")
  set(${out} "${hex}" PARENT_SCOPE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
endfunction()

# index.html has the path /index.html, whatever the prefix.
function(banyan_embed_files out)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FOLDER;PREFIX" "FILES")
  set(types "html=text/html" "css=text/css" "js=text/javascript" "svg=image/svg+xml")
  set(elements "")
  foreach(name IN LISTS arg_FILES)
    cmake_path(GET name EXTENSION LAST_ONLY extension)
    string(SUBSTRING "${extension}" 1 -1 extension)
    set(type ${types})
    list(FILTER type INCLUDE REGEX "^${extension}=")
    if(NOT type)
      message(FATAL_ERROR "banyan_embed_files: ${name} is of no known type")
    endif()
    string(REGEX REPLACE "^[^=]+=" "" type "${type}")
    if(NOT extension STREQUAL "svg")
      string(APPEND type "; charset=utf-8")
    endif()
    set(path ${arg_PREFIX}${name})
    if(name STREQUAL "index.html")
      set(path /index.html)
    endif()
    banyan_embed(${arg_FOLDER}/${name} characters)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${arg_FOLDER}/${name})
    string(APPEND elements "      {\"${path}\", \"${type}\", std::string{${characters}}},\n")
  endforeach()
  set(${out} "${elements}" PARENT_SCOPE)
endfunction()
