// SPDX-License-Identifier: MIT
// Names of aarch64's registers: AAPCS64, 6.1.1 and 6.1.2.
#include "arch/aarch64/convention.h"
#include "tools/ffi-explain/rooms.h"

namespace ffi::explain {
namespace {

#define AT(name, member) {offsetof(aarch64::Image, member), sizeof(aarch64::Image::member), name}
constexpr Register registers[] = {
    AT("x0", gpr[0]),    AT("x1", gpr[1]),    AT("x2", gpr[2]),    AT("x3", gpr[3]),
    AT("x4", gpr[4]),    AT("x5", gpr[5]),    AT("x6", gpr[6]),    AT("x7", gpr[7]),
    AT("x8", indirect),  AT("x18", chain),    AT("v0", vector[0]), AT("v1", vector[1]),
    AT("v2", vector[2]), AT("v3", vector[3]), AT("v4", vector[4]), AT("v5", vector[5]),
    AT("v6", vector[6]), AT("v7", vector[7]),
};
#undef AT

// Classified on every machine, built for none yet.
constexpr const Convention *big_endian[] = {&aarch64::sysv_big_endian};

}  // namespace

constinit const Room aarch64_room = {"aarch64", aarch64::conventions, registers,
                                     sizeof(aarch64::Image), false};
constinit const Room aarch64_be_room = {"aarch64_be", big_endian, registers, sizeof(aarch64::Image),
                                        false};

}  // namespace ffi::explain
