// SPDX-License-Identifier: MIT
// Names of i386's registers: System V psABI for i386, table 2.3.
#include "arch/i386/convention.h"
#include "tools/ffi-explain/rooms.h"

namespace ffi::explain {
namespace {

#define AT(name, member) {offsetof(i386::Image, member), sizeof(i386::Image::member), name}
constexpr Register registers[] = {
    AT("eax", gpr[0]),        AT("edx", gpr[1]),        AT("ecx", gpr[2]),
    AT("eax", result_gpr[0]), AT("edx", result_gpr[1]), AT("st0", x87),
};
#undef AT

}  // namespace

constinit const Room i386_room = {"i386", i386::conventions, registers, sizeof(i386::Image), true};

}  // namespace ffi::explain
