# steve_interfaces_hash(<out> <packages> <files>...): names one state of our interfaces and of those they stand on.
#
# r2r keys its cache of bindings on the values of environment variables alone, so a change of an interface has to
# change one of them: this hash is part of a path in AMENT_PREFIX_PATH. Comments do not count, so that mending one
# costs no build of the world; a line with a quote in it is taken whole, for a # may be part of a string there.
function(steve_interfaces_hash out packages)
  set(all "")
  foreach(file ${ARGN})
    file(READ ${CMAKE_CURRENT_SOURCE_DIR}/${file} text)
    string(REGEX REPLACE "[ \t]*#[^\"'\n]*\n" "\n" text "${text}\n")
    string(APPEND all "${file}\n${text}\n")
  endforeach()
  foreach(package ${packages})
    string(APPEND all "${package} ${${package}_VERSION} ${${package}_DIR}\n")
  endforeach()
  string(SHA256 hash "${all}")
  string(SUBSTRING ${hash} 0 12 hash)
  set(${out} ${hash} PARENT_SCOPE)
endfunction()
