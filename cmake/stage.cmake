# cmake -P: puts what r2r reads of our own interfaces into a prefix of its own, whole or not at all.
# Wants STAGE (the prefix to make), BINARY_DIR (the build tree), PACKAGE.
#
# The name of STAGE has a hash of the interfaces in it, so one that is there already is right.
if(EXISTS ${STAGE}/share)
  return()
endif()

get_filename_component(parent ${STAGE} DIRECTORY)
string(RANDOM LENGTH 8 random)
set(new ${STAGE}.${random})
file(MAKE_DIRECTORY ${new}/include/${PACKAGE})
file(COPY ${BINARY_DIR}/ament_cmake_index/share DESTINATION ${new})
# As installed: include/<package>/<package>/..., where r2r looks for headers.
foreach(generator rosidl_generator_c rosidl_typesupport_introspection_c)
  file(COPY ${BINARY_DIR}/${generator}/${PACKAGE} DESTINATION ${new}/include/${PACKAGE}
       FILES_MATCHING PATTERN "*.h")
endforeach()
file(GLOB libraries ${BINARY_DIR}/lib${PACKAGE}__*.so)
file(COPY ${libraries} DESTINATION ${new}/lib)

file(RENAME ${new} ${STAGE} RESULT failed)
if(failed)
  # Another build tree was faster; its prefix is as good.
  file(REMOVE_RECURSE ${new})
  if(NOT EXISTS ${STAGE}/share)
    message(FATAL_ERROR "${STAGE}: ${failed}")
  endif()
endif()
