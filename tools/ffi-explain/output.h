// SPDX-License-Identifier: MIT
// What the tool prints.
#pragma once

#include <string>

#include "tools/ffi-explain/placement.h"

namespace ffi::explain {

// Tables for people, with a drawing of the stack.
std::string as_text(const Explained &explained);

// One object; the manual page describes its members.
std::string as_json(const Explained &explained);

// The list of conventions, in both forms.
std::string list_as_text();
std::string list_as_json();

// The signature, and a mark below the character where the error shows.
std::string with_mark(std::string_view signature, const SyntaxError &error);

}  // namespace ffi::explain
