# The Rust executables, built by cargo against the interfaces just generated.
#
# r2r finds interfaces through AMENT_PREFIX_PATH, and ours are not installed yet when cargo runs. So they are put in a
# prefix of their own, the stage, whose name changes with them (see interfaces_hash.cmake).

steve_interfaces_hash(interfaces_hash
    "rcl;rosidl_generator_c;${interface_packages};${optional_interface_packages}" ${interface_files})
# Also a changed file, and not only a new one, is a reason to configure anew.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${interface_files})

if(STEVE_CACHE_DIR)
  set(stage ${STEVE_CACHE_DIR}/interfaces-${interfaces_hash})
  set(STEVE_CARGO_TARGET_DIR ${STEVE_CACHE_DIR}/target)
else()
  set(stage ${CMAKE_BINARY_DIR}/interfaces-${interfaces_hash})
  set(STEVE_CARGO_TARGET_DIR ${CMAKE_BINARY_DIR}/cargo)
endif()

# Looked at in every build: it may have been deleted, and that it is there is seen at once.
add_custom_target(steve_stage
    COMMAND ${CMAKE_COMMAND} -DSTAGE=${stage} -DBINARY_DIR=${CMAKE_BINARY_DIR} -DPACKAGE=${PROJECT_NAME}
            -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/stage.cmake
    VERBATIM)
add_dependencies(steve_stage ${PROJECT_NAME})

# The environment's prefixes, but for those that hold this very package: an install of ours is older than the stage.
set(prefixes ${stage})
set(libraries ${stage}/lib)
string(REPLACE ":" ";" environment "$ENV{AMENT_PREFIX_PATH}")
foreach(prefix ${environment})
  if(NOT prefix STREQUAL CMAKE_INSTALL_PREFIX AND EXISTS ${prefix}
     AND NOT EXISTS ${prefix}/share/ament_index/resource_index/rosidl_interfaces/${PROJECT_NAME})
    list(APPEND prefixes ${prefix})
    list(APPEND libraries ${prefix}/lib)
    # An optional package that is installed there later is a reason to configure anew.
    set(index ${prefix}/share/ament_index/resource_index/rosidl_interfaces)
    if(EXISTS ${index})
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${index})
    endif()
  endif()
endforeach()
# What else is needed to load them, such as /opt/ros/jazzy/lib/x86_64-linux-gnu.
string(REPLACE ":" ";" environment "$ENV{LD_LIBRARY_PATH}")
foreach(folder ${environment})
  get_filename_component(folder_prefix ${folder} DIRECTORY)
  if(NOT folder_prefix STREQUAL CMAKE_INSTALL_PREFIX AND EXISTS ${folder}
     AND NOT EXISTS ${folder_prefix}/share/ament_index/resource_index/rosidl_interfaces/${PROJECT_NAME})
    list(APPEND libraries ${folder})
  endif()
endforeach()
list(REMOVE_DUPLICATES prefixes)
list(REMOVE_DUPLICATES libraries)
list(JOIN prefixes ":" STEVE_CARGO_AMENT_PREFIX_PATH)
list(JOIN libraries ":" STEVE_CARGO_LD_LIBRARY_PATH)
set(STEVE_IDL_PACKAGES "${PROJECT_NAME};${interface_packages};${optional_interface_packages}")
if(NOT DEFINED ENV{ROS_DISTRO})
  message(FATAL_ERROR "No ROS is sourced (ROS_DISTRO is not set): source /opt/ros/jazzy/setup.bash or scripts/env.sh")
endif()
set(STEVE_ROS_DISTRO "$ENV{ROS_DISTRO}")
configure_file(cmake/cargo-env.sh.in ${CMAKE_BINARY_DIR}/cargo-env.sh @ONLY)

if(STEVE_INTERFACES_ONLY)
  return()
endif()

if(CMAKE_BUILD_TYPE STREQUAL Debug)
  set(profile dev)
else()
  set(profile release)
endif()

# One file in src/bin, one executable.
file(GLOB sources RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/src/nodes/src/bin CONFIGURE_DEPENDS src/nodes/src/bin/*.rs)
list(TRANSFORM sources REPLACE "\\.rs$" "" OUTPUT_VARIABLE executables)

add_custom_target(steve_executables ALL
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cmake/cargo_build.sh ${CMAKE_BINARY_DIR}/cargo-env.sh
            ${CMAKE_CURRENT_SOURCE_DIR} ${profile} ${CMAKE_BINARY_DIR}/bin ${executables}
    USES_TERMINAL VERBATIM)
add_dependencies(steve_executables steve_stage)

foreach(executable ${executables})
  install(PROGRAMS ${CMAKE_BINARY_DIR}/bin/${executable} DESTINATION lib/${PROJECT_NAME})
  if(executable STREQUAL steve)
    # The command for people: on the PATH, too.
    install(PROGRAMS ${CMAKE_BINARY_DIR}/bin/steve DESTINATION bin)
  endif()
endforeach()
