// SPDX-License-Identifier: MIT
// What attacks have to know of the machine: a row for each room, and the row of this one.
#pragma once

#include "base/target.h"

namespace attack {

struct Machine {
  unsigned char jump[20];  // code with a landing pad that goes to the address in it
  unsigned char jump_bytes, address_at;
  unsigned char trap[4];  // code that ends in SIGTRAP, wherever it is entered
};

namespace machines {
namespace x86_64 {
inline constexpr Machine machine = {
    {0xf3, 0x0f, 0x1e, 0xfa,              // endbr64
     0xff, 0x25, 0,    0,    0, 0},       // jmp *0(%rip)
    18, 10, {0xcc, 0xcc, 0xcc, 0xcc}};    // int3
}
namespace i386 {
inline constexpr Machine machine = {
    {0xf3, 0x0f, 0x1e, 0xfb,              // endbr32
     0xb8, 0, 0, 0, 0,                    // movl $address, %eax
     0xff, 0xe0},                         // jmp *%eax
    11, 5, {0xcc, 0xcc, 0xcc, 0xcc}};     // int3
}
namespace aarch64 {
inline constexpr Machine machine = {
    {0x5f, 0x24, 0x03, 0xd5,              // bti c
     0x50, 0x00, 0x00, 0x58,              // ldr x16, . + 8
     0x00, 0x02, 0x1f, 0xd6},             // br x16
    20, 12, {0x00, 0x00, 0x20, 0xd4}};    // brk #0
}
}  // namespace machines

inline constexpr Machine machine = machines::FFI_NATIVE_NAMESPACE::machine;

}  // namespace attack
