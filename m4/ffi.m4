dnl SPDX-License-Identifier: MIT
dnl Macros of configure.ac: the table of rooms, flag probes, trampoline modes and optional test libraries.

dnl FFI_ROOM_ROW(host pattern, room, target, preprocessor condition, machine flags)
dnl One row of the table of rooms; FFI_CHOOSE_ROOM reads the rows. The condition catches a compiler whose target is not
dnl the host that was named, such as gcc -m32 on x86_64.
m4_define([FFI_ROOM_ROW], [m4_append([_FFI_ROOM_CASES],
  [[$1], [FFI_ROOM=$2 FFI_TARGET=$3 ffi_condition='$4' ffi_machineflags='$5'],
  ])m4_append([_FFI_ROOM_LIST], [$2], [ ])])
m4_define([_FFI_ROOM_CASES])

dnl FFI_CHOOSE_ROOM: sets FFI_ROOM, FFI_TARGET, FFI_ROOM_LIST and ffi_machineflags.
AC_DEFUN([FFI_CHOOSE_ROOM], [
AC_MSG_CHECKING([for the room of $host])
AS_CASE([$host],
  [*-gnux32], [AC_MSG_RESULT([none])
    AC_MSG_ERROR([x32 (x86_64 with 32-bit pointers) has no room yet; configure for x86_64-linux-gnu])],
  _FFI_ROOM_CASES
  [AC_MSG_RESULT([none])
   AC_MSG_ERROR([no room for $host: see libffi/arch/README.md for what one holds])])
AC_COMPILE_IFELSE([AC_LANG_SOURCE([
#if !($ffi_condition)
#error "the compiler is for another machine"
#endif
])],
  [AC_MSG_RESULT([$FFI_ROOM])],
  [AC_MSG_RESULT([$FFI_ROOM, but the compiler is for another machine])
   AC_MSG_ERROR([$CXX does not satisfy '$ffi_condition'; name the machine with --host (x32 has no room yet)])])
AC_SUBST([FFI_ROOM])
AC_SUBST([FFI_TARGET])
AC_SUBST([FFI_ROOM_LIST], ["_FFI_ROOM_LIST"])
])

dnl FFI_CXX_FLAGS(VARIABLE, FLAGS, [required])
dnl Appends those of FLAGS that the compiler takes without a warning; a required one that it refuses ends configure.
AC_DEFUN([FFI_CXX_FLAGS], [
AC_SUBST([$1])
for ffi_flag in m4_normalize([$2]); do
  AC_MSG_CHECKING([whether $CXX takes $ffi_flag])
  ffi_saved=$CXXFLAGS
  CXXFLAGS="$CXXFLAGS -Werror $ffi_flag"
  AC_COMPILE_IFELSE([AC_LANG_SOURCE([int ffi_probe(int x) { return x; }])],
    [AC_MSG_RESULT([yes])
     $1="$$1 $ffi_flag"],
    [AC_MSG_RESULT([no])
     m4_ifval([$3], [AC_MSG_ERROR([$CXX is too old: it does not take $ffi_flag])])])
  CXXFLAGS=$ffi_saved
done
])

dnl FFI_LINK_FLAGS(VARIABLE, FLAGS): appends those of FLAGS with which a shared object can be linked.
AC_DEFUN([FFI_LINK_FLAGS], [
AC_SUBST([$1])
AC_LANG_PUSH([C])
for ffi_flag in m4_normalize([$2]); do
  AC_MSG_CHECKING([whether the linker takes $ffi_flag])
  ffi_saved=$LDFLAGS
  LDFLAGS="$LDFLAGS -shared -fPIC $ffi_flag"
  AC_LINK_IFELSE([AC_LANG_SOURCE([int ffi_probe(int x) { return x; }])],
    [AC_MSG_RESULT([yes])
     $1="$$1 $ffi_flag"],
    [AC_MSG_RESULT([no])])
  LDFLAGS=$ffi_saved
done
AC_LANG_POP([C])
])

dnl FFI_TRAMPOLINE_MODES
dnl Reads --with-trampoline-modes. A mode exists where trampfd-glue/backends has a folder for it.
AC_DEFUN([FFI_TRAMPOLINE_MODES], [
ffi_modes=
for ffi_mode in kernel table legacy; do
  AS_IF([test -d "$srcdir/trampfd-glue/backends/$ffi_mode"], [AS_VAR_APPEND([ffi_modes], [",$ffi_mode"])])
done
ffi_modes=${ffi_modes#,}
AC_ARG_WITH([trampoline-modes],
  [AS_HELP_STRING([--with-trampoline-modes=LIST],
    [where closures may take trampolines from: of kernel, table and legacy, with commas (default: all there are)])],
  [], [with_trampoline_modes=$ffi_modes])
AS_CASE([$with_trampoline_modes], [yes|no|''],
  [AC_MSG_ERROR([--with-trampoline-modes takes a list of modes, of $ffi_modes])])
ffi_kernel=0 ffi_table=0 ffi_legacy=0
for ffi_mode in `echo "$with_trampoline_modes" | tr ',' ' '`; do
  AS_CASE([",$ffi_modes,"], [*",$ffi_mode,"*], [eval "ffi_$ffi_mode=1"],
    [AC_MSG_ERROR([--with-trampoline-modes: there is no mode '$ffi_mode' here, only $ffi_modes])])
done
AC_DEFINE_UNQUOTED([FFI_MODE_KERNEL], [$ffi_kernel], [Whether trampolines may come from the kernel.])
AC_DEFINE_UNQUOTED([FFI_MODE_TABLE], [$ffi_table], [Whether trampolines may come from the static table.])
AC_DEFINE_UNQUOTED([FFI_MODE_LEGACY], [$ffi_legacy], [Whether trampolines may be written at run time.])
])

dnl FFI_GOOGLETEST
dnl GTEST_ and GMOCK_CFLAGS, _LIBS, and HAVE_, from the system's libraries or, as a build for another machine needs it,
dnl from sources that are compiled with the tests.
AC_DEFUN([FFI_GOOGLETEST], [
AC_ARG_WITH([googletest],
  [AS_HELP_STRING([--with-googletest=DIR], [compile the tests' GoogleTest from its sources there])],
  [], [with_googletest=no])
AS_VAR_IF([with_googletest], [no],
  [FFI_TEST_LIBRARY([GTEST], [gtest_main])
   FFI_TEST_LIBRARY([GMOCK], [gmock])],
  [GTEST_CFLAGS="-I$with_googletest/googletest/include -I$with_googletest/googletest"
   GMOCK_CFLAGS="-I$with_googletest/googlemock/include -I$with_googletest/googlemock"
   GTEST_LIBS=-pthread
   HAVE_GTEST=yes HAVE_GMOCK=yes])
AC_SUBST([FFI_GOOGLETEST], [$with_googletest])
AM_CONDITIONAL([GOOGLETEST_SOURCES], [test "$with_googletest" != no])
])

dnl FFI_TEST_LIBRARY(NAME, pkg-config name): NAME_CFLAGS, NAME_LIBS, and HAVE_NAME, yes or no.
AC_DEFUN([FFI_TEST_LIBRARY], [
PKG_CHECK_MODULES([$1], [$2], [HAVE_$1=yes], [HAVE_$1=no])
AC_SUBST([HAVE_$1])
])
