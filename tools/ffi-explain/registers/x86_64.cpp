// SPDX-License-Identifier: MIT
// Names of x86-64's registers: System V psABI for AMD64, figure 3.4.
#include "arch/x86_64/convention.h"
#include "tools/ffi-explain/rooms.h"

namespace ffi::explain {
namespace {

#define AT(name, member) {offsetof(x86_64::Image, member), sizeof(x86_64::Image::member), name}
constexpr Register registers[] = {
    AT("rdi", gpr[0]),        AT("rsi", gpr[1]),        AT("rdx", gpr[2]),
    AT("rcx", gpr[3]),        AT("r8", gpr[4]),         AT("r9", gpr[5]),
    AT("rax", result_gpr[0]), AT("rdx", result_gpr[1]), AT("xmm0", vector[0]),
    AT("xmm1", vector[1]),    AT("xmm2", vector[2]),    AT("xmm3", vector[3]),
    AT("xmm4", vector[4]),    AT("xmm5", vector[5]),    AT("xmm6", vector[6]),
    AT("xmm7", vector[7]),    AT("st0", x87[0]),        AT("st1", x87[1]),
    AT("al", vector_count),   AT("r10", chain),
};
#undef AT

}  // namespace

constinit const Room x86_64_room = {"x86_64", x86_64::conventions, registers, sizeof(x86_64::Image),
                                    true};

}  // namespace ffi::explain
